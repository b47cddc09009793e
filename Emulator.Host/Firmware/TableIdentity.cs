namespace Emulator.Host.Firmware;

/// <summary>Who the tables say made them.</summary>
internal static class TableIdentity
{
    /// <summary>At most six characters.</summary>
    public const string Oem = "EMUNET";

    /// <summary>At most eight characters.</summary>
    public const string Table = "I440FXPC";

    /// <summary>Four characters.</summary>
    public const string Creator = "EMUN";
}
