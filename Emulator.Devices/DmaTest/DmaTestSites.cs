using Emulator.Memory;

namespace Emulator.Devices;

/// <summary>Where the function itself asks for a fence, whatever the bus orders (data sheet, "Ordering sites").</summary>
public static class DmaTestSites
{
    /// <summary>In <c>DmaTestScript.WriteRecord</c>.</summary>
    public static OrderingSite RecordBeforeStatus { get; } = new(
        "dma-test.completion.record-before-status",
        "writes the body of the completion record, then publishes its first 8 bytes, STATUS and SEQUENCE",
        "reads SEQUENCE, read barrier, reads the body",
        "MP")
    {
        HasPair = true,
    };

    /// <summary>In <c>DmaTestScript.Publish</c>.</summary>
    public static OrderingSite Publish { get; } = new(
        "dma-test.publish",
        "does everything the script asked for before a PUBLISH, then stores its word",
        "reads the word, read barrier, reads what it hands over",
        "MP");

    /// <summary>Every site of the function.</summary>
    public static IReadOnlyList<OrderingSite> All { get; } = [RecordBeforeStatus, Publish];
}
