using System.Net;
using System.Net.Sockets;
using Emulator.Host.Console;
using Microsoft.Extensions.Logging;

namespace Emulator.Host.Network;

/// <summary><c>-netdev dgram</c>: a frame a datagram, to and from one peer.</summary>
internal sealed class DatagramBackEnd : PacketBackEnd
{
    // A full peer has no event to wait for while the socket is not connected: sending waits for it, and looks up now and then.
    private const int PatienceMilliseconds = 100;

    private readonly Socket _socket;
    private readonly SocketAddress? _peer;

    private DatagramBackEnd(string id, Socket socket, SocketAddress? peer, ILogger logger)
        : base(id, logger) => (_socket, _peer) = (socket, peer);

    /// <summary>Where it receives.</summary>
    public EndPoint? LocalEndPoint => _socket.LocalEndPoint;

    /// <inheritdoc/>
    protected override int Descriptor => (int)_socket.Handle;

    /// <summary>Makes the socket.</summary>
    /// <param name="id">The netdev's.</param>
    /// <param name="local">Where it receives.</param>
    /// <param name="remote">Its peer, which need not be there yet.</param>
    /// <param name="logger">Told if it fails.</param>
    public static Result<NetworkBackEnd> Open(string id, SocketEnd local, SocketEnd remote, ILogger logger)
    {
        Socket? socket = null;
        try
        {
            socket = local.Bind(SocketType.Dgram);
            (socket.SendTimeout, socket.ReceiveTimeout) = (PatienceMilliseconds, PatienceMilliseconds);
            var peer = remote.Resolve(isLocal: false);
            if (peer is IPEndPoint { Address: var address } && IsMulticast(address))
            {
                throw new ArgumentException("a multicast group is not supported; give one peer's address");
            }

            // A connected one takes datagrams of its peer only. With a path that works as soon as the peer is there, and not before.
            if (remote.Path is null)
            {
                socket.Connect(peer);
            }

            return new DatagramBackEnd(id, socket, remote.Path is null ? null : peer.Serialize(), logger);
        }
        catch (Exception e) when (SocketEnd.IsFailure(e))
        {
            socket?.Dispose();
            return new Failure($"cannot receive on {local} and send to {remote}: {e.Message.ReplaceLineEndings(" ")}");
        }
    }

    /// <inheritdoc/>
    protected override string? Receive(Span<byte> buffer, out ReadOnlySpan<byte> frame)
    {
        frame = default;
        try
        {
            frame = buffer[.._socket.Receive(buffer)];
            return null;
        }
        catch (SocketException e)
        {
            // Refused is what came of a frame that was sent while nobody was there.
            return IsTimeout(e) || e.SocketErrorCode is SocketError.ConnectionRefused or SocketError.MessageSize ? null : e.Message.ReplaceLineEndings(" ");
        }
    }

    /// <inheritdoc/>
    protected override bool TrySend(ReadOnlySpan<byte> frame)
    {
        try
        {
            _ = _peer is null ? _socket.Send(frame) : _socket.SendTo(frame, SocketFlags.None, _peer);
            return true;
        }
        catch (SocketException e)
        {
            return !IsTimeout(e);
        }
    }

    /// <inheritdoc/>
    protected override void Close()
    {
        _socket.Dispose();
        base.Close();
    }

    private static bool IsTimeout(SocketException e) => e.SocketErrorCode is SocketError.WouldBlock or SocketError.TimedOut;

    private static bool IsMulticast(IPAddress address) => address.AddressFamily == AddressFamily.InterNetwork
        ? address.GetAddressBytes()[0] >> 4 == 0xE
        : address.IsIPv6Multicast;
}
