using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Emulator.Host.Tracing;
using static Emulator.Host.Tests.Tracing.SampleTraces;

namespace Emulator.Host.Tests.Tracing;

public sealed partial class TracePageTests
{
    [Fact]
    public void The_page_loads_nothing()
    {
        var page = Page(Picture);
        Assert.DoesNotMatch(Loads(), page);
        Assert.Contains("""<meta http-equiv="Content-Security-Policy" content="default-src 'none';""", page, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_part_of_the_template_is_in_the_page()
    {
        var page = Page(Picture);
        Assert.DoesNotMatch("@(title|style|script|trace)@", page);
        Assert.Contains("--register-read:", page, StringComparison.Ordinal);
        Assert.EndsWith("start();\n\n</script>\n</body>\n</html>\n", page, StringComparison.Ordinal);
    }

    [Fact]
    public void All_events_arrows_and_violations_are_in_the_page()
    {
        var data = Data(Page(Picture));
        var events = data.GetProperty("events").EnumerateArray().ToList();
        Assert.Equal(MessagePassing.Select(e => e.Sequence), events.Select(e => e[0].GetInt64()));
        Assert.Equal(MessagePassing.Select(e => TraceNames.Of(e.Kind)), events.Select(e => data.GetProperty("kinds")[e[5].GetInt32()].GetString()));
        Assert.Equal(["dropped"], events.Where(e => e[8].GetInt32() >= 0).Select(e => data.GetProperty("strings")[e[8].GetInt32()].GetString()));
        Assert.Equal(("fffffffffffffff0", JsonValueKind.Null), (events[8][9].GetString(), events[8][11].ValueKind));
        Assert.Equal(["[1,2,0]", "[4,5,1]"], data.GetProperty("arrows").EnumerateArray().Select(a => a.GetRawText()));
        var violation = Assert.Single(data.GetProperty("violations").EnumerateArray());
        Assert.Equal((0, 1, "the flag <before> its data"), (violation[0].GetInt32(), violation[1].GetInt32(), violation[2].GetString()));
        Assert.Equal("18446744073709551615", data.GetProperty("seed").GetString());
    }

    [Fact]
    public void A_hostile_name_stays_a_name()
    {
        const string Name = "</script><script>alert(1)</script>@trace@";
        var page = Page(Draw([Event(1, Name, TraceKind.Raise) with { Thread = "<!--" }]), "<b>\"&'");
        Assert.DoesNotContain("alert(1)</script>", page, StringComparison.Ordinal);
        Assert.DoesNotContain("<!--", page, StringComparison.Ordinal);
        Assert.Contains("<title>&lt;b&gt;&quot;&amp;&#39;</title>", page, StringComparison.Ordinal);
        Assert.Equal(2, Regex.Count(page, "</script>"));
        Assert.Equal(Name, Data(page).GetProperty("lanes")[2][0].GetString());
        Assert.Equal("<b>\"&'", Data(page).GetProperty("name").GetString());
    }

    [Fact]
    public void An_empty_trace_gives_a_page_that_says_so()
    {
        var page = Page(Draw([]));
        Assert.Contains("The trace is empty", page, StringComparison.Ordinal);
        Assert.Empty(Data(page).GetProperty("events").EnumerateArray());
    }

    private static string Page(TracePicture picture, string name = "sample.trace")
    {
        using var stream = new MemoryStream();
        TracePage.Write(stream, name, picture);
        return Encoding.UTF8.GetString(stream.ToArray());
    }

    private static JsonElement Data(string page)
    {
        const string Start = """<script type="application/json" id="trace">""";
        var from = page.IndexOf(Start, StringComparison.Ordinal) + Start.Length;
        return JsonDocument.Parse(page[from..page.IndexOf("</script>", from, StringComparison.Ordinal)]).RootElement;
    }

    [GeneratedRegex(@"https?:|\ssrc\s*=|<link|<iframe|<img|@import|url\(|\bfetch\(|XMLHttpRequest|WebSocket|\bimport\b", RegexOptions.IgnoreCase)]
    private static partial Regex Loads();
}
