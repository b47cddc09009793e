using System.Collections.Concurrent;
using Emulator.Memory;
using Emulator.Pci;

namespace Emulator.Devices.Tests;

/// <summary>What network controllers do before they are on a bus, which is nothing, and what begins when they are.</summary>
public sealed class AttachTests
{
    private static readonly Dictionary<string, Func<IoThread, IClock, NetworkPort, PciFunction>> s_controllers = new()
    {
        ["e1000"] = (thread, clock, port) => new E1000Function("nic", thread, clock, port, E1000Board.Station),
        ["eepro100"] = (thread, clock, port) => new Eepro100Function("nic", Eepro100Variant.I82559C, thread, clock, port, E1000Board.Station),
        ["rtl8139"] = (thread, clock, port) => new Rtl8139Function("nic", Rtl8139Variant.C, thread, clock, port, E1000Board.Station),
    };

    public static TheoryData<string> Names => [.. s_controllers.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_controller_on_no_bus_does_nothing_whatever_the_wire_does(string name)
    {
        using var rig = new Rig(name);
        rig.UseWire();
        Assert.Equal(0, rig.Queue.Posted);
        Assert.Equal(long.MaxValue, rig.Clock.NextDueNanoseconds);
        Assert.Equal(0, rig.Function.Config.ReadWord(PciRegister.Status) & (int)PciStatus.InterruptStatus);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Being_attached_begins_it_and_finds_what_is_on_the_wire(string name)
    {
        using var rig = new Rig(name);
        rig.UseWire();
        rig.Attach();
        Assert.NotEqual(0, rig.Queue.Posted);
        Assert.Equal(MiiPhy.NegotiationNanoseconds, rig.Clock.NextDueNanoseconds);
        Assert.False(rig.HasLink);
        rig.Clock.Advance(MiiPhy.NegotiationNanoseconds);
        rig.Queue.Drain();
        Assert.True(rig.HasLink);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Once_attached_it_is_told_what_comes_on_the_wire(string name)
    {
        using var rig = new Rig(name);
        rig.Attach();
        var before = rig.Queue.Posted;
        rig.UseWire();
        Assert.True(rig.Queue.Posted > before);
        rig.Queue.Drain();
    }

    /// <summary>A controller, its wire, and a bus that it is not on yet.</summary>
    private sealed class Rig : IDisposable
    {
        private readonly ConcurrentQueue<Exception> _failures = new();
        private readonly IoThread _thread;
        private readonly GuestMemory _memory = new();
        private readonly NetworkPort _end;

        public Rig(string name)
        {
            _thread = new IoThread("io", (_, e) => _failures.Enqueue(e));
            (var port, _end) = NetworkPort.CreateWire();
            Function = s_controllers[name](_thread, Clock, port);
        }

        public ManualClock Clock { get; } = new();

        public PciFunction Function { get; }

        public IoQueue Queue => Function switch
        {
            E1000Function e1000 => e1000.Queue,
            Eepro100Function eepro100 => eepro100.Queue,
            _ => ((Rtl8139Function)Function).Queue,
        };

        public bool HasLink => Function switch
        {
            E1000Function e1000 => e1000.IsLinkUp,
            Eepro100Function eepro100 => eepro100.Link.IsUp,
            _ => ((Rtl8139MediaStatus)ReadByte((ulong)Rtl8139Register.MediaStatus) & Rtl8139MediaStatus.NoLink) == 0,
        };

        /// <summary>A frame comes, the plug is pulled, and put in again.</summary>
        public void UseWire()
        {
            Assert.True(_end.TrySend(E1000Board.Frame(60)));
            _end.SetUp(false);
            _end.SetUp(true);
        }

        public void Attach()
        {
            new PciBus(_memory, new PortSpace()).Add(Function, 3 << 3);
            Queue.Drain();
        }

        private ulong ReadByte(ulong offset)
        {
            Assert.Equal(BusStatus.Ok, ((IBusTarget)Function).Read(offset, 1, out var value));
            return value;
        }

        public void Dispose()
        {
            ((IDisposable)Function).Dispose();
            _thread.Dispose();
            _memory.Dispose();
            Assert.Empty(_failures);
        }
    }
}
