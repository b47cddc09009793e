using Emulator.Devices;

namespace Emulator.Host.Machine;

/// <summary>How a machine ended.</summary>
/// <param name="ExitStatus">The process's exit status.</param>
/// <param name="Message">What to say on standard error; null is nothing.</param>
/// <param name="IsForced">True if somebody outside ended it, who will not wait long for the last output.</param>
public sealed record MachineEnd(int ExitStatus, string? Message = null, bool IsForced = false);

/// <summary>The one place where devices, vCPUs, consoles and the host ask for the end, a reset or a stop of the machine.</summary>
/// <remarks>Any thread; requests do not wait. Disposed after <see cref="End"/>, or if nothing was ever started.</remarks>
public sealed class MachineControl : IMachineStop, IDisposable
{
    private readonly TaskCompletionSource<MachineEnd> _end = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _ending = new();
    private readonly bool _noReboot;
    private volatile bool _resetRequested;
    private readonly Lock _stops = new();
    private volatile bool _isStopped;
    private Action? _continued;
    private int _endRequests;
    private volatile bool _isEnding;
    private volatile Task _cancelling = Task.CompletedTask;

    /// <summary>A machine that runs.</summary>
    /// <param name="noReboot">A reset is the end.</param>
    public MachineControl(bool noReboot) => _noReboot = noReboot;

    /// <summary>Called when vCPUs must come out to look; set by the machine.</summary>
    public Action? Changed { get; set; }

    /// <summary>Told, on any thread, why the machine stops; does not wait. Set before it starts.</summary>
    public Action<string>? Stopped { get; set; }

    /// <summary>True from a request to stop until <see cref="Continue"/>: vCPUs run no guest code, and disks start nothing. What is under way ends.</summary>
    public bool IsStopped => _isStopped;

    /// <summary>Done when the first of the requests to end has come.</summary>
    public Task<MachineEnd> End => _end.Task;

    /// <summary>True from the first request to end.</summary>
    public bool IsEnding => _isEnding;

    /// <summary>True from a request for a reset until <see cref="AcknowledgeReset"/>.</summary>
    public bool IsResetRequested => _resetRequested;

    /// <summary>Cancelled at the end.</summary>
    public CancellationToken Ending => _ending.Token;

    /// <summary>Ends the machine; the first call counts.</summary>
    public void RequestEnd(MachineEnd end)
    {
        if (Interlocked.Increment(ref _endRequests) == 1)
        {
            _isEnding = true;
            _cancelling = _ending.CancelAsync();
            Changed?.Invoke();
            _end.SetResult(end);
        }
    }

    /// <summary>Resets the machine, or ends it with success under <c>-no-reboot</c>.</summary>
    public void RequestReset()
    {
        if (_noReboot)
        {
            RequestEnd(new MachineEnd(ExitStatus.Success));
        }
        else
        {
            _resetRequested = true;
            Changed?.Invoke();
        }
    }

    /// <summary>The reset is being made; a later request is another one.</summary>
    public void AcknowledgeReset() => _resetRequested = false;

    /// <inheritdoc/>
    public void Stop(string reason)
    {
        // The first reason is told; with a full disk each request under way has one.
        lock (_stops)
        {
            if (!_isStopped)
            {
                _isStopped = true;
                Changed?.Invoke();
                Stopped?.Invoke(reason);
            }
        }
    }

    /// <inheritdoc/>
    public void OnContinue(Action action) => _continued += action;

    /// <summary>Lets a stopped machine go on; nothing if it is not stopped.</summary>
    public void Continue()
    {
        lock (_stops)
        {
            if (_isStopped)
            {
                _isStopped = false;
                _continued?.Invoke();
                Changed?.Invoke();
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _cancelling.Wait();
        _ending.Dispose();
    }
}
