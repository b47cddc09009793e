using Emulator.Host.Tracing;
using static Emulator.Host.Tests.Tracing.SampleTraces;

namespace Emulator.Host.Tests.Tracing;

public sealed class TraceTableTests
{
    [Fact]
    public void A_trace_is_a_table_with_a_column_for_each_lane() => Assert.Equal(
        """
        memory model weak, schedule random, seed 18446744073709551615: 9 events, 1 violation
              seq      time/ns  cpu0                                nic
        !       1            0                                      write 0x101000 = 0x7
        !       2            0                                      publish 0x101040 = 0x1                      virtio.used-elem-before-idx dropped
                                                                    • 2 visible @1
                3            0  read 0x101040 = 0x1 ← 2
                4            0  read 0x101000 = 0x0
                                                                    • 1 visible @2
                5            0                                      ‖full ‖release message 0xfee00000 = 0x4041
                6            0  interrupt 0x41
                7            0  register-read nic 0xfebf0010 = 0x1
                8            0                                      fence full
                9            0                                      read 0xfffffffffffffff0 (16 bytes)          NotMapped
        ! 1 → 2: the flag <before> its data

        """,
        Table(Picture));

    [Theory]
    [InlineData(2, null, "1 2 … 7 events …")]
    [InlineData(null, 2, "… 7 events … 8 9")]
    [InlineData(1, 1, "1 … 7 events … 9")]
    [InlineData(5, 4, "1 2 3 4 5 6 7 8 9")]
    [InlineData(500, 400, "1 2 3 4 5 6 7 8 9")]
    [InlineData(null, null, "1 2 3 4 5 6 7 8 9")]
    public void The_first_and_the_last_events_may_do(int? first, int? last, string expected)
    {
        var table = Table(new TracePicture(new Trace(Header, MessagePassing), Violations, first, last));
        var lines = table.Split('\n', StringSplitOptions.RemoveEmptyEntries)[2..];
        var events = lines.Where(l => l[2] is ' ' or '…' && !l.Contains('•', StringComparison.Ordinal));
        Assert.Equal(expected, string.Join(' ', events.Select(l => l.Contains('…', StringComparison.Ordinal) ? l.Trim() : l[2..].TrimStart().Split(' ')[0])));
    }

    [Fact]
    public void An_empty_trace_says_so() => Assert.EndsWith("The trace is empty: it has no events.\n", Table(Draw([])), StringComparison.Ordinal);

    private static string Table(TracePicture picture)
    {
        using var output = new StringWriter { NewLine = "\n" };
        TraceTable.Write(output, picture);
        return output.ToString();
    }
}
