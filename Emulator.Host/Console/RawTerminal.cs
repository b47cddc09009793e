using System.Runtime.InteropServices;

namespace Emulator.Host.Console;

/// <summary>
/// A terminal in raw mode. The settings it had come back when this is disposed, when the process ends for whatever
/// reason it can still notice, and while it is stopped by job control.
/// </summary>
internal sealed class RawTerminal : IDisposable
{
    private readonly Lock _gate = new();
    private readonly int _descriptor;
    private readonly Termios _before;
    private readonly PosixSignalRegistration? _continued;
    private bool _isRestored;

    private RawTerminal(int descriptor, in Termios before)
    {
        (_descriptor, _before) = (descriptor, before);
        AppDomain.CurrentDomain.ProcessExit += OnExit;
        AppDomain.CurrentDomain.UnhandledException += OnUnhandled;
        if (!OperatingSystem.IsWindows())
        {
            _continued = PosixSignalRegistration.Create(PosixSignal.SIGCONT, _ => MakeRaw());
        }

        MakeRaw();
    }

    /// <summary>Puts a terminal into raw mode; null if the descriptor is none.</summary>
    public static RawTerminal? Enter(int descriptor) =>
        Posix.IsTerminal(descriptor) == 1 && Posix.GetAttributes(descriptor, out var before) == 0
            ? new RawTerminal(descriptor, before)
            : null;

    /// <inheritdoc/>
    public void Dispose()
    {
        Restore();
        _continued?.Dispose();
        AppDomain.CurrentDomain.ProcessExit -= OnExit;
        AppDomain.CurrentDomain.UnhandledException -= OnUnhandled;
    }

    private void MakeRaw()
    {
        lock (_gate)
        {
            if (!_isRestored)
            {
                _ = Posix.SetAttributes(_descriptor, Posix.SetAttributesNow, _before.ToRaw());
            }
        }
    }

    private void Restore()
    {
        lock (_gate)
        {
            if (!_isRestored)
            {
                _isRestored = true;
                _ = Posix.SetAttributes(_descriptor, Posix.SetAttributesDrained, _before);
            }
        }
    }

    private void OnExit(object? sender, EventArgs e) => Restore();

    private void OnUnhandled(object sender, UnhandledExceptionEventArgs e) => Restore();
}
