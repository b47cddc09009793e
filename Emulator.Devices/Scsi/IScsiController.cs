namespace Emulator.Devices;

/// <summary>A function with a SCSI bus, which the machine puts logical units on before it runs.</summary>
public interface IScsiController
{
    /// <summary>Its bus.</summary>
    ScsiBus ScsiBus { get; }
}
