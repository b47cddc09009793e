using System.Diagnostics;
using Emulator.Devices;
using Emulator.Host.Console;
using Microsoft.Extensions.Logging;

namespace Emulator.Host.Disks.Nbd;

/// <summary>A disk that an NBD server has. Connects again when the connection ends; what was asked waits, and is asked again.</summary>
/// <remarks>
/// A thread sends and a thread receives, connects, and ends requests. What the server had taken without a flush is written again on each
/// new connection, before anything else (decision 0013), so that a server that was killed has lost nothing the guest relies on.
/// </remarks>
internal sealed partial class NbdBackEnd : IBlockBackEnd
{
    /// <summary>How long requests wait for a server if nothing is said, in seconds.</summary>
    public const int DefaultDelay = 60;

    /// <summary>Bytes of unflushed writes that are kept.</summary>
    public const int KeptBytes = 32 << 20;

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_shortestPause = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan s_longestPause = TimeSpan.FromSeconds(5);

    private readonly object _gate = new();      // A monitor, as the sender waits for it to be pulsed.
    private readonly CancellationTokenSource _stopping = new();
    private readonly UnflushedWrites _unflushed = new(KeptBytes);
    private readonly string _id;
    private readonly NbdAddress _address;
    private readonly NbdExport _export;
    private readonly NbdRequests _requests;
    private readonly NbdOptions _options;
    private readonly ILogger _logger;
    private readonly Thread _receiver;
    private readonly Thread _sender;
    private NbdConnection? _connection;         // Null while there is none.
    private bool _isAway;                       // For so long that what is asked fails.
    private bool _isMisalignmentTold;
    private long _lostAt;                       // When the connection ended after which no answer has come; 0 if that is not so.
    private TimeSpan _pause;                    // Before the next attempt to connect: none if the last connection was any good.

    private NbdBackEnd(string id, NbdAddress address, NbdExport export, NbdConnection first, NbdOptions options, ILogger logger)
    {
        (_id, _address, _export, _options, _logger) = (id, address, export, options, logger);
        _requests = new NbdRequests(export, _unflushed);
        _receiver = new Thread(() => RunInward(first)) { Name = $"{id}-nbd-in", IsBackground = true };
        _sender = new Thread(RunOutward) { Name = $"{id}-nbd-out", IsBackground = true };
        _receiver.Start();
        _sender.Start();
    }

    /// <inheritdoc/>
    public long Length => _export.Size & -Math.Max(512, _export.MinimumBlock);

    /// <inheritdoc/>
    public bool IsReadOnly => _options.IsReadOnly;

    /// <inheritdoc/>
    public bool CanDiscard => _export.Can(NbdExportFlags.Trim);

    /// <summary>Connects.</summary>
    /// <param name="id">The drive's.</param>
    /// <param name="address">Which server and export.</param>
    /// <param name="options">The drive's.</param>
    /// <param name="logger">Told of servers that come and go.</param>
    public static Result<IBlockBackEnd> Open(string id, NbdAddress address, NbdOptions options, ILogger logger)
    {
        if (!Connect(address, s_patience, default).Get(out var made, out var why))
        {
            return new Failure($"{address}: {why}");
        }

        var (connection, export) = made;
        if (export.IsReadOnly && !options.IsReadOnly)
        {
            connection.Dispose();
            return new Failure($"{address}: the server lets nothing be changed; give readonly=on");
        }

        if (!options.IsReadOnly && !options.IsUnsafe && !export.Can(NbdExportFlags.Flush))
        {
            LogNoFlush(logger, id);
        }

        connection.SetPatience(TimeSpan.Zero);
        return new NbdBackEnd(id, address, options.Restrict(export), connection, options, logger);
    }

    /// <inheritdoc/>
    public void Start(BlockRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        lock (_gate)
        {
            if (request.Operation != BlockOperation.Flush && !_requests.IsAligned(request))
            {
                if (!_isMisalignmentTold)
                {
                    LogMisaligned(_logger, _id, _export.MinimumBlock);
                }

                _isMisalignmentTold = true;
            }
            else if (!_isAway && !_stopping.IsCancellationRequested)
            {
                _requests.Add(request);
                Monitor.PulseAll(_gate);
                while (_options.IsScheduled && request.Status == BlockStatus.Pending)
                {
                    Monitor.Wait(_gate);
                }

                return;
            }
        }

        request.Complete(BlockStatus.IoError);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        NbdConnection? connection;
        lock (_gate)
        {
            if (_stopping.IsCancellationRequested)
            {
                return;
            }

            _stopping.Cancel();
            connection = _connection;
            Monitor.PulseAll(_gate);
        }

        // The sender says goodbye, if the server takes it; then the receiver sees the end.
        _sender.Join(s_shortestPause * 10);
        connection?.Dispose();
        _sender.Join(s_patience);
        _receiver.Join(s_patience);
    }

    private static Result<(NbdConnection Connection, NbdExport Export)> Connect(NbdAddress address, TimeSpan patience, CancellationToken cancellation)
    {
        try
        {
            var connection = new NbdConnection(address.Server.Connect((int)patience.TotalMilliseconds, cancellation));
            using var registration = cancellation.Register(connection.Dispose);
            connection.SetPatience(patience);
            if (NbdHandshake.Run(connection, address.Export).Get(out var export, out var why))
            {
                return (connection, export);
            }

            connection.Dispose();
            return new Failure(why);
        }
        catch (OperationCanceledException)
        {
            return new Failure("the server does not answer");
        }
        catch (Exception e) when (SocketEnd.IsFailure(e))
        {
            return new Failure(e.Message.ReplaceLineEndings(" "));
        }
    }

    // The sender.
    private void RunOutward()
    {
        while (true)
        {
            NbdConnection connection;
            lock (_gate)
            {
                while (!_stopping.IsCancellationRequested && (_connection is not { Why: null } || !_requests.HasWork))
                {
                    Monitor.Wait(_gate);
                }

                if (_stopping.IsCancellationRequested)
                {
                    break;
                }

                connection = _connection!;
            }

            // If it fails, the receiver finds that out.
            while (TryTake(connection, out var message) && connection.TryWrite(message))
            {
            }

            if (!connection.TrySend())
            {
                connection.Dispose();
            }
        }

        if (_connection is { Why: null } last && last.TryWrite(new NbdMessage { Command = NbdCommand.Disconnect }))
        {
            _ = last.TrySend();
        }
    }

    private bool TryTake(NbdConnection connection, out NbdMessage message)
    {
        lock (_gate)
        {
            message = default;
            return _connection == connection && connection.Why is null && _requests.TryTake(out message);
        }
    }

    // The receiver.
    private void RunInward(NbdConnection first)
    {
        for (var connection = first; connection is not null; connection = Reconnect())
        {
            // Either this sees that it is to stop, or whoever stops it sees the connection.
            lock (_gate)
            {
                _connection = _stopping.IsCancellationRequested ? null : connection;
                Monitor.PulseAll(_gate);
            }

            while (_connection is not null && TryReceive(connection))
            {
            }

            connection.Dispose();
            lock (_gate)
            {
                _connection = null;
                _requests.Resend();
                Monitor.PulseAll(_gate);
                if (_lostAt == 0 && !_stopping.IsCancellationRequested)
                {
                    _lostAt = Stopwatch.GetTimestamp();
                    LogLost(_logger, _id, _address, connection.Why!, _requests.Count, _options.Delay.TotalSeconds);
                }
            }
        }

        lock (_gate)
        {
            _requests.Fail();
            Monitor.PulseAll(_gate);
        }
    }

    // A reply, with what is behind it. A read's buffer is ours until its piece has ended, and only this thread ends pieces.
    private bool TryReceive(NbdConnection connection)
    {
        if (!connection.TryReadReply(out var error, out var cookie))
        {
            return false;
        }

        NbdPiece? piece;
        lock (_gate)
        {
            if (!_requests.TryFind(cookie, out piece))
            {
                return connection.Fail("the server answered what was not asked");
            }
        }

        if (error == NbdError.ShuttingDown)
        {
            return connection.Fail("the server is shutting down");
        }

        if (error == NbdError.None && !connection.TryRead(piece.Buffer.Span))
        {
            return false;
        }

        lock (_gate)
        {
            _pause = TimeSpan.Zero;
            Recover();
            _requests.Answered(piece, ToStatus(error));
            Monitor.PulseAll(_gate);
        }

        return true;
    }

    private void Recover()
    {
        if (_lostAt != 0)
        {
            LogBack(_logger, _id, Stopwatch.GetElapsedTime(_lostAt).TotalSeconds);
            _lostAt = 0;
        }
    }

    // Null at the end.
    private NbdConnection? Reconnect()
    {
        for (var told = ""; !_stopping.Token.WaitHandle.WaitOne(Shorter(_pause));)
        {
            GiveUpAfterDelay();
            _pause = _pause == TimeSpan.Zero ? s_shortestPause : _pause * 2 < s_longestPause ? _pause * 2 : s_longestPause;
            if (Connect(_address, Shorter(s_patience), _stopping.Token).Get(out var made, out var why))
            {
                if (TryResume(made.Connection, made.Export, out why))
                {
                    return made.Connection;
                }

                made.Connection.Dispose();
            }

            if (why != told && !_stopping.IsCancellationRequested)
            {
                LogStillAway(_logger, _id, told = why);
            }

        }

        return null;
    }

    // On a new connection, before anybody else uses it.
    private bool TryResume(NbdConnection connection, NbdExport export, out string why)
    {
        using var registration = _stopping.Token.Register(connection.Dispose);
        if (export.Shortcoming(_export) is { } shortcoming)
        {
            why = shortcoming;
            return false;
        }

        connection.SetPatience(s_patience);
        var isReplayed = _unflushed.TryReplay(connection, out var error);
        connection.SetPatience(TimeSpan.Zero);
        why = connection.Why ?? "";
        if (!isReplayed || why.Length > 0)
        {
            return false;
        }

        lock (_gate)
        {
            if (error != NbdError.None)
            {
                LogNotTaken(_logger, _id, (uint)error);
                _requests.BreakFlushes();
            }

            // A connection is good when something was answered on it, or nothing is to be.
            _isAway = false;
            if (_requests.Count == 0)
            {
                Recover();
            }
        }

        return true;
    }

    private void GiveUpAfterDelay()
    {
        lock (_gate)
        {
            if (Stopwatch.GetElapsedTime(_lostAt) >= _options.Delay)
            {
                if (!_isAway)
                {
                    LogGivenUp(_logger, _id, _requests.Count);
                }

                _isAway = true;
                _requests.Fail();
                Monitor.PulseAll(_gate);
            }
        }
    }

    // As long as requests wait, nothing takes longer than they do.
    private TimeSpan Shorter(TimeSpan wanted)
    {
        var rest = _options.Delay - Stopwatch.GetElapsedTime(_lostAt);
        return _isAway || rest >= wanted ? wanted : rest > s_shortestPause ? rest : wanted < s_shortestPause ? wanted : s_shortestPause;
    }

    private static BlockStatus ToStatus(NbdError error) => error switch
    {
        NbdError.None => BlockStatus.Ok,
        NbdError.NotPermitted => BlockStatus.ReadOnly,
        NbdError.NoSpace => BlockStatus.NoSpace,
        NbdError.NotSupported => BlockStatus.NotSupported,
        _ => BlockStatus.IoError,
    };

    [LoggerMessage(Level = LogLevel.Warning, Message = "drive {Id}: the server {Address} is gone: {Why}; {Count} requests wait, for {Seconds} s at most")]
    private static partial void LogLost(ILogger logger, string id, NbdAddress address, string why, int count, double seconds);

    [LoggerMessage(Level = LogLevel.Warning, Message = "drive {Id}: not connected again: {Why}")]
    private static partial void LogStillAway(ILogger logger, string id, string why);

    [LoggerMessage(Level = LogLevel.Error, Message = "drive {Id}: the server has been gone for reconnect-delay: {Count} requests have failed, and so do others until it is back")]
    private static partial void LogGivenUp(ILogger logger, string id, int count);

    [LoggerMessage(Level = LogLevel.Warning, Message = "drive {Id}: the server is back after {Seconds:F1} s")]
    private static partial void LogBack(ILogger logger, string id, double seconds);

    [LoggerMessage(Level = LogLevel.Error, Message = "drive {Id}: the server is back and does not take what it had taken (error {Error}): no flush succeeds from now on")]
    private static partial void LogNotTaken(ILogger logger, string id, uint error);

    [LoggerMessage(Level = LogLevel.Warning, Message = "drive {Id}: the server has no flush; what it has taken is as safe as it likes")]
    private static partial void LogNoFlush(ILogger logger, string id);

    [LoggerMessage(Level = LogLevel.Error, Message = "drive {Id}: the server takes whole blocks of {Size} bytes: give the device logical_block_size={Size}")]
    private static partial void LogMisaligned(ILogger logger, string id, int size);
}
