using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Emulator.Devices;
using Emulator.Host.Console;
using Microsoft.Extensions.Logging;

namespace Emulator.Host.Network;

/// <summary><c>-netdev stream</c>: frames over a connection, each behind its length.</summary>
/// <remarks>There is a link while there is a connection. A server takes one peer at a time, and then the next.</remarks>
internal sealed partial class StreamBackEnd : TwoWayBackEnd
{
    private readonly SocketEnd _end;
    private readonly Socket? _listener;
    private readonly TimeSpan? _retry;
    private readonly ILogger _logger;
    private readonly string _id;
    private Socket? _first;
    private Socket? _connection;

    private StreamBackEnd(string id, SocketEnd end, Socket? listener, Socket? first, TimeSpan? retry, ILogger logger)
        : base(id) =>
        (_id, _end, _listener, _first, _retry, _logger) = (id, end, listener, first, retry, logger);

    /// <summary>Where a server listens.</summary>
    public EndPoint? LocalEndPoint => _listener?.LocalEndPoint;

    /// <summary>Starts to listen, or connects.</summary>
    /// <param name="id">The netdev's.</param>
    /// <param name="end">Where.</param>
    /// <param name="isServer">True to listen.</param>
    /// <param name="retry">After what time a client tries again; null for never, and then the peer has to be there from the start.</param>
    /// <param name="logger">Told of peers that come and go.</param>
    public static Result<NetworkBackEnd> Open(string id, SocketEnd end, bool isServer, TimeSpan? retry, ILogger logger)
    {
        try
        {
            return new StreamBackEnd(id, end, isServer ? end.Listen() : null, isServer || retry is not null ? null : end.Connect(), retry, logger);
        }
        catch (Exception e) when (SocketEnd.IsFailure(e))
        {
            return new Failure($"cannot {(isServer ? "listen on" : "connect to")} {end}: {e.Message.ReplaceLineEndings(" ")}");
        }
    }

    /// <inheritdoc/>
    public override void Attach(NetworkPort port)
    {
        base.Attach(port);
        port.SetUp(_first is not null);
    }

    /// <inheritdoc/>
    protected override void RunInward()
    {
        while (Connect() is { } connection)
        {
            // Either this sees that it is to stop, or whoever stops it sees the connection.
            _ = Interlocked.Exchange(ref _connection, connection);
            if (Stopping.IsCancellationRequested)
            {
                connection.Dispose();
                return;
            }

            Port.SetUp(true);
            LogConnected(_logger, _id);
            var why = Receive(connection);
            Volatile.Write(ref _connection, null);
            Port.SetUp(false);
            connection.Dispose();
            if (Stopping.IsCancellationRequested)
            {
                return;
            }

            LogGone(_logger, _id, why);
        }
    }

    /// <inheritdoc/>
    protected override void RunOutward()
    {
        var buffer = new byte[2 * (FrameAssembler.PrefixSize + NetworkPort.LargestFrame)];
        while (Next(out _))
        {
            // Of the connection there was before the frames: a later one begins with a whole frame.
            var connection = Volatile.Read(ref _connection);
            var count = Gather(buffer);
            try
            {
                for (var sent = 0; connection is not null && sent < count;)
                {
                    sent += connection.Send(buffer.AsSpan(sent, count - sent));
                }
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                connection?.Dispose();      // the other thread finds that out
            }
        }
    }

    /// <inheritdoc/>
    protected override void Interrupt()
    {
        Volatile.Read(ref _connection)?.Dispose();
        _listener?.Dispose();
    }

    /// <inheritdoc/>
    protected override void Close()
    {
        _first?.Dispose();
        _listener?.Dispose();
        if (_listener is not null && _end.Path is { } path)
        {
            File.Delete(path);
        }
    }

    // Null at the end, and when a client that does not try again has lost its peer.
    private Socket? Connect()
    {
        if (_listener is null && _retry is null)
        {
            var first = _first;
            _first = null;
            return first;
        }

        var isLogged = false;
        while (!Stopping.IsCancellationRequested)
        {
            try
            {
                if (_listener is null)
                {
                    return _end.Connect(cancellation: Stopping);
                }

                var peer = _listener.Accept();
                SocketEnd.SendAtOnce(peer);
                return peer;
            }
            catch (Exception e) when (SocketEnd.IsFailure(e) || e is OperationCanceledException or ObjectDisposedException)
            {
                if (!isLogged && !Stopping.IsCancellationRequested)
                {
                    LogWaiting(_logger, _id, e.Message);
                }

                isLogged = true;
                Stopping.WaitHandle.WaitOne(_retry ?? TimeSpan.FromSeconds(1));
            }
        }

        return null;
    }

    // Says why it ends.
    private string Receive(Socket connection)
    {
        var frames = new FrameAssembler();
        try
        {
            while (true)
            {
                var count = connection.Receive(frames.Room);
                if (count == 0)
                {
                    return frames.IsWhole ? "the peer has closed it" : "the peer has closed it in the middle of a frame";
                }

                frames.Add(count);
                while (frames.TryNext(out var frame))
                {
                    if (!Deliver(frame))
                    {
                        return "";
                    }
                }

                if (frames.BadLength is { } length)
                {
                    return $"the peer announced a frame of {length} bytes; 1 to {NetworkPort.LargestFrame} are possible";
                }
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            return e.Message.ReplaceLineEndings(" ");
        }
    }

    // As many frames as fit, each behind its length.
    private int Gather(Span<byte> buffer)
    {
        var count = 0;
        while (Port.TryPeek(out var frame) && FrameAssembler.PrefixSize + frame.Length <= buffer.Length - count)
        {
            BinaryPrimitives.WriteInt32BigEndian(buffer[count..], frame.Length);
            frame.CopyTo(buffer[(count + FrameAssembler.PrefixSize)..]);
            count += FrameAssembler.PrefixSize + frame.Length;
            Port.Consume();
        }

        return count;
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "netdev {Id}: connected")]
    private static partial void LogConnected(ILogger logger, string id);

    [LoggerMessage(Level = LogLevel.Warning, Message = "netdev {Id}: the connection has ended: {Why}")]
    private static partial void LogGone(ILogger logger, string id, string why);

    [LoggerMessage(Level = LogLevel.Information, Message = "netdev {Id}: no connection yet: {Why}")]
    private static partial void LogWaiting(ILogger logger, string id, string why);
}
