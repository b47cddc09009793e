using System.Text;
using Emulator.Host.Tracing;

namespace Emulator.Host.Tests.Tracing;

public sealed class TraceFileTests
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    private static readonly TraceHeader s_header = new()
    {
        Model = "weak",
        Schedule = "deterministic",
        Seed = ulong.MaxValue,
        Lanes = [new TraceLane("cpu0", true), new TraceLane("nic \"0\" at 00:03.0", false)],
    };

    private static readonly TraceEvent s_everything = new()
    {
        Sequence = 12,
        Time = 34,
        HostTime = 56,
        Thread = "io",
        Lane = "D0",
        Kind = TraceKind.Publish,
        Function = "D1",
        Site = "a.site",
        Mutation = "dropped",
        Address = 0xFFFF_FFFF_FFFF_FFFC,
        Length = 4,
        Value = 0,
        Ordering = "tracked",
        Relaxed = true,
        Fences = ["store", "release"],
        Visible = new TraceSpan(13, 14),
        From = [4, 5],
        Status = "IommuFault",
    };

    [Fact]
    public void What_is_written_is_read_again_in_the_order_of_the_numbers()
    {
        var file = new MemoryStream();
        var least = new TraceEvent { Sequence = 1, Lane = "cpu0", Kind = TraceKind.Interrupt };
        using (var trace = new TraceFile(file, "x", s_header, Assert.Fail))
        {
            trace.Add(s_everything);
            trace.Add(least);
        }

        var lines = Encoding.UTF8.GetString(file.ToArray()).Split('\n');
        Assert.Equal(
            """{"seq":12,"time":34,"host":56,"thread":"io","lane":"D0","kind":"publish","function":"D1","site":"a.site","mutation":"dropped","address":"0xfffffffffffffffc","length":4,"value":"0x0","ordering":"tracked","relaxed":true,"fences":["store","release"],"visible":[13,14],"from":[4,5],"status":"IommuFault"}""",
            lines[1]);
        Assert.Equal("""{"seq":1,"lane":"cpu0","kind":"interrupt"}""", lines[2]);
        Assert.True(TraceReader.Read(new MemoryStream(file.ToArray()), "x").Get(out var read, out var mistake), mistake);
        Assert.Equal(s_header.Lanes.AsEnumerable(), read.Header.Lanes);
        Assert.Equal((s_header.Model, s_header.Schedule, s_header.Seed), (read.Header.Model, read.Header.Schedule, read.Header.Seed));
        Assert.Equal(2, read.Events.Count);
        using var writer = new TraceWriter();
        Assert.Equal(lines[2] + "\n", Encoding.UTF8.GetString(writer.Line(read.Events[0])));
        Assert.Equal(lines[1] + "\n", Encoding.UTF8.GetString(writer.Line(read.Events[1])));
    }

    [Theory]
    [InlineData("", "x:1: empty; a trace begins with a line {\"trace\":\"dma\",…}")]
    [InlineData("{}", "x:1: no trace: the first line has no \"trace\":\"dma\"")]
    [InlineData("hello", "x:1: not a JSON object of a trace's fields")]
    [InlineData("{\"trace\":\"dma\",\"version\":2}", "x:1: version 2 of the format; this program reads version 1")]
    [InlineData("H\n{\"seq\":1,\"lane\":\"D0\",\"kind\":\"rite\"}", "x:2: unknown kind 'rite'")]
    [InlineData("H\n{\"seq\":1,\"lane\":\"D0\",\"kind\":\"write\"}\n{\"seq\":2,\"lane\":\"D0\"}", "x:3: 'kind' is missing")]
    [InlineData("H\n{\"seq\":1,\"kind\":\"write\"}", "x:2: 'lane' is missing")]
    [InlineData("H\n{\"lane\":\"D0\",\"kind\":\"write\"}", "x:2: 'seq' is missing, or not from 1")]
    [InlineData("H\n{\"seq\":1,\"colour\":3}", "x:2: unknown field 'colour'")]
    [InlineData("H\n{\"seq\":1,\"address\":\"12\"}", "x:2: '12' is no number of the form \"0x12ab\"")]
    [InlineData("H\n{\"seq\":1,\"visible\":[2,1]}", "x:2: 'visible' is not a first and a last moment")]
    [InlineData("H\n{\"seq\":1,\"fences\":[\"big\"]}", "x:2: unknown fence 'big'")]
    [InlineData("H\n{\"seq\":1,\"ordering\":\"strict\"}", "x:2: unknown DMA ordering 'strict'; valid: full, tracked, split, pci, relaxed")]
    [InlineData("H\n{\"seq\":\"1\"}", "x:2: not a JSON object of a trace's fields")]
    [InlineData("H\n{\"seq\":1.5}", "x:2: not a JSON object of a trace's fields")]
    [InlineData("H\n{\"seq\":1,\"lane\":\"D0\",\"kind\":\"wri", "x:2: not a JSON object of a trace's fields")]
    [InlineData("H\n{\"seq\":1,\"lane\":\"D0\",\"kind\":\"write\"} x", "x:2: not a JSON object of a trace's fields")]
    public void A_line_that_is_wrong_is_named_with_what_is_wrong(string text, string expected)
    {
        text = text.Replace("H\n", "{\"trace\":\"dma\",\"version\":1}\n", StringComparison.Ordinal);
        Assert.False(TraceReader.Read(new MemoryStream(Encoding.UTF8.GetBytes(text)), "x").Get(out _, out var mistake));
        Assert.Equal(expected, mistake);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_full_disk_is_told_once_and_nobody_waits_for_it(bool mayLose)
    {
        var told = new List<string>();
        using (var trace = new TraceFile(new FullDisk(200), "x", s_header, told.Add, mayLose, room: 4))
        {
            for (var i = 0; i < 1000; i++)
            {
                trace.Add(s_everything with { Sequence = i + 1 });
            }
        }

        Assert.Equal(["trace x: No space left on device; the rest is not recorded"], told);
    }

    [Fact]
    public void A_limit_is_kept_at_a_whole_line_and_told_once()
    {
        var told = new List<string>();
        var file = new MemoryStream();
        using (var trace = new TraceFile(file, "x", s_header, told.Add, limit: 4096))
        {
            for (var i = 0; i < 100; i++)
            {
                trace.Add(s_everything with { Sequence = i + 1 });
            }
        }

        Assert.Equal(["trace x: the limit of 4K is reached; the rest is not recorded"], told);
        Assert.InRange(file.ToArray().Length, 3500, 4096);
        Assert.True(TraceReader.Read(new MemoryStream(file.ToArray()), "x").IsOk);
    }

    [Fact]
    public void Events_that_a_slow_disk_has_no_room_for_are_counted_where_they_may_be_lost()
    {
        var disk = new SlowDisk();
        using (var trace = new TraceFile(disk, "x", s_header, Assert.Fail, mayLose: true, room: 2))
        {
            Assert.True(disk.IsWriting.Wait(s_patience, TestContext.Current.CancellationToken));
            for (var i = 0; i < 10; i++)
            {
                trace.Add(s_everything with { Sequence = i + 1 });
            }

            disk.GoOn.Set();
        }

        Assert.True(TraceReader.Read(new MemoryStream(disk.ToArray()), "x").Get(out var read, out var mistake), mistake);
        Assert.Equal([1, 2, 3], read.Events.Select(e => e.Sequence));
        Assert.Equal((TraceKind.Lost, 8UL), (read.Events[2].Kind, read.Events[2].Value!.Value));
    }

    [Fact]
    public void A_file_that_cannot_be_created_is_named()
    {
        Assert.False(TraceFile.Create("/nowhere/at/all").Get(out _, out var mistake));
        Assert.StartsWith("/nowhere/at/all: ", mistake, StringComparison.Ordinal);
    }

    private sealed class FullDisk(int room) : MemoryStream
    {
        public override void Write(ReadOnlySpan<byte> buffer)
        {
            base.Write(buffer);
            if (Length > room)
            {
                throw new IOException("No space left on device");
            }
        }

        protected override void Dispose(bool disposing)
        {
            base.Dispose(disposing);
            throw new IOException("No space left on device");
        }
    }

    private sealed class SlowDisk : MemoryStream
    {
        public ManualResetEventSlim IsWriting { get; } = new();

        public ManualResetEventSlim GoOn { get; } = new();

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            IsWriting.Set();
            GoOn.Wait(s_patience, TestContext.Current.CancellationToken);
            base.Write(buffer);
        }
    }
}
