namespace Emulator.Pci;

/// <summary>Registers of a header of type 1, where it differs from type 0 (PCI-to-PCI Bridge 1.1, 3.2).</summary>
public static class PciBridgeRegister
{
    /// <summary>Number of the bus the bridge is on, byte.</summary>
    public const int PrimaryBus = 0x18;

    /// <summary>Number of the bus below, byte.</summary>
    public const int SecondaryBus = 0x19;

    /// <summary>The highest bus number below, byte.</summary>
    public const int SubordinateBus = 0x1A;

    /// <summary>Latency timer of the bus below, byte.</summary>
    public const int SecondaryLatencyTimer = 0x1B;

    /// <summary>I/O base and limit, a byte each.</summary>
    public const int IoBase = 0x1C;

    /// <summary>Status of the bus below, word.</summary>
    public const int SecondaryStatus = 0x1E;

    /// <summary>Memory base and limit, a word each.</summary>
    public const int MemoryBase = 0x20;

    /// <summary>Prefetchable memory base and limit, a word each; 64 bits by the two dwords behind.</summary>
    public const int PrefetchableBase = 0x24;

    /// <summary>Bridge control, word.</summary>
    public const int Control = 0x3E;

    /// <summary>Bit of <see cref="Control"/>: RST# on the bus below.</summary>
    public const ushort SecondaryReset = 1 << 6;
}

/// <summary>A PCI-to-PCI bridge that decodes subtractively, the 82801's (8086:244E), and the bus below it.</summary>
/// <remarks>
/// <para>What the command register enables passes: I/O and memory accesses downwards, DMA and messages upwards. So a
/// function below masters the bus only while its own bit and that of every bridge above are set.</para>
/// <para>A subtractive bridge forwards what nobody else claims, so the base and limit registers store and have no
/// effect. Does not implement: VGA and ISA modes, error reporting, keeping DMA to addresses outside the windows.</para>
/// </remarks>
public sealed class PciBridge : PciFunction
{
    /// <summary>What a bridge lets through, or not.</summary>
    internal const PciCommand Gates = PciCommand.IoSpace | PciCommand.MemorySpace | PciCommand.BusMaster;

    private bool _inReset;

    /// <summary>Puts the bridge on a bus.</summary>
    /// <param name="name">What messages and the monitor call it.</param>
    /// <param name="primary">The bus above.</param>
    /// <param name="devFn">Slot × 8 + function.</param>
    public PciBridge(string name, PciBus primary, int devFn)
        : base(name, new PciIdentity(0x8086, 0x244E, 0x92, 0x060401))
    {
        ArgumentNullException.ThrowIfNull(primary);
        Config.Define(PciRegister.HeaderType, 1, 0x01);
        Config.Define(PciBridgeRegister.PrimaryBus, 4, 0, 0xFFFFFFFF);
        Config.Define(PciBridgeRegister.IoBase, 2, 0, 0xF0F0);
        Config.Define(PciBridgeRegister.SecondaryStatus, 2, 0x0280, clearedByOne: (uint)PciStatus.Errors);
        Config.Define(PciBridgeRegister.MemoryBase, 4, 0, 0xFFF0FFF0);
        Config.Define(PciBridgeRegister.PrefetchableBase, 4, 0x00010001, 0xFFF0FFF0);
        Config.Define(PciBridgeRegister.PrefetchableBase + 4, 4, 0, 0xFFFFFFFF);
        Config.Define(PciBridgeRegister.PrefetchableBase + 8, 4, 0, 0xFFFFFFFF);
        Config.Define(PciBridgeRegister.Control, 2, 0, 0x0FEF);
        Secondary = new PciBus(this, primary);
        primary.Add(this, devFn);
    }

    /// <summary>The bus below.</summary>
    public PciBus Secondary { get; }

    internal int SecondaryBusNumber => Config.ReadByte(PciBridgeRegister.SecondaryBus);

    internal int SubordinateBusNumber => Config.ReadByte(PciBridgeRegister.SubordinateBus);

    internal override void Follow()
    {
        base.Follow();
        Secondary.Follow();
    }

    /// <inheritdoc/>
    protected override void OnConfigWritten(int offset, int size)
    {
        var inReset = (Config.ReadWord(PciBridgeRegister.Control) & PciBridgeRegister.SecondaryReset) != 0;
        if (inReset && !_inReset)
        {
            Secondary.Reset();
        }

        _inReset = inReset;
    }

    /// <inheritdoc/>
    protected override void OnReset()
    {
        _inReset = false;
        Secondary.Reset();
    }
}
