using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Emulator.Host.Litmus;
using Emulator.Memory;

namespace Emulator.Host.Tests.Litmus.Reporting;

public sealed partial class LitmusPageTests
{
    [Fact]
    public void The_page_has_every_test_of_the_library()
    {
        var page = Write([.. LitmusFiles.Library.Select(test =>
        {
            var sample = new LitmusSample(test, DmaOrdering.Full, MemoryModel.Weak, IsComplete: true);
            sample.Add(new uint[test.Variables.Length], null);
            return new LitmusResult(sample, 0) { IsExplored = true };
        })]);
        using var data = Data(page);
        var tests = data.RootElement.GetProperty("tests").EnumerateArray().ToArray();
        Assert.Equal(LitmusFiles.Library.Select(t => t.Name), tests.Select(t => t.GetProperty("name").GetString()));
        Assert.All(tests.Zip(LitmusFiles.Library), pair =>
        {
            var (shown, test) = pair;
            Assert.Equal(test.Description, shown.GetProperty("description").GetString());
            Assert.Equal(
                test.Columns.Sum(c => c.Cells.Length),
                shown.GetProperty("rows").EnumerateArray().Sum(row => row.EnumerateArray().Count(cell => cell.GetString() is { Length: > 0 })));
        });
    }

    [Fact]
    public void The_page_needs_nothing_else()
    {
        var page = Write([Results.Of(DmaOrdering.Full, MemoryModel.Weak, 1, (0, 0))]);
        Assert.DoesNotMatch(ElsewherePattern(), page);
        Assert.Contains("default-src 'none'", page, StringComparison.Ordinal);
        Assert.DoesNotMatch("@[a-z]+@", page);
        Assert.EndsWith("</html>", page.TrimEnd(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_cell_says_what_came_up_and_a_test_what_it_consists_of()
    {
        using var data = Data(Write([Results.Of(DmaOrdering.Relaxed, MemoryModel.Weak, 40, (1, 1), (1, 0), (1, 0))]));
        Assert.Equal(["relaxed"], Strings(data.RootElement.GetProperty("orderings")));
        Assert.Equal(["weak"], Strings(data.RootElement.GetProperty("models")));
        var test = data.RootElement.GetProperty("tests")[0];
        Assert.Equal("the flag, and then the <data>", test.GetProperty("description").GetString());
        Assert.Equal("x=0; a[2]=0;", test.GetProperty("initial").GetString());
        Assert.Equal(["P0", "D0"], Strings(test.GetProperty("columns")));
        Assert.Equal(
            ["mov eax,[a[1]]|write x,1", "mov ebx,[x]|write a[1],1", "mfence|"],
            test.GetProperty("rows").EnumerateArray().Select(row => string.Join('|', Strings(row))));
        var cell = test.GetProperty("cells")[0];
        Assert.Equal("[[2,true,1,0],[1,false,1,1]]", cell.GetProperty("states").GetRawText());
        Assert.Equal("3 executions, seeds 40 to 42", cell.GetProperty("extent").GetString());
        Assert.Equal("Sometimes", cell.GetProperty("observation").GetString());
        Assert.Equal("Sometimes", cell.GetProperty("expected").GetString());
        Assert.True(cell.GetProperty("met").GetBoolean());
        Assert.EndsWith("--runs 1 --seed 41", cell.GetProperty("command").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Nothing_in_a_test_can_end_the_script()
    {
        var test = LitmusFiles.Parse("DMA </script> \"</script><b>\" { x=0; }\n D0 dma ;\n write x,1 ;\nexists x=1");
        var sample = new LitmusSample(test, DmaOrdering.Full, MemoryModel.Weak, IsComplete: true);
        sample.Add([1], null);
        var page = Write([new LitmusResult(sample, 0)]);
        using var data = Data(page);
        Assert.Equal("</script>", data.RootElement.GetProperty("tests")[0].GetProperty("name").GetString());
        Assert.Equal(2, Regex.Count(page, "</script>"));
    }

    internal static JsonDocument Data(string page) => JsonDocument.Parse(DataPattern().Match(page).Groups[1].Value);

    private static IEnumerable<string?> Strings(JsonElement array) => array.EnumerateArray().Select(e => e.GetString());

    private static string Write(IReadOnlyList<LitmusResult> results)
    {
        using var output = new MemoryStream();
        LitmusPage.Write(output, results);
        return Encoding.UTF8.GetString(output.ToArray());
    }

    [GeneratedRegex("""https?:|\bsrc\s*=|\bhref\s*=|@import|url\(""")]
    private static partial Regex ElsewherePattern();

    [GeneratedRegex("""id="results">(.*?)</script>""", RegexOptions.Singleline)]
    private static partial Regex DataPattern();
}
