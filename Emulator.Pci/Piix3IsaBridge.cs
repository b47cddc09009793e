namespace Emulator.Pci;

/// <summary>What a guest asked for at the reset control register.</summary>
public enum ResetKind : byte
{
    /// <summary>The processors only (INIT).</summary>
    Soft,

    /// <summary>The whole board.</summary>
    Hard,
}

/// <summary>The 82371SB (PIIX3) at 00:01.0: PCI interrupt routing, edge/level control, reset control.</summary>
/// <remarks>
/// The ISA devices that the part contains are in <c>Emulator.Devices</c>. Its other functions (IDE, USB) are separate
/// ones; the header says "multi-function" without them, as the real part's does. Registers of DMA, chip selects and
/// system management store and have no effect.
/// </remarks>
public sealed class Piix3IsaBridge : PciFunction
{
    private const int PirqRouteControlA = 0x60;

    private readonly PciInterruptRouter _router;
    private readonly EdgeLevelControl _edgeLevel;
    private readonly ResetControl _resetControl;

    /// <summary>Puts the bridge on the board.</summary>
    /// <param name="bus">The bus; the bridge takes 00:01.0 and ports 0x4D0, 0x4D1 and 0xCF9.</param>
    /// <param name="isaInterrupts">The inputs of the interrupt controllers, IRQ 0 to 15, which PCI interrupts are led to.</param>
    /// <param name="triggerModes">Told of the inputs that are level-triggered, one bit each, whenever the guest changes them.</param>
    /// <param name="reset">Told when the guest asks for a reset, on the thread that wrote the register.</param>
    public Piix3IsaBridge(PciBus bus, IReadOnlyList<InterruptLine> isaInterrupts, Action<ushort>? triggerModes = null, Action<ResetKind>? reset = null)
        : base("piix3", new PciIdentity(0x8086, 0x7000, 0, 0x060100))
    {
        ArgumentNullException.ThrowIfNull(bus);
        ArgumentNullException.ThrowIfNull(isaInterrupts);
        _router = bus.Interrupts;
        _edgeLevel = new EdgeLevelControl(triggerModes);
        _resetControl = new ResetControl(reset);

        // Reset values: 82371SB, 3.1.
        Config.Set(PciRegister.Command, 2, 0x0007);
        Config.SetBits(PciRegister.Status, 2, 0x0600, 0x0200);
        Config.Define(PciRegister.HeaderType, 1, 0x80);
        Config.Define(0x4C, 1, 0x4D, 0x7F);
        Config.Define(0x4E, 2, 0x0003, 0x01FF);
        for (var pirq = 0; pirq < PciInterruptRouter.Pirqs; pirq++)
        {
            Config.Define(PirqRouteControlA + pirq, 1, 0x80, 0x8F);
        }

        Config.Define(0x69, 1, 0x02, 0xFE);
        Config.Define(0x70, 1, 0x80, 0xEF);
        Config.Define(0x76, 1, 0x0C, 0x8F);
        Config.Define(0x77, 1, 0x0C, 0x8F);
        Config.Define(0x78, 2, 0x0002, 0xFFFF);
        Config.Define(0x82, 1, 0, 0x0F);
        Config.Define(0xA0, 1, 0x08, 0x1F);
        Config.Define(0xA2, 2, 0, 0x01FF);
        Config.Define(0xA4, 4, 0, 0xFFFFFFFF);
        Config.Define(0xA8, 1, 0x0F, 0xFF);
        Config.Define(0xAA, 2, 0, 0x01FF);
        Config.Define(0xAC, 1, 0, 0xFF);
        Config.Define(0xAE, 1, 0, 0xFF);
        ReserveRegisters(0xB0);

        _router.Connect(isaInterrupts);
        bus.Ports.Add("edge/level control", EdgeLevelControl.FirstPort, EdgeLevelControl.Count, _edgeLevel);
        bus.Ports.Add("reset control", ResetControl.Port, 1, _resetControl, priority: 1);
        bus.Add(this, 1 << 3);
    }

    /// <summary>The level-triggered interrupts, one bit each (ELCR). Any thread.</summary>
    public ushort LevelTriggered => _edgeLevel.Value;

    /// <inheritdoc/>
    protected override void OnConfigWritten(int offset, int size)
    {
        if (offset < PirqRouteControlA + PciInterruptRouter.Pirqs && offset + size > PirqRouteControlA)
        {
            UpdateRoutes();
        }
    }

    /// <inheritdoc/>
    protected override void OnReset()
    {
        UpdateRoutes();
        _edgeLevel.Reset();
        _resetControl.Reset();
    }

    private void UpdateRoutes()
    {
        for (var pirq = 0; pirq < PciInterruptRouter.Pirqs; pirq++)
        {
            _router.SetRoute(pirq, Config.ReadByte(PirqRouteControlA + pirq));
        }
    }
}
