using Emulator.Memory;
using Emulator.Pci;

namespace Emulator.Devices.Tests;

/// <summary>A bus with RAM and ROM and one network controller, whose wire ends at the test; no processor.</summary>
/// <remarks>The test is the driver, through the windows, and the back end, through <see cref="BackEnd"/>. Time moves by <see cref="Clock"/> only.</remarks>
/// <typeparam name="TFunction">The controller.</typeparam>
internal sealed class NicBoard<TFunction> : FunctionBoard<TFunction>
    where TFunction : PciFunction, IDisposable
{
    public const ulong RamSize = 4 << 20;

    private const ulong FirstWindow = 0xFEB0_0000;
    private const ushort FirstPort = 0xC000;

    /// <summary>Makes the controller, places its windows, and lets it be a bus master.</summary>
    /// <param name="make">Makes it from its thread, its clock and its end of the wire.</param>
    /// <param name="ordering">What the bus orders.</param>
    public NicBoard(Func<IoThread, IClock, NetworkPort, TFunction> make, DmaOrdering ordering = DmaOrdering.Full)
        : base(RamSize, ordering)
    {
        (var controller, BackEnd) = NetworkPort.CreateWire();
        Plug(make(Thread, Clock, controller));
    }

    public ManualClock Clock { get; } = new();

    /// <summary>The other end of the wire.</summary>
    public NetworkPort BackEnd { get; }

    /// <summary>Where the window of a memory BAR is.</summary>
    public static ulong Window(int bar) => FirstWindow + ((ulong)bar << 20);

    /// <summary>The first port of an I/O BAR.</summary>
    public static ushort Port(int bar) => (ushort)(FirstPort + (bar << 8));

    /// <summary>Puts a frame on the wire, for the controller to receive.</summary>
    public void Send(ReadOnlySpan<byte> frame)
    {
        var copy = frame.ToArray();
        Deadline.Until(() => BackEnd.TrySend(copy), "there is room on the wire");
    }

    /// <summary>Waits for the next frame that the controller sends.</summary>
    public byte[] Receive()
    {
        byte[]? frame = null;
        Deadline.Until(() => (frame = TryReceive()) is not null, "a frame is sent");
        return frame!;
    }

    /// <summary>The next frame that the controller has sent, or null.</summary>
    public byte[]? TryReceive()
    {
        if (!BackEnd.TryPeek(out var frame))
        {
            return null;
        }

        var copy = frame.ToArray();
        BackEnd.Consume();
        return copy;
    }

    /// <summary>Lets the I/O thread end what it does, moves time on, and lets it do what is due.</summary>
    public void Advance(long nanoseconds)
    {
        Settle();
        Clock.Advance(nanoseconds);
        Settle();
    }

    protected override uint AddressOf(PciBar bar) => bar.Kind == PciBarKind.Io ? Port(bar.Index) : (uint)Window(bar.Index);
}
