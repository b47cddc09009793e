namespace Emulator.Host.Console;

/// <summary>One line that is written over, where somebody looks at it: nothing is written unless standard error is a terminal.</summary>
internal sealed class ProgressLine(TextWriter error)
{
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(100);

    private readonly bool _isWatched = Posix.IsTerminal(Posix.StandardError) == 1;
    private DateTime _next;

    /// <summary>Shows a line in place of the last.</summary>
    public void Show(string text)
    {
        if (_isWatched)
        {
            error.Write($"\r{text}\e[K");
        }
    }

    /// <summary>As <see cref="Show"/>, but a few times a second at most.</summary>
    public void ShowNowAndThen(Func<string> text)
    {
        if (_isWatched && DateTime.UtcNow >= _next)
        {
            _next = DateTime.UtcNow + s_pause;
            Show(text());
        }
    }

    /// <summary>Takes it away.</summary>
    public void Clear() => Show("");
}
