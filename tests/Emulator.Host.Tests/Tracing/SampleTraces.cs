using Emulator.Host.Tracing;

namespace Emulator.Host.Tests.Tracing;

/// <summary>Traces made by hand.</summary>
internal static class SampleTraces
{
    public static TraceHeader Header { get; } = new()
    {
        Model = "weak",
        Schedule = "random",
        Seed = 18446744073709551615,
        Lanes = [new TraceLane("cpu0", IsProcessor: true), new TraceLane("nic", IsProcessor: false)],
    };

    /// <summary>Message passing with the fence dropped: a flag visible before its data, a message, its interrupt, and some of everything else.</summary>
    public static TraceEvent[] MessagePassing { get; } =
    [
        Event(1, "nic", TraceKind.Write) with { Address = 0x101000, Length = 4, Value = 7, Ordering = "relaxed", Visible = new TraceSpan(2, 2) },
        Event(2, "nic", TraceKind.Publish) with
        {
            Address = 0x101040, Length = 4, Value = 1, Site = "virtio.used-elem-before-idx", Mutation = "dropped", Visible = new TraceSpan(1, 1),
        },
        Event(3, "cpu0", TraceKind.Read) with { Address = 0x101040, Length = 4, Value = 1, Visible = new TraceSpan(1, 1), From = [2] },
        Event(4, "cpu0", TraceKind.Read) with { Address = 0x101000, Length = 4, Value = 0, Visible = new TraceSpan(1, 1) },
        Event(5, "nic", TraceKind.Message) with { Address = 0xFEE00000, Length = 4, Value = 0x4041, Fences = ["full", "release"] },
        Event(6, "cpu0", TraceKind.Interrupt) with { Value = 0x41 },
        Event(7, "cpu0", TraceKind.RegisterRead) with { Function = "nic", Address = 0xFEBF0010, Length = 4, Value = 1 },
        Event(8, "nic", TraceKind.Fence) with { Fences = ["full"] },
        Event(9, "nic", TraceKind.Read) with { Address = ulong.MaxValue - 15, Length = 16, Status = "NotMapped", Visible = new TraceSpan(2, 2) },
    ];

    public static TraceViolation[] Violations { get; } = [new TraceViolation(1, 2, "the flag <before> its data")];

    public static TracePicture Picture { get; } = Draw(MessagePassing, Violations);

    public static TraceEvent Event(long sequence, string lane, TraceKind kind) => new() { Sequence = sequence, Lane = lane, Kind = kind };

    public static TracePicture Draw(IReadOnlyList<TraceEvent> events, params TraceViolation[] violations) => new(new Trace(Header, events), violations);

    /// <summary>A trace in a file, for as long as the test runs.</summary>
    public static string Write(TemporaryFolder folder, IEnumerable<TraceEvent> events)
    {
        using var writer = new TraceWriter();
        using var file = File.Create(folder.File("sample.trace"));
        file.Write(writer.Line(Header));
        foreach (var line in events)
        {
            file.Write(writer.Line(line));
        }

        return file.Name;
    }
}
