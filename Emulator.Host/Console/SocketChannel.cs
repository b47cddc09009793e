using System.Net;
using System.Net.Sockets;

namespace Emulator.Host.Console;

/// <summary>A stream socket, TCP or Unix: a client's one connection, or a server's clients one after another.</summary>
internal sealed class SocketChannel : Channel
{
    private readonly Socket? _listener;
    private readonly string? _pathToRemove;
    private volatile Socket? _connection;

    private SocketChannel(Socket? listener, Socket? connection, string? pathToRemove)
    {
        (_listener, _connection, _pathToRemove) = (listener, connection, pathToRemove);
    }

    public override TimeSpan Patience => TimeSpan.FromSeconds(5);

    public override int InputDescriptor => (int)((_connection ?? _listener)?.Handle ?? -1);

    /// <summary>Where a server listens.</summary>
    public EndPoint? LocalEndPoint => _listener?.LocalEndPoint;

    /// <summary>Connects, or starts to listen.</summary>
    public static Result<SocketChannel> Open(CharacterDescription description)
    {
        var end = description.Kind == CharacterKind.Unix ? SocketEnd.Unix(description.Path) : SocketEnd.Inet(description.HostName, description.Port);
        try
        {
            return description.IsServer ? new SocketChannel(end.Listen(), null, end.Path) : new SocketChannel(null, end.Connect(), null);
        }
        catch (Exception e) when (SocketEnd.IsFailure(e))
        {
            return new Failure($"cannot {(description.IsServer ? "listen on" : "connect to")} {end}: {e.Message.ReplaceLineEndings(" ")}");
        }
    }

    /// <summary>Waits for a server's first client.</summary>
    public void WaitForClient(CancellationToken cancellation)
    {
        while (_connection is null && _listener is not null && !cancellation.IsCancellationRequested)
        {
            if (_listener.Poll(TimeSpan.FromMilliseconds(50), SelectMode.SelectRead))
            {
                _ = Read([]);
            }
        }
    }

    public override int Read(Span<byte> buffer)
    {
        try
        {
            if (_connection is not { } connection)
            {
                if (_listener?.Accept() is { } accepted)
                {
                    SocketEnd.SendAtOnce(accepted);
                    _connection = accepted;
                }

                return 0;
            }

            var count = connection.Receive(buffer);
            if (count == 0)
            {
                HangUp(connection);
            }

            return count;
        }
        catch (SocketException)
        {
            HangUp(_connection);
            return 0;
        }
        catch (ObjectDisposedException)
        {
            return 0;
        }
    }

    public override void Write(ReadOnlySpan<byte> data)
    {
        var connection = _connection;
        try
        {
            while (connection is not null && data.Length > 0)
            {
                data = data[connection.Send(data)..];
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The input thread sees the end of the connection and lets go of it.
        }
    }

    protected override void Close()
    {
        HangUp(_connection);
        _listener?.Dispose();
        if (_pathToRemove is not null)
        {
            File.Delete(_pathToRemove);
        }
    }

    private void HangUp(Socket? connection)
    {
        _connection = null;
        connection?.Dispose();
    }
}
