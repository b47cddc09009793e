using Emulator.Memory;

namespace Emulator.Devices;

/// <summary>Where the controller owes its driver an order (docs/devices/rtl8139.md, "Ordering sites").</summary>
public static class Rtl8139Sites
{
    /// <summary>In <c>Rtl8139ReceiveRing.Put</c>.</summary>
    public static OrderingSite PacketHeaderCbr { get; } = new(
        "rtl8139.rx.packet-header-cbr",
        "writes packet and frame check sequence into the ring, then the header before them, then moves CBR, then raises ROK",
        "reads CR until the ring is not empty, read barrier, reads header and packet",
        "MP")
    {
        HasPair = true,
    };

    /// <summary>In <c>Rtl8139NormalTransmitter</c> for a descriptor in a register, in <c>Rtl8139CPlusTransmitter</c> for one in memory.</summary>
    public static OrderingSite ReadBeforeOwn { get; } = new(
        "rtl8139.tx.read-before-own",
        "finishes reading the buffer, then gives the descriptor back (OWN and TOK), then raises TOK",
        "reads the descriptor until it is its own, then fills the buffer anew",
        "LB")
    {
        HasPair = true,
    };

    /// <summary>In <c>Rtl8139CPlusReceiver.Put</c>.</summary>
    public static OrderingSite BodyBeforeOwn { get; } = new(
        "rtl8139.cplus.rx.body-before-own",
        "writes the packet and the rest of the descriptor, then the word of it in which OWN is clear",
        "reads that word until OWN is clear, read barrier, reads the rest",
        "MP")
    {
        HasPair = true,
    };

    /// <summary>In <c>Rtl8139Transmitter.Run</c> and <c>Rtl8139Receiver.Run</c>.</summary>
    public static OrderingSite PollBeforeDescriptor { get; } = new(
        "rtl8139.poll-before-descriptor",
        "takes notice of TPPoll, TSD or CAPR, then reads descriptors and buffers",
        "fills buffer and descriptor, write barrier, writes the register",
        "MP");

    /// <summary>In <c>Rtl8139DescriptorRing.Load</c>: it goes on along a ring without being told.</summary>
    public static OrderingSite OwnBeforeBody { get; } = new(
        "rtl8139.cplus.own-before-body",
        "reads a descriptor's word with OWN, then the rest of it",
        "fills the rest, write barrier, writes the word with OWN",
        "MP");

    /// <summary>Every site of the controller.</summary>
    public static IReadOnlyList<OrderingSite> All { get; } =
        [PacketHeaderCbr, ReadBeforeOwn, BodyBeforeOwn, PollBeforeDescriptor, OwnBeforeBody];
}
