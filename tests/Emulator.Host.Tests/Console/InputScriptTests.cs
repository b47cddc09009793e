using System.Text;
using Emulator.Devices;
using Emulator.Host.Console;

namespace Emulator.Host.Tests.Console;

public sealed class InputScriptTests
{
    [Fact]
    public void Lines_have_times_and_texts_and_may_count_from_the_line_before()
    {
        Assert.True(InputScript.Parse("s", ["# a session", "", "100 \"a\\r\"  # return", "+50 \"\\\"\\\\\\x1b\"", "150 \"b\""]).Get(out var script, out var mistake), mistake);
        Assert.Equal([(100L, "a\r"), (150L, "\"\\\e"), (150L, "b")], script.Select(i => (i.Time, Encoding.UTF8.GetString(i.Text))));
    }

    [Theory]
    [InlineData("soon \"a\"", "s:1: 'soon' is not a time")]
    [InlineData("1", "s:1: a text in quotation marks is missing")]
    [InlineData("1 a", "s:1: a text in quotation marks is missing")]
    [InlineData("1 \"a", "s:1: the text's closing quotation mark is missing")]
    [InlineData("1 \"a\" b", "s:1: something stands behind the text")]
    [InlineData("1 \"\\q\"", "s:1: unknown escape")]
    [InlineData("2 \"a\"\n1 \"b\"", "s:2: 1 is before the line above, which is at 2")]
    public void A_mistake_is_answered_with_its_line(string text, string expected)
    {
        Assert.False(InputScript.Parse("s", text.Split('\n')).Get(out _, out var mistake));
        Assert.StartsWith(expected, mistake, StringComparison.Ordinal);
    }

    [Fact]
    public void A_typist_types_when_it_is_time_and_again_what_found_no_room()
    {
        var clock = new ManualClock();
        var typed = new StringBuilder();
        var room = 1;
        using var typist = new ScriptTypist([new ScriptedInput(1000, "ab"u8.ToArray()), new ScriptedInput(2000, "c"u8.ToArray())], clock, data =>
        {
            var taken = Math.Min(room, data.Length);
            typed.Append(Encoding.ASCII.GetString(data[..taken]));
            return taken;
        });

        clock.Advance(999);
        Assert.Equal("", typed.ToString());
        clock.Advance(1);
        Assert.Equal("a", typed.ToString());
        clock.Advance(500_000);
        Assert.Equal("abc", typed.ToString());
    }
}
