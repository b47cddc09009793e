using Emulator.Memory;

namespace Emulator.Pci;

/// <summary>The 82441FX host bridge at 00:00.0: where RAM is, shadow RAM, SMRAM, and the way to configuration space.</summary>
/// <remarks>
/// Owns the decoding of RAM: 0 to 0x9FFFF, the shadow from 0xC0000, from 1 MiB to the PCI hole, and what is left from
/// 4 GiB up. The frame buffer window at 0xA0000 belongs to PCI unless SMRAM is open. The command and status registers
/// reset to zero as on the virtual board that guests know, and not to the part's 0006h and 0280h. Does not implement:
/// DRAM timing and row boundaries (the registers store), system management mode.
/// </remarks>
public sealed class I440FxHostBridge : PciFunction
{
    private const int Smram = 0x72;
    private const int SmramOpen = 1 << 6;
    private const int SmramClosed = 1 << 5;
    private const int SmramLock = 1 << 4;
    private const int SmramEnable = 1 << 3;
    private const uint SmramWritable = SmramOpen | SmramClosed | SmramLock | SmramEnable;
    private const ulong FourGigabytes = 1UL << 32;
    private const ulong FirmwareWindow = 0x20000;

    private readonly GuestMemory _memory;
    private readonly ProgrammableAttributeMap _shadow;
    private readonly MemoryRegion _smram;
    private readonly PciConfigPorts _configPorts;

    /// <summary>Puts the bridge and the RAM behind it on the board.</summary>
    /// <param name="bus">The bus; the bridge takes 00:00.0 and ports 0xCF8 to 0xCFF.</param>
    /// <param name="ram">All of the machine's RAM, at least 1 MiB.</param>
    /// <param name="firmware">The image that ends at 4 GiB, whose last 128 KiB are also seen below 1 MiB; or null.</param>
    /// <exception cref="ArgumentException">Less than 1 MiB of RAM, or firmware of more than 16 MiB.</exception>
    public I440FxHostBridge(PciBus bus, RamBlock ram, RamBlock? firmware = null)
        : base("i440fx", new PciIdentity(0x8086, 0x1237, 2, 0x060000))
    {
        ArgumentNullException.ThrowIfNull(bus);
        ArgumentNullException.ThrowIfNull(ram);
        if (ram.Size < 0x100000)
        {
            throw new ArgumentException("The board has at least 1 MiB of RAM.", nameof(ram));
        }

        if (firmware?.Size > 16 << 20)
        {
            throw new ArgumentException("Firmware is at most 16 MiB.", nameof(firmware));
        }

        _memory = bus.Memory;
        (LowMemorySize, HighMemorySize) = Split(ram.Size);
        for (var offset = 0x50; offset < 0x59; offset++)
        {
            Config.Define(offset, 1, 0, 0xFF);
        }

        Config.Define(ProgrammableAttributeMap.FirstRegister, 1, 0, 0x70);
        for (var i = 1; i < ProgrammableAttributeMap.Registers; i++)
        {
            Config.Define(ProgrammableAttributeMap.FirstRegister + i, 1, 0, 0x77);
        }

        for (var offset = 0x60; offset < 0x72; offset++)
        {
            Config.Define(offset, 1, 0, 0xFF);
        }

        Config.Define(Smram, 1, 2, SmramWritable);
        ReserveRegisters(0x94);

        using (_memory.Change())
        {
            _memory.AddRam("ram below 640K", 0, ram, 0, 0xA0000);
            if (LowMemorySize > 0x100000)
            {
                _memory.AddRam("ram below 4G", 0x100000, ram, 0x100000, LowMemorySize - 0x100000);
            }

            if (HighMemorySize != 0)
            {
                _memory.AddRam("ram above 4G", FourGigabytes, ram, LowMemorySize, HighMemorySize);
            }

            _smram = _memory.AddRam("smram", 0xA0000, ram, 0xA0000, 0x20000, priority: 1);
            _memory.SetEnabled(_smram, false);
            if (firmware is not null)
            {
                var window = Math.Min(firmware.Size, FirmwareWindow);
                _memory.AddRom("firmware", FourGigabytes - firmware.Size, firmware, 0, firmware.Size, priority: 0);
                _memory.AddRom("firmware below 1M", 0x100000 - window, firmware, firmware.Size - window, window, priority: 0);
            }

            _shadow = new ProgrammableAttributeMap(_memory, ram, firmware);
        }

        _configPorts = new PciConfigPorts(bus);
        bus.Ports.Add("pci configuration", PciConfigPorts.FirstPort, PciConfigPorts.Count, _configPorts, widest: 4);
        bus.Add(this, 0);
    }

    /// <summary>Where RAM below 4 GiB ends and the PCI hole begins.</summary>
    public ulong LowMemorySize { get; }

    /// <summary>Bytes of RAM from 4 GiB up.</summary>
    public ulong HighMemorySize { get; }

    /// <inheritdoc/>
    protected override void OnConfigWritten(int offset, int size)
    {
        if (offset < ProgrammableAttributeMap.FirstRegister + ProgrammableAttributeMap.Registers
            && offset + size > ProgrammableAttributeMap.FirstRegister)
        {
            _shadow.Update(Config);
        }

        if (offset <= Smram && offset + size > Smram)
        {
            UpdateSmram();
        }
    }

    /// <inheritdoc/>
    protected override void OnReset()
    {
        Config.Define(Smram, 1, 2, SmramWritable);
        _shadow.Update(Config);
        _memory.SetEnabled(_smram, false);
        _configPorts.Reset();
    }

    // Above 3.5 GiB the hole grows to a whole gigabyte, so that what moves above 4 GiB can be mapped by large pages.
    private static (ulong Low, ulong High) Split(ulong size)
    {
        const ulong Whole = 0xE0000000;
        const ulong Shortened = 0xC0000000;
        return size < Whole ? (size, 0) : (Shortened, size - Shortened);
    }

    private void UpdateSmram()
    {
        var value = Config.ReadByte(Smram);
        if ((value & SmramLock) != 0)
        {
            // D_LCK closes D_OPEN and makes both read-only until a reset.
            value = (byte)(value & ~SmramOpen);
            Config.Define(Smram, 1, value, SmramClosed);
        }

        _memory.SetEnabled(_smram, (value & (SmramOpen | SmramEnable)) == (SmramOpen | SmramEnable));
    }
}
