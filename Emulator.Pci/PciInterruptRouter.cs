namespace Emulator.Pci;

/// <summary>Leads the slots' INTx pins over PIRQA to PIRQD to ISA interrupts.</summary>
/// <remarks>
/// A wire is asserted while any of its sources is, so functions may share one. May be driven from any thread; its
/// lock comes after every device's and before the interrupt controller's.
/// </remarks>
public sealed class PciInterruptRouter
{
    /// <summary>How many PIRQ wires there are.</summary>
    public const int Pirqs = 4;

    // Timer, keyboard, cascade, clock and coprocessor are wired on the board (82371SB, PIRQRC).
    private const int Unroutable = (1 << 0) | (1 << 1) | (1 << 2) | (1 << 8) | (1 << 13);
    private const byte RouteDisabled = 0x80;

    private readonly Lock _lock = new();
    private readonly int[] _sources = new int[Pirqs];
    private readonly byte[] _routes = [RouteDisabled, RouteDisabled, RouteDisabled, RouteDisabled];
    private IReadOnlyList<InterruptLine> _isa = [];
    private int _driven;

    /// <summary>Which PIRQ a pin leads to on this board.</summary>
    /// <param name="slot">0 to 31.</param>
    /// <param name="pin">1 to 4 for INTA to INTD.</param>
    /// <returns>0 to 3 for PIRQA to PIRQD.</returns>
    public static int Pirq(int slot, int pin) => (slot - 1 + pin - 1) & (Pirqs - 1);

    /// <summary>Which ISA interrupt a PIRQ leads to now, or -1.</summary>
    public int IsaInterrupt(int pirq)
    {
        lock (_lock)
        {
            return Target(pirq);
        }
    }

    /// <summary>Connects the 16 ISA interrupts.</summary>
    internal void Connect(IReadOnlyList<InterruptLine> isaInterrupts)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(isaInterrupts.Count, 16);
        lock (_lock)
        {
            _isa = isaInterrupts;
            Update();
        }
    }

    /// <summary>Sets a PIRQ routing register: bit 7 disables, bits 3:0 are the ISA interrupt.</summary>
    internal void SetRoute(int pirq, byte value)
    {
        lock (_lock)
        {
            _routes[pirq] = value;
            Update();
        }
    }

    /// <summary>One more or one less source asserts a PIRQ.</summary>
    internal void Drive(int pirq, bool asserted)
    {
        lock (_lock)
        {
            _sources[pirq] += asserted ? 1 : -1;
            Update();
        }
    }

    private int Target(int pirq)
    {
        var irq = _routes[pirq] & 0xF;
        return (_routes[pirq] & RouteDisabled) != 0 || (Unroutable & (1 << irq)) != 0 ? -1 : irq;
    }

    private void Update()
    {
        if (_isa.Count == 0)
        {
            return;
        }

        var levels = 0;
        for (var pirq = 0; pirq < Pirqs; pirq++)
        {
            if (_sources[pirq] > 0 && Target(pirq) is >= 0 and var irq)
            {
                levels |= 1 << irq;
            }
        }

        var changed = levels ^ _driven;
        _driven = levels;
        for (var irq = 0; changed != 0; irq++, changed >>= 1)
        {
            if ((changed & 1) != 0)
            {
                _isa[irq].Set((levels & (1 << irq)) != 0);
            }
        }
    }
}
