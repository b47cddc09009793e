using Emulator.Host.Litmus;
using Emulator.Memory;

namespace Emulator.Host.Tests.Litmus.Models;

public sealed class CatParserTests
{
    [Theory]
    [InlineData("acyclic pq as a", "1:9: unknown name 'pq'; did you mean")]
    [InlineData("acyclic po", "1:11: expected 'as' and a name for the axiom, found the end of the file")]
    [InlineData("let a = po | W", "1:14: this is a set of events; a relation belongs here ([S] makes one of a set)")]
    [InlineData("let a = W | po", "1:13: this is a relation; a set of events belongs here")]
    [InlineData("let a = [po]", "1:10: this is a relation; a set of events belongs here")]
    [InlineData("let a = W ; po", "1:9: this is a set of events; a relation belongs here")]
    [InlineData("acyclic W as w", "1:9: this is a set of events; a relation belongs here")]
    [InlineData("let a = (po | rf", "1:17: expected ')' for the '(' at 1:9, found the end of the file")]
    [InlineData("let a = po\nlet a = rf", "2:5: 'a' has a meaning already")]
    [InlineData("let po = rf", "1:5: 'po' has a meaning already")]
    [InlineData("let a po", "1:7: expected '=' behind 'a', found 'po'")]
    [InlineData("let a = ", "1:9: expected a name, '(' or '[', found the end of the file")]
    [InlineData("acyclical po as a", "1:1: expected a statement, found 'acyclical'; did you mean 'acyclic'?")]
    [InlineData("let a = po $ rf", "1:12: '$' means nothing here")]
    [InlineData("(* (* *) po", "1:1: the comment has no closing '*)'")]
    [InlineData("include \"no.cat\"", "1:9: there is no file '")]
    public void A_mistake_is_answered_with_its_place(string text, string message)
    {
        Assert.False(CatParser.TryParse("m.cat", text, out _, out var diagnostic));
        Assert.StartsWith("m.cat:" + message, diagnostic.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("empty po \\ po as e", true)]
    [InlineData("empty po as e", false)]
    [InlineData("acyclic po | po^-1 as e", false)]
    [InlineData("irreflexive po ; po^-1 as e", false)]
    [InlineData("irreflexive po* as e", false)]
    [InlineData("irreflexive po? as e", false)]
    [InlineData("irreflexive po+ as e", true)]
    [InlineData("empty po+ \\ po as transitive", true)]
    [InlineData("empty po & R * W as nothing-reads-first", true)]
    [InlineData("empty po & W * R as nothing-reads-last", false)]
    [InlineData("empty ([W] ; po ; [R]) \\ W * R as same", true)]
    [InlineData("empty [W] ; po ; [R] \\ id as difference-binds-more", true)]
    [InlineData("empty (_ * _) \\ (int | ext) as everything", true)]
    [InlineData("empty id \\ int as own", true)]
    [InlineData("let a = W & P empty a * a as no-processor", true)]
    [InlineData("let a = (W | R) \\ R empty [a] \\ [W] as writes", true)]
    [InlineData("empty po-loc as different", true)]
    public void The_operators_mean_what_they_mean_in_herd(string text, bool holds)
    {
        var test = LitmusFiles.Parse("DMA T \"t\" { x=0; y=0; }\n D0 dma ;\n write x,1 ;\n read r0,y ;\nexists x=1");
        Assert.True(CatParser.TryParse("m.cat", text, out var model, out var diagnostic), $"{diagnostic}");
        var graph = new EventGraph(test, DmaOrdering.Relaxed);
        Assert.Equal(holds, !new CatEvaluator(model, graph).Broken(new CandidateExecution(graph)).Any());
    }

    [Fact]
    public void A_file_that_includes_itself_is_answered()
    {
        var path = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.cat");
        try
        {
            File.WriteAllText(path, $"include \"{Path.GetFileName(path)}\"");
            Assert.False(AxiomaticModel.Load(path).Get(out _, out var error));
            Assert.EndsWith(":1:9: the files include each other", error, StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void The_models_say_in_one_line_what_they_are()
    {
        Assert.StartsWith("tso: ", LitmusFiles.Model("tso").Title, StringComparison.Ordinal);
        Assert.StartsWith("weak: ", LitmusFiles.Model("weak").Title, StringComparison.Ordinal);
        Assert.StartsWith("host on x86-64: ", LitmusFiles.Model("host-x86-64").Title, StringComparison.Ordinal);
    }
}
