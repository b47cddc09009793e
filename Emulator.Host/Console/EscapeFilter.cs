namespace Emulator.Host.Console;

/// <summary>What a typed byte means.</summary>
internal enum EscapeAction
{
    /// <summary>It is for the guest.</summary>
    Pass,

    /// <summary>It is part of an escape.</summary>
    Swallow,

    /// <summary>Ctrl-A x: end the machine.</summary>
    Quit,

    /// <summary>Ctrl-A h: show the escapes.</summary>
    Help,
}

/// <summary>Finds the escapes in what is typed at a terminal: Ctrl-A and one more key.</summary>
internal struct EscapeFilter
{
    /// <summary>The escape character, Ctrl-A.</summary>
    public const byte Escape = 1;

    /// <summary>What Ctrl-A h shows.</summary>
    public const string HelpText = "\nCtrl-A h  this help\nCtrl-A x  end the machine\nCtrl-A a  send Ctrl-A\n";

    private bool _escaped;

    /// <summary>Sorts the next byte.</summary>
    /// <param name="value">The byte; replaced by what to pass on for <see cref="EscapeAction.Pass"/>.</param>
    public EscapeAction Next(ref byte value)
    {
        if (!_escaped)
        {
            _escaped = value == Escape;
            return _escaped ? EscapeAction.Swallow : EscapeAction.Pass;
        }

        _escaped = false;
        switch (value)
        {
            case (byte)'a' or Escape:
                value = Escape;
                return EscapeAction.Pass;
            case (byte)'x':
                return EscapeAction.Quit;
            case (byte)'h' or (byte)'?':
                return EscapeAction.Help;
            default:
                return EscapeAction.Swallow;
        }
    }
}
