namespace Emulator.Devices;

/// <summary>How much memory firmware is to find in the CMOS RAM.</summary>
/// <param name="Below4GiB">Bytes of RAM from address 0 up, the hole below 1 MiB counted as RAM.</param>
/// <param name="Above4GiB">Bytes of RAM from 4 GiB up.</param>
public readonly record struct CmosMemorySize(ulong Below4GiB, ulong Above4GiB);
