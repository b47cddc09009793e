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
        var name = description.Kind == CharacterKind.Unix ? description.Path : $"{description.HostName}:{description.Port}";
        Socket? socket = null;
        try
        {
            EndPoint end = description.Kind == CharacterKind.Unix
                ? new UnixDomainSocketEndPoint(description.Path)
                : new IPEndPoint(Resolve(description.HostName, description.IsServer), description.Port);
            socket = new Socket(end.AddressFamily, SocketType.Stream, end is IPEndPoint ? ProtocolType.Tcp : ProtocolType.Unspecified);
            if (!description.IsServer)
            {
                socket.Connect(end);
                Prepare(socket);
                return new SocketChannel(null, socket, null);
            }

            if (description.Kind == CharacterKind.Unix)
            {
                RemoveStaleSocket(description.Path);
            }
            else
            {
                socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
            }

            socket.Bind(end);
            socket.Listen(1);
            return new SocketChannel(socket, null, description.Kind == CharacterKind.Unix ? description.Path : null);
        }
        catch (Exception e) when (e is SocketException or IOException or ArgumentException)
        {
            socket?.Dispose();
            return new Failure($"cannot {(description.IsServer ? "listen on" : "connect to")} {name}: {e.Message.ReplaceLineEndings(" ")}");
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
                    Prepare(accepted);
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

    private static void Prepare(Socket socket)
    {
        if (socket.ProtocolType == ProtocolType.Tcp)
        {
            socket.NoDelay = true;
        }
    }

    private static IPAddress Resolve(string host, bool isServer) =>
        host.Length == 0 ? isServer ? IPAddress.Any : IPAddress.Loopback
        : IPAddress.TryParse(host, out var address) ? address
        : Dns.GetHostAddresses(host).OrderBy(a => a.AddressFamily != AddressFamily.InterNetwork).FirstOrDefault()
            ?? throw new SocketException((int)SocketError.HostNotFound);

    /// <summary>A socket file that nobody listens on any more is in the way of a new server.</summary>
    private static void RemoveStaleSocket(string path)
    {
        if (!File.Exists(path) || (File.GetAttributes(path) & FileAttributes.Device) != 0)
        {
            return;
        }

        using var probe = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            probe.Connect(new UnixDomainSocketEndPoint(path));
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.ConnectionRefused && new FileInfo(path).Length == 0)
        {
            File.Delete(path);
        }
        catch (SocketException)
        {
            // Whatever it is, binding will say so.
        }
    }

    private void HangUp(Socket? connection)
    {
        _connection = null;
        connection?.Dispose();
    }
}
