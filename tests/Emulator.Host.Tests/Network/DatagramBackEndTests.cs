using System.Net;
using System.Net.Sockets;
using Emulator.Devices;
using Emulator.Host.Network;

namespace Emulator.Host.Tests.Network;

/// <summary><c>-netdev dgram</c>, with a socket of the test's as the peer.</summary>
public sealed class DatagramBackEndTests : IDisposable
{
    private readonly BackEndRig _rig = new();

    public void Dispose() => _rig.Dispose();

    [Fact]
    public void Over_UDP_a_frame_is_a_datagram()
    {
        using var peer = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { ReceiveTimeout = (int)Wires.Patience.TotalMilliseconds };
        peer.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var (port, backEnd) = _rig.Start(
            $"dgram,id=n,local.type=inet,local.host=127.0.0.1,local.port=0,remote.type=inet,remote.host=127.0.0.1,remote.port={((IPEndPoint)peer.LocalEndPoint!).Port}");
        Talk(port, peer, ((DatagramBackEnd)backEnd).LocalEndPoint!, 9_000);
    }

    [Fact]
    public void Between_Unix_sockets_a_frame_is_a_datagram()
    {
        using var peer = Bind("peer");
        var (port, backEnd) = _rig.Start(Unix());
        Talk(port, peer, ((DatagramBackEnd)backEnd).LocalEndPoint!, NetworkPort.LargestFrame);
    }

    [Fact]
    public void A_peer_need_not_be_there_and_may_go_and_come_again()
    {
        var (port, backEnd) = _rig.Start(Unix());
        port.Send([1]);
        for (byte i = 0; i < 3; i++)
        {
            using var peer = Bind("peer");
            peer.ReceiveTimeout = 10;
            var buffer = new byte[10];
            Wires.Until(
                () =>
                {
                    port.Send([i, i]);
                    return peer.Receive(buffer, SocketFlags.None, out var error) == 2 && error == SocketError.Success && buffer[0] == i;
                },
                "a frame");
        }

        Assert.Empty(_rig.Warnings);
        Assert.True(port.IsLinkUp);
        backEnd.Dispose();
    }

    [Fact]
    public void A_slow_peer_holds_the_controller_back_and_the_end_does_not_wait_for_it()
    {
        using var peer = Bind("peer");
        var (port, backEnd) = _rig.Start(Unix());
        var sent = 0;
        Wires.Until(
            () =>
            {
                var room = port.TrySend(new byte[30_000]);
                sent += room ? 1 : 0;
                return !room && sent > 10;
            },
            "a full wire");
        var buffer = new byte[65_536];
        for (var i = 0; i < sent; i++)
        {
            Assert.Equal(30_000, peer.Receive(buffer));
        }

        Wires.Until(() => !port.TrySend(new byte[30_000]), "a full wire");
        var end = new Thread(backEnd.Dispose);
        end.Start();
        Assert.True(end.Join(Wires.Patience));
    }

    [Theory]
    [InlineData("dgram,id=n,local.type=inet,local.port=0,remote.type=inet,remote.host=230.0.0.1,remote.port=1", "cannot receive on :0 and send to 230.0.0.1:1: a multicast group is not supported; give one peer's address")]
    [InlineData("dgram,id=n,local.type=unix,local.path=/not/there,remote.type=unix,remote.path=/x", "cannot receive on /not/there and send to /x: ")]
    public void What_cannot_be_opened_is_a_mistake(string netdev, string expected)
    {
        Assert.False(_rig.TryOpen(netdev).Get(out _, out var mistake));
        Assert.StartsWith(expected, mistake, StringComparison.Ordinal);
    }

    private static void Talk(NetworkPort port, Socket peer, EndPoint end, int longest)
    {
        Assert.True(port.IsLinkUp);
        var buffer = new byte[NetworkPort.LargestFrame];
        foreach (var length in new[] { 1, 60, 1514, longest })
        {
            var frame = new byte[length];
            Array.Fill(frame, (byte)length);
            port.Send(frame);
            Assert.Equal(frame, buffer[..peer.Receive(buffer)]);
            peer.SendTo(frame, end);
            Assert.Equal(frame, port.Receive());
        }
    }

    private string Unix() => $"dgram,id=n,local.type=unix,local.path={_rig.Path("local")},remote.type=unix,remote.path={_rig.Path("peer")}";

    private Socket Bind(string name)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified) { ReceiveTimeout = (int)Wires.Patience.TotalMilliseconds };
        socket.Bind(new UnixDomainSocketEndPoint(_rig.Path(name)));
        return socket;
    }
}
