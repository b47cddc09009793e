using System.Net;
using System.Net.Sockets;

namespace Emulator.Host.Console;

/// <summary>Where a socket is, as the command line says it.</summary>
internal sealed record SocketEnd
{
    /// <summary>The longest path the kernel takes.</summary>
    public const int LongestPath = 107;

    /// <summary>A Unix socket's path, or null.</summary>
    public string? Path { get; private init; }

    /// <summary>A host; empty is every local address for a server and the loopback for a client.</summary>
    public string HostName { get; private init; } = "";

    /// <summary>A port; 0 lets a server choose.</summary>
    public int Port { get; private init; }

    /// <summary>A Unix socket.</summary>
    public static SocketEnd Unix(string path) => new() { Path = path };

    /// <summary>A port of a host.</summary>
    public static SocketEnd Inet(string host, int port) => new() { HostName = host, Port = port };

    /// <summary>True for what <see cref="Listen"/>, <see cref="Connect"/>, <see cref="Bind"/> and <see cref="Resolve"/> throw if it cannot be done.</summary>
    public static bool IsFailure(Exception exception) => exception is SocketException or IOException or ArgumentException;

    /// <summary>Has small pieces sent at once.</summary>
    public static void SendAtOnce(Socket socket)
    {
        if (socket.ProtocolType == ProtocolType.Tcp)
        {
            socket.NoDelay = true;
        }
    }

    /// <summary>A stream socket that listens here.</summary>
    public Socket Listen()
    {
        var socket = Bind(SocketType.Stream);
        socket.Listen(1);
        return socket;
    }

    /// <summary>A stream socket that is connected to it.</summary>
    /// <param name="patience">Milliseconds after which to give up; 0 for as long as the kernel has it.</param>
    /// <param name="cancellation">Ends the waiting.</param>
    /// <exception cref="OperationCanceledException">It was ended.</exception>
    public Socket Connect(int patience = 0, CancellationToken cancellation = default)
    {
        var end = Resolve(isLocal: false);
        var socket = Make(end, SocketType.Stream);
        try
        {
            // Not asynchronous: a socket that ever was allocates something each time that it waits.
            socket.SendTimeout = patience;
            using (cancellation.Register(socket.Dispose))
            {
                socket.Connect(end);
            }

            cancellation.ThrowIfCancellationRequested();
            socket.SendTimeout = 0;
            SendAtOnce(socket);
            return socket;
        }
        catch (Exception e) when (cancellation.IsCancellationRequested && e is SocketException or ObjectDisposedException)
        {
            socket.Dispose();
            throw new OperationCanceledException(cancellation);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>A socket with this address.</summary>
    /// <param name="type">Stream or datagram.</param>
    public Socket Bind(SocketType type)
    {
        var end = Resolve(isLocal: true);
        var socket = Make(end, type);
        try
        {
            if (Path is not null)
            {
                RemoveStale(Path, type);
            }

            // Not with ReuseAddress: the runtime sets what a restart needs by itself, and that option would let two servers share a port.
            socket.Bind(end);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>The address.</summary>
    /// <param name="isLocal">What no host's name means: every address of this one, or the loopback.</param>
    public EndPoint Resolve(bool isLocal)
    {
        if (Path is not null)
        {
            return new UnixDomainSocketEndPoint(Path);
        }

        var address = HostName.Length == 0 ? isLocal ? IPAddress.Any : IPAddress.Loopback
            : IPAddress.TryParse(HostName, out var literal) ? literal
            : Dns.GetHostAddresses(HostName).OrderBy(a => a.AddressFamily != AddressFamily.InterNetwork).FirstOrDefault()
                ?? throw new SocketException((int)SocketError.HostNotFound);
        return new IPEndPoint(address, Port);
    }

    /// <inheritdoc/>
    public override string ToString() => Path ?? $"{HostName}:{Port}";

    private static Socket Make(EndPoint end, SocketType type) => new(
        end.AddressFamily,
        type,
        end is not IPEndPoint ? ProtocolType.Unspecified : type == SocketType.Stream ? ProtocolType.Tcp : ProtocolType.Udp);

    /// <summary>A socket file that nobody listens on any more is in the way of a new server.</summary>
    private static void RemoveStale(string path, SocketType type)
    {
        if (!File.Exists(path) || (File.GetAttributes(path) & FileAttributes.Device) != 0)
        {
            return;
        }

        using var probe = new Socket(AddressFamily.Unix, type, ProtocolType.Unspecified);
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
}
