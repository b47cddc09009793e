using System.Text.Json;
using Emulator.Host.Tracing;
using static Emulator.Host.Tests.Tracing.SampleTraces;

namespace Emulator.Host.Tests.Tracing;

/// <summary>Holds what is written against the rules of the Trace Event Format.</summary>
public sealed class PerfettoTraceTests
{
    [Fact]
    public void Every_event_has_what_its_phase_asks_for_and_a_track_with_a_name()
    {
        foreach (var json in new[] { Export(Picture), Export(Busy()) })
        {
            var named = json.Where(e => Phase(e) == "M" && e.GetProperty("name").GetString() == "thread_name").Select(Track).ToList();
            Assert.Equal(named.Count, named.Distinct().Count());
            var processes = json.Where(e => e.GetProperty("name").GetString() == "process_name").Select(e => e.GetProperty("pid").GetInt32());
            foreach (var e in json)
            {
                Assert.False(string.IsNullOrEmpty(e.GetProperty("name").GetString()));
                Assert.Contains(e.GetProperty("pid").GetInt32(), processes);
                if (Phase(e) == "M")
                {
                    Assert.Equal(JsonValueKind.String, e.GetProperty("args").GetProperty("name").ValueKind);
                    continue;
                }

                Assert.Contains(Track(e), named);
                Assert.True(e.GetProperty("ts").GetDecimal() >= 0);
                switch (Phase(e))
                {
                    case "X":
                        Assert.True(e.GetProperty("dur").GetDecimal() > 0);
                        break;
                    case "i":
                        Assert.True(e.GetProperty("s").GetString() is "g" or "p" or "t");
                        break;
                    default:
                        Assert.True(Phase(e) is "s" or "f");
                        Assert.True(e.GetProperty("id").GetInt32() > 0);
                        break;
                }
            }
        }
    }

    [Fact]
    public void Arrows_come_in_pairs_that_begin_and_end_in_slices()
    {
        foreach (var picture in new[] { Picture, Busy() })
        {
            var json = Export(picture);
            var slices = json.Where(e => Phase(e) == "X").ToLookup(Track);
            var flows = json.Where(e => Phase(e) is "s" or "f").GroupBy(e => e.GetProperty("id").GetInt32()).ToList();
            Assert.Equal(picture.Arrows.Length, flows.Count);
            foreach (var flow in flows)
            {
                Assert.Equal(["s", "f"], flow.Select(Phase));
                Assert.Single(flow.Select(e => (e.GetProperty("name").GetString(), e.GetProperty("cat").GetString())).Distinct());
                Assert.True(Start(flow.First()) <= Start(flow.Last()));
                Assert.Equal("e", flow.Last().GetProperty("bp").GetString());
                Assert.All(flow, e => Assert.Contains(slices[Track(e)], slice => Start(slice) <= Start(e) && Start(e) <= End(slice)));
            }
        }
    }

    [Fact]
    public void Slices_of_one_track_do_not_overlap() => Assert.All(
        Export(Busy()).Where(e => Phase(e) == "X").GroupBy(Track),
        track => Assert.All(track.Zip(track.Skip(1)), pair => Assert.True(End(pair.First) <= Start(pair.Second), pair.First.GetRawText())));

    [Fact]
    public void A_store_lasts_until_it_is_visible_and_its_arguments_are_its_line_of_the_trace()
    {
        var json = Export(Picture);
        var data = json.Single(e => Phase(e) == "X" && e.GetProperty("name").GetString() == "write 0x101000 = 0x7");
        var load = json.Single(e => Phase(e) == "X" && e.GetProperty("name").GetString() == "read 0x101000 = 0x0");
        Assert.True(End(data) > Start(load));
        using var writer = new TraceWriter();
        Assert.Equal(System.Text.Encoding.UTF8.GetString(writer.Line(MessagePassing[0])).TrimEnd(), data.GetProperty("args").GetRawText());
    }

    [Fact]
    public void A_violation_is_an_instant_across_all_tracks()
    {
        var violation = Export(Picture).Single(e => e.TryGetProperty("cat", out var category) && category.GetString() == "violation");
        Assert.Equal(("i", "g"), (Phase(violation), violation.GetProperty("s").GetString()));
        Assert.Equal("the flag <before> its data", violation.GetProperty("name").GetString());
    }

    [Fact]
    public void An_empty_trace_is_a_file_all_the_same() => Assert.All(Export(Draw([])), e => Assert.Equal("M", Phase(e)));

    /// <summary>Several at a time, stores that wait long, and times that stand still.</summary>
    private static TracePicture Busy() => Draw(
    [
        .. Enumerable.Range(1, 300).Select(i => (i % 5) switch
        {
            0 => Event(i, "cpu0", TraceKind.Read) with { Time = i / 7 * 7, Length = 4, Visible = new TraceSpan(i / 2, i / 2), From = i > 200 ? [i - 150] : [] },
            1 => Event(i, "nic", TraceKind.Raise) with { Time = i / 7 * 7 },
            _ => Event(i, i % 3 == 0 ? "nic" : "cpu0", TraceKind.Write) with { Time = i / 7 * 7, Length = 4, Visible = new TraceSpan(i ^ 5, i ^ 5) },
        }),
    ]);

    private static List<JsonElement> Export(TracePicture picture)
    {
        using var stream = new MemoryStream();
        PerfettoTrace.Write(stream, picture);
        var json = JsonDocument.Parse(stream.ToArray()).RootElement;
        Assert.Equal("ns", json.GetProperty("displayTimeUnit").GetString());
        return [.. json.GetProperty("traceEvents").EnumerateArray()];
    }

    private static string Phase(JsonElement e) => e.GetProperty("ph").GetString()!;

    private static (int, int) Track(JsonElement e) => (e.GetProperty("pid").GetInt32(), e.GetProperty("tid").GetInt32());

    private static decimal Start(JsonElement e) => e.GetProperty("ts").GetDecimal();

    private static decimal End(JsonElement e) => Start(e) + e.GetProperty("dur").GetDecimal();
}
