using Emulator.Memory;

namespace Emulator.Pci;

/// <summary>What firmware does to the board before it boots: BARs placed, decoding on, interrupts routed.</summary>
/// <remarks>
/// The places are those that guests find under the firmware they know: I/O from 0xC000 upward, memory packed downward
/// from the I/O APIC at 0xFEC00000. Works through configuration and port accesses, as the real thing does. Run it
/// before the processors start, and again after each reset of the board.
/// </remarks>
public static class FirmwareSetup
{
    /// <summary>The ISA interrupt that power management events raise.</summary>
    public const int SystemControlInterrupt = 9;

    /// <summary>The ISA interrupts that PCI and power management may use, one bit each: not free for ISA devices.</summary>
    public const ushort SharedInterrupts = (1 << 5) | (1 << SystemControlInterrupt) | (1 << 10) | (1 << 11);

    /// <summary>Where the PIIX4's power management ports are put.</summary>
    public const ushort PowerManagementPorts = 0x600;

    private const ulong MemoryHoleStart = 0xE0000000;
    private const ulong MemoryHoleEnd = 0xFEC00000;
    private const ulong IoStart = 0xC000;
    private const ulong LongIoStart = 0x1000;
    private const ulong LongIoSize = 0x9000;
    private const ulong PageSize = 4096;
    private const int EdgeLevelControlPort = 0x4D0;
    private const int PirqRouteControlA = 0x60;
    private const uint PowerManagementFunction = 0x71138086;
    private const int PowerManagementBase = 0x40;
    private const int PowerManagementMiscellaneous = 0x80;

    private static readonly byte[] PirqInterrupts = [10, 10, 11, 11];

    /// <summary>Sets the board up; shadow RAM is left readable and writable, for tables to be put there.</summary>
    /// <param name="bridge">The board's host bridge.</param>
    /// <returns>The windows for which there was no room; they are left where decoding finds nothing.</returns>
    public static IReadOnlyList<PciBar> Run(I440FxHostBridge bridge)
    {
        ArgumentNullException.ThrowIfNull(bridge);
        var bus = bridge.Bus!;
        OpenShadowRam(bus);
        var functions = bus.Functions;
        foreach (var function in functions)
        {
            ChangeCommand(bus, function, PciCommand.IoSpace | PciCommand.MemorySpace, 0);
        }

        var unplaced = new List<PciBar>();
        PlaceIo(bus, functions, unplaced);
        PlaceMemory(bus, functions, bridge, unplaced);
        RouteInterrupts(bus, functions);
        PlacePowerManagement(bus, functions);
        foreach (var function in functions)
        {
            ChangeCommand(bus, function, 0, PciCommand.IoSpace | PciCommand.MemorySpace | PciCommand.SerrEnable);
        }

        return unplaced;
    }

    /// <summary>The addresses below 4 GiB that windows in memory are placed in.</summary>
    /// <param name="bridge">The board's host bridge.</param>
    /// <returns>The first address and the one behind the last.</returns>
    public static (ulong Start, ulong End) MemoryWindow(I440FxHostBridge bridge)
    {
        ArgumentNullException.ThrowIfNull(bridge);
        return (Math.Max(MemoryHoleStart, bridge.LowMemorySize), MemoryHoleEnd);
    }

    /// <summary>Makes 0xF0000 to 0xFFFFF read-only, as firmware leaves it once its tables are there.</summary>
    public static void ProtectTables(I440FxHostBridge bridge)
    {
        ArgumentNullException.ThrowIfNull(bridge);
        bridge.Bus!.WriteConfig(0, 0, ProgrammableAttributeMap.FirstRegister, 1, 0x10);
    }

    private static void OpenShadowRam(PciBus bus)
    {
        for (var i = 0; i < ProgrammableAttributeMap.Registers; i++)
        {
            bus.WriteConfig(0, 0, ProgrammableAttributeMap.FirstRegister + i, 1, 0x33);
        }
    }

    private static void ChangeCommand(PciBus bus, PciFunction function, PciCommand clear, PciCommand set)
    {
        var command = bus.ReadConfig(0, function.DevFn, PciRegister.Command, 2);
        bus.WriteConfig(0, function.DevFn, PciRegister.Command, 2, (command & ~(uint)clear) | (uint)set);
    }

    private static void PlaceIo(PciBus bus, IReadOnlyList<PciFunction> functions, List<PciBar> unplaced)
    {
        var bars = new Windows(functions, bar => bar.Kind == PciBarKind.Io);
        if (bars.Sum <= PortSpace.Ports - IoStart)
        {
            bars.Place(bus, IoStart);
        }
        else if (bars.Sum <= LongIoSize)
        {
            bars.Place(bus, LongIoStart);
        }
        else
        {
            unplaced.AddRange(bars.All);
        }
    }

    private static void PlaceMemory(PciBus bus, IReadOnlyList<PciFunction> functions, I440FxHostBridge bridge, List<PciBar> unplaced)
    {
        var (start, _) = MemoryWindow(bridge);
        if (PlaceInHole(bus, functions, start, bar => bar.Kind != PciBarKind.Io))
        {
            return;
        }

        var large = new Windows(functions, bar => bar.Kind == PciBarKind.Memory64);
        var above = (1UL << 32) + bridge.HighMemorySize;
        large.Place(bus, (above + large.Alignment - 1) & ~(large.Alignment - 1));
        if (!PlaceInHole(bus, functions, start, bar => bar.Kind is PciBarKind.Memory32 or PciBarKind.Rom))
        {
            unplaced.AddRange(new Windows(functions, bar => bar.Kind is PciBarKind.Memory32 or PciBarKind.Rom).All);
        }
    }

    // What is prefetchable and what is not are two groups, the one of smaller alignment at the top.
    private static bool PlaceInHole(PciBus bus, IReadOnlyList<PciFunction> functions, ulong start, Predicate<PciBar> which)
    {
        var upper = new Windows(functions, bar => which(bar) && bar.Prefetchable);
        var lower = new Windows(functions, bar => which(bar) && !bar.Prefetchable);
        if (lower.Alignment < upper.Alignment)
        {
            (upper, lower) = (lower, upper);
        }

        if (upper.Sum + lower.Sum > MemoryHoleEnd - start)
        {
            return false;
        }

        var upperBase = (MemoryHoleEnd - upper.Sum) & ~(upper.Alignment - 1);
        var lowerBase = (upperBase - lower.Sum) & ~(lower.Alignment - 1);
        if (lowerBase < start || lowerBase > MemoryHoleEnd)
        {
            return false;
        }

        upper.Place(bus, upperBase);
        lower.Place(bus, lowerBase);
        return true;
    }

    private static void RouteInterrupts(PciBus bus, IReadOnlyList<PciFunction> functions)
    {
        const int IsaBridge = 1 << 3;
        var levels = 1 << SystemControlInterrupt;
        for (var pirq = 0; pirq < PciInterruptRouter.Pirqs; pirq++)
        {
            bus.WriteConfig(0, IsaBridge, PirqRouteControlA + pirq, 1, PirqInterrupts[pirq]);
            levels |= 1 << PirqInterrupts[pirq];
        }

        bus.Ports.Write(EdgeLevelControlPort, 1, (byte)levels);
        bus.Ports.Write(EdgeLevelControlPort + 1, 1, (byte)(levels >> 8));
        foreach (var function in functions)
        {
            var pin = (int)bus.ReadConfig(0, function.DevFn, PciRegister.InterruptPin, 1);
            if (pin != 0)
            {
                var irq = PirqInterrupts[PciInterruptRouter.Pirq(function.DevFn >> 3, pin)];
                bus.WriteConfig(0, function.DevFn, PciRegister.InterruptLine, 1, irq);
            }
        }
    }

    private static void PlacePowerManagement(PciBus bus, IReadOnlyList<PciFunction> functions)
    {
        foreach (var function in functions)
        {
            if (bus.ReadConfig(0, function.DevFn, PciRegister.VendorId, 4) == PowerManagementFunction)
            {
                bus.WriteConfig(0, function.DevFn, PciRegister.InterruptLine, 1, SystemControlInterrupt);
                bus.WriteConfig(0, function.DevFn, PowerManagementBase, 4, PowerManagementPorts | 1);
                bus.WriteConfig(0, function.DevFn, PowerManagementMiscellaneous, 1, 1);
            }
        }
    }

    /// <summary>Windows that lie side by side, the largest first, so that each is aligned if the first is.</summary>
    private sealed class Windows
    {
        private readonly List<(PciFunction Function, PciBar Bar)> _bars = [];

        public Windows(IReadOnlyList<PciFunction> functions, Predicate<PciBar> which)
        {
            foreach (var function in functions)
            {
                foreach (var bar in function.Bars.OrderBy(bar => bar.Index))
                {
                    if (which(bar))
                    {
                        var at = _bars.FindIndex(other => Room(other.Bar) < Room(bar));
                        _bars.Insert(at < 0 ? _bars.Count : at, (function, bar));
                        Sum += Room(bar);
                    }
                }
            }
        }

        public ulong Sum { get; }

        public ulong Alignment => _bars.Count == 0 ? 1 : Room(_bars[0].Bar);

        public IEnumerable<PciBar> All => _bars.ConvertAll(each => each.Bar);

        public void Place(PciBus bus, ulong address)
        {
            foreach (var (function, bar) in _bars)
            {
                bus.WriteConfig(0, function.DevFn, bar.Offset, 4, (uint)address);
                if (bar.Kind == PciBarKind.Memory64)
                {
                    bus.WriteConfig(0, function.DevFn, bar.Offset + 4, 4, (uint)(address >> 32));
                }

                address += Room(bar);
            }
        }

        // No two windows in memory share a page, so that each can be mapped by itself.
        private static ulong Room(PciBar bar) => bar.Kind == PciBarKind.Io ? bar.Size : Math.Max(bar.Size, PageSize);
    }
}
