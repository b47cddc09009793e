namespace Emulator.Devices;

/// <summary>What a <see cref="ScsiDisk"/> says of itself beyond what every disk does (SPC-3, 6.4.2 and 7.6.3).</summary>
public sealed record ScsiDiskIdentity
{
    /// <summary>T10 VENDOR IDENTIFICATION: at most 8 printable ASCII characters.</summary>
    public string Vendor { get; init; } = "EMULATOR";

    /// <summary>PRODUCT IDENTIFICATION: at most 16 printable ASCII characters.</summary>
    public string Product { get; init; } = "HARDDISK";

    /// <summary>PRODUCT REVISION LEVEL: at most 4 printable ASCII characters.</summary>
    public string Version { get; init; } = "1.0";

    /// <summary>What names the unit, beside its serial number: at most 20 printable ASCII characters; empty for none.</summary>
    public string DeviceId { get; init; } = "";

    /// <summary>World wide name (NAA), or 0 for none.</summary>
    public ulong WorldWideName { get; init; }

    /// <summary>Revolutions a minute, 1025 to 65534; 1 for a medium that does not turn; 0 if it does not say.</summary>
    public int RotationRate { get; init; }
}
