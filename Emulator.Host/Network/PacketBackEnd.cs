using Emulator.Devices;
using Emulator.Host.Console;
using Microsoft.Extensions.Logging;

namespace Emulator.Host.Network;

/// <summary>A back end whose descriptor gives and takes whole frames. There is always a link, as nobody says whether somebody is there.</summary>
internal abstract partial class PacketBackEnd : TwoWayBackEnd
{
    private readonly string _id;
    private readonly ILogger _logger;

    // Set at the end, and never cleared: both threads watch it.
    private readonly WakePipe _stop = new();

    /// <summary>One that is at rest.</summary>
    /// <param name="id">The netdev's.</param>
    /// <param name="logger">Told if it fails.</param>
    protected PacketBackEnd(string id, ILogger logger)
        : base(id) => (_id, _logger) = (id, logger);

    /// <summary>What poll(2) watches.</summary>
    protected abstract int Descriptor { get; }

    /// <summary>Takes a frame, when there is one.</summary>
    /// <param name="buffer">Takes it.</param>
    /// <param name="frame">It; empty if there was none after all.</param>
    /// <returns>What has gone wrong for good, or null.</returns>
    protected abstract string? Receive(Span<byte> buffer, out ReadOnlySpan<byte> frame);

    /// <summary>Sends a frame, or loses it if nobody can have it.</summary>
    /// <returns>False if there is no room: it is to be sent again when the descriptor can be written.</returns>
    protected abstract bool TrySend(ReadOnlySpan<byte> frame);

    /// <inheritdoc/>
    protected override void RunInward()
    {
        var buffer = new byte[NetworkPort.LargestFrame + 1];
        while (WaitFor(Posix.PollIn))
        {
            if (Receive(buffer, out var frame) is { } mistake)
            {
                LogFailed(_logger, _id, mistake);
                Port.SetUp(false);
                return;
            }

            if (!Deliver(frame))
            {
                return;
            }
        }
    }

    /// <inheritdoc/>
    protected override void RunOutward()
    {
        while (Next(out var frame))
        {
            while (!TrySend(frame))
            {
                if (!WaitFor(Posix.PollOut))
                {
                    return;
                }
            }

            Port.Consume();
        }
    }

    /// <inheritdoc/>
    protected override void Interrupt() => _stop.Set();

    /// <inheritdoc/>
    protected override void Close() => _stop.Dispose();

    // False at the end.
    private bool WaitFor(short what)
    {
        Span<PollDescriptor> watched =
        [
            new PollDescriptor { Descriptor = _stop.Descriptor, Events = Posix.PollIn },
            new PollDescriptor { Descriptor = Descriptor, Events = what },
        ];
        while (!Stopping.IsCancellationRequested && Posix.Poll(watched, 2, -1) <= 0)
        {
            // A signal.
        }

        return !Stopping.IsCancellationRequested;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "netdev {Id}: {Why}; the link is down")]
    private static partial void LogFailed(ILogger logger, string id, string why);
}
