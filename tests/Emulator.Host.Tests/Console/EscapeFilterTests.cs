using System.Text;
using Emulator.Host.Console;

namespace Emulator.Host.Tests.Console;

public sealed class EscapeFilterTests
{
    [Theory]
    [InlineData("abc", "abc", "")]
    [InlineData("a\u0001xb", "ab", "Quit")]
    [InlineData("\u0001h\u0001?", "", "Help Help")]
    [InlineData("\u0001a", "\u0001", "")]
    [InlineData("\u0001\u0001", "\u0001", "")]
    [InlineData("\u0001z!", "!", "")]
    [InlineData("x\u0003\u0004h", "x\u0003\u0004h", "")]
    public void Ctrl_a_and_a_key_are_taken_out_and_the_rest_goes_to_the_guest(string typed, string passed, string actions)
    {
        var filter = default(EscapeFilter);
        var guest = new StringBuilder();
        var seen = new List<EscapeAction>();
        foreach (var value in Encoding.ASCII.GetBytes(typed))
        {
            var copy = value;
            var action = filter.Next(ref copy);
            if (action == EscapeAction.Pass)
            {
                guest.Append((char)copy);
            }
            else if (action != EscapeAction.Swallow)
            {
                seen.Add(action);
            }
        }

        Assert.Equal(passed, guest.ToString());
        Assert.Equal(actions, string.Join(' ', seen));
    }
}
