using Emulator.Host.CommandLine;

namespace Emulator.Host.Tests.CommandLine;

public sealed class SuggestionTests
{
    [Theory]
    [InlineData("kernel", "kernel", 0)]
    [InlineData("kernle", "kernel", 1)]
    [InlineData("kernl", "kernel", 1)]
    [InlineData("KERNEL", "kernel", 0)]
    [InlineData("", "abc", 3)]
    public void Distance_counts_edits_and_swaps(string a, string b, int distance) => Assert.Equal(distance, Suggestion.Distance(a, b));

    [Fact]
    public void A_word_that_is_like_none_gets_the_list() =>
        Assert.Equal("; valid: alpha, beta", Suggestion.For("zzz", ["alpha", "beta"]));

    [Theory]
    [InlineData("a,b=c,d", "a|b=c|d")]
    [InlineData("a,,b,c=d,,e", "a,b|c=d,e")]
    [InlineData("", "")]
    [InlineData("a,", "a|")]
    public void Two_commas_stand_for_one(string text, string pieces) =>
        Assert.Equal(pieces, string.Join('|', PropertyList.Split(text)));
}
