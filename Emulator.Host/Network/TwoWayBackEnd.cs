using Emulator.Devices;

namespace Emulator.Host.Network;

/// <summary>A back end with a thread for each direction.</summary>
internal abstract class TwoWayBackEnd : NetworkBackEnd
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(2);

    private readonly AutoResetEvent _arrived = new(false);
    private readonly AutoResetEvent _room = new(false);
    private readonly CancellationTokenSource _stopping = new();
    private readonly Thread _inward;
    private readonly Thread _outward;
    private bool _isStarted;

    /// <summary>One that is at rest.</summary>
    /// <param name="id">The netdev's.</param>
    protected TwoWayBackEnd(string id)
    {
        _inward = new Thread(RunInward) { Name = $"{id}-in", IsBackground = true };
        _outward = new Thread(RunOutward) { Name = $"{id}-out", IsBackground = true };
    }

    /// <summary>The wire, once attached.</summary>
    protected NetworkPort Port { get; private set; } = NetworkPort.CreateUnconnected();

    /// <summary>Cancelled when the threads are to end.</summary>
    protected CancellationToken Stopping => _stopping.Token;

    /// <inheritdoc/>
    public override void Attach(NetworkPort port)
    {
        Port = port;
        port.Listen(() => _arrived.Set(), () => _room.Set(), () => _room.Set());
    }

    /// <inheritdoc/>
    public override void Start()
    {
        _isStarted = true;
        _inward.Start();
        _outward.Start();
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        if (_stopping.IsCancellationRequested)
        {
            return;
        }

        _stopping.Cancel();
        _arrived.Set();
        _room.Set();
        Interrupt();
        if (!_isStarted || (_inward.Join(s_patience) & _outward.Join(s_patience)))
        {
            Close();
        }
    }

    /// <summary>Takes frames from outside until the end. Its thread.</summary>
    protected abstract void RunInward();

    /// <summary>Takes frames from the wire until the end. Its thread.</summary>
    protected abstract void RunOutward();

    /// <summary>Lets go whoever waits for the outside; <see cref="Stopping"/> is cancelled.</summary>
    protected abstract void Interrupt();

    /// <summary>Closes what is open, after the threads.</summary>
    protected abstract void Close();

    /// <summary>Puts a frame on the wire, as soon as there is room; the thread of that direction.</summary>
    /// <returns>False at the end.</returns>
    protected bool Deliver(ReadOnlySpan<byte> frame)
    {
        while (!Port.TrySend(frame))
        {
            _room.WaitOne();
            if (Stopping.IsCancellationRequested)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>The next frame on the wire, waiting for it; the thread of that direction.</summary>
    /// <returns>False at the end.</returns>
    protected bool Next(out ReadOnlySpan<byte> frame)
    {
        while (!Stopping.IsCancellationRequested)
        {
            if (Port.TryPeek(out frame))
            {
                return true;
            }

            _arrived.WaitOne();
        }

        frame = default;
        return false;
    }
}
