using Emulator.Memory;

namespace Emulator.Devices;

/// <summary>Where the controller owes its driver an order, whatever the bus orders.</summary>
public static class E1000Sites
{
    /// <summary>In <c>E1000Receiver.HandOver</c>.</summary>
    public static OrderingSite BodyBeforeDone { get; } = new(
        "e1000.rx.body-before-dd",
        "writes the packet and the descriptor's body with DD clear, then the status byte with DD by one store",
        "reads DD, read barrier, reads length, errors and packet",
        "MP")
    {
        HasPair = true,
    };

    /// <summary>In <c>E1000Transmitter.Work</c>.</summary>
    public static OrderingSite ReadBeforeDone { get; } = new(
        "e1000.tx.read-before-dd",
        "finishes reading a descriptor's buffer, then stores DD",
        "reads DD, then fills the buffer anew",
        "LB")
    {
        HasPair = true,
    };

    /// <summary>In <c>E1000Transmitter.Run</c> and <c>E1000Receiver.Run</c>.</summary>
    public static OrderingSite TailBeforeDescriptor { get; } = new(
        "e1000.tail-before-descriptor",
        "takes the tail over, read barrier, reads the descriptors before it",
        "writes descriptors, write barrier, writes the tail",
        "MP");

    /// <summary>Every site of the controller.</summary>
    public static IReadOnlyList<OrderingSite> All { get; } = [BodyBeforeDone, ReadBeforeDone, TailBeforeDescriptor];
}
