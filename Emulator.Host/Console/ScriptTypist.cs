using Emulator.Devices;

namespace Emulator.Host.Console;

/// <summary>Types a script into a serial port, by the machine's own clock.</summary>
internal sealed class ScriptTypist : IDisposable
{
    // A character at 115200 baud: what the port has no room for is tried again that much later.
    private const long CharacterNanoseconds = 86_806;

    private readonly IReadOnlyList<ScriptedInput> _script;
    private readonly IClock _clock;
    private readonly CharacterPort.InputReceiver _receive;
    private readonly Devices.ITimer _timer;
    private int _next;
    private int _typed;

    /// <summary>Begins; what is due at once comes with the clock's next step.</summary>
    /// <param name="script">What to type.</param>
    /// <param name="clock">The machine's.</param>
    /// <param name="receive">The port.</param>
    public ScriptTypist(IReadOnlyList<ScriptedInput> script, IClock clock, CharacterPort.InputReceiver receive)
    {
        (_script, _clock, _receive) = (script, clock, receive);
        _timer = clock.CreateTimer("script", Type);
        if (script.Count > 0)
        {
            _timer.Arm(script[0].Time);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _timer.Dispose();

    private void Type()
    {
        var text = _script[_next].Text;
        _typed += _receive(text.AsSpan(_typed));
        if (_typed < text.Length)
        {
            _timer.Arm(_clock.NowNanoseconds + CharacterNanoseconds);
            return;
        }

        _typed = 0;
        if (++_next < _script.Count)
        {
            _timer.Arm(_script[_next].Time);
        }
    }
}
