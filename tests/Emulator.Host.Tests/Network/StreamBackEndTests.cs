using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Emulator.Host.Network;

namespace Emulator.Host.Tests.Network;

/// <summary><c>-netdev stream</c> and <c>-netdev socket</c>, with a socket of the test's as the peer.</summary>
public sealed class StreamBackEndTests : IDisposable
{
    private readonly BackEndRig _rig = new();

    public void Dispose() => _rig.Dispose();

    [Theory]
    [InlineData("stream,id=n,server=on,addr.type=inet,addr.host=127.0.0.1,addr.port=0")]
    [InlineData("stream,id=n,server=on,addr.type=unix,addr.path=PATH")]
    [InlineData("socket,id=n,listen=127.0.0.1:0")]
    public void A_server_takes_one_peer_after_another(string netdev)
    {
        var (port, backEnd) = _rig.Start(netdev.Replace("PATH", _rig.Path("socket"), StringComparison.Ordinal));
        Assert.False(port.IsLinkUp);
        for (byte round = 0; round < 3; round++)
        {
            using (var peer = Connect(((StreamBackEnd)backEnd).LocalEndPoint!))
            {
                Wires.Until(() => port.IsLinkUp, "a link");
                peer.Send(FrameAssemblerTests.Framed([round, 1, 2]));
                Assert.Equal([round, 1, 2], port.Receive());
                port.Send([round, 3, 4, 5]);
                Assert.Equal([0, 0, 0, 4, round, 3, 4, 5], Read(peer, 8));
            }

            Wires.Until(() => !port.IsLinkUp, "the link's end");
            Assert.True(port.TrySend([9]), "without a link what is sent is lost");
            Wires.Until(() => _rig.Warnings.Count > round, "a line");
            Assert.Equal("netdev n: the connection has ended: the peer has closed it", _rig.Warnings.Last());
        }
    }

    [Fact]
    public void A_servers_socket_file_goes_with_it_and_one_that_was_left_is_no_hindrance()
    {
        var path = _rig.Path("socket");
        using (var left = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
        {
            left.Bind(new UnixDomainSocketEndPoint(_rig.Path("other")));
            File.Move(_rig.Path("other"), path);
        }

        var (_, backEnd) = _rig.Start($"stream,id=n,server=on,addr.type=unix,addr.path={path}");
        Connect(new UnixDomainSocketEndPoint(path)).Dispose();
        backEnd.Dispose();
        Assert.False(File.Exists(path));
    }

    [Fact]
    public void A_client_has_a_link_from_the_start_and_none_once_its_peer_is_gone()
    {
        using var listener = Listen();
        var (port, _) = _rig.Start($"stream,id=n,addr.type=inet,addr.host=localhost,addr.port={PortOf(listener)}");
        Assert.True(port.IsLinkUp);
        using (var peer = listener.Accept())
        {
            port.Send([1, 2]);
            Assert.Equal([0, 0, 0, 2, 1, 2], Read(peer, 6));
        }

        Wires.Until(() => !port.IsLinkUp && !_rig.Warnings.IsEmpty, "the link's end");
    }

    [Fact]
    public void A_client_that_is_told_to_tries_until_there_is_a_peer_and_again_when_it_has_gone()
    {
        int number;
        using (var probe = Listen())
        {
            number = PortOf(probe);
        }

        var (port, _) = _rig.Start($"stream,id=n,addr.type=inet,addr.host=127.0.0.1,addr.port={number},reconnect-ms=10");
        Assert.False(port.IsLinkUp);
        using var listener = Listen(number);
        for (byte round = 0; round < 3; round++)
        {
            using (var peer = listener.Accept())
            {
                Wires.Until(() => port.IsLinkUp, "a link");
                peer.Send(FrameAssemblerTests.Framed([round]));
                Assert.Equal([round], port.Receive());
            }

            // The link may be there again before anybody looks.
            Wires.Until(() => _rig.Warnings.Count > round, "the connection's end");
        }
    }

    [Theory]
    [InlineData("stream,id=n,addr.type=unix,addr.path=PATH", "cannot connect to PATH: ")]
    [InlineData("stream,id=n,server=on,addr.type=unix,addr.path=PATH/not/there", "cannot listen on PATH/not/there: ")]
    [InlineData("stream,id=n,server=on,addr.type=inet,addr.host=127.0.0.1,addr.port=PORT", "cannot listen on 127.0.0.1:PORT: ")]
    [InlineData("stream,id=n,server=on,addr.type=inet,addr.host=not.a.host.invalid,addr.port=1", "cannot listen on not.a.host.invalid:1: ")]
    public void What_cannot_be_opened_is_a_mistake(string netdev, string expected)
    {
        using var taken = Listen();
        string Fill(string text) => text.Replace("PATH", _rig.Path("socket"), StringComparison.Ordinal)
            .Replace("PORT", $"{PortOf(taken)}", StringComparison.Ordinal);
        Assert.False(_rig.TryOpen(Fill(netdev)).Get(out _, out var mistake));
        Assert.StartsWith(Fill(expected), mistake, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', mistake);
    }

    [Fact]
    public void Pieces_of_frames_are_put_together()
    {
        var (port, backEnd) = _rig.Start("stream,id=n,server=on,addr.type=inet,addr.host=127.0.0.1,addr.port=0");
        using var peer = Connect(((StreamBackEnd)backEnd).LocalEndPoint!);
        peer.NoDelay = true;
        var stream = Enumerable.Range(1, 40).SelectMany(i => FrameAssemblerTests.Framed([.. Enumerable.Repeat((byte)i, i)])).ToArray();
        for (var at = 0; at < stream.Length;)
        {
            at += peer.Send(stream.AsSpan(at, Math.Min(7, stream.Length - at)));
        }

        for (var i = 1; i <= 40; i++)
        {
            Assert.Equal(Enumerable.Repeat((byte)i, i), port.Receive());
        }
    }

    [Theory]
    [InlineData(0U)]
    [InlineData(0x10001U)]
    [InlineData(0xFFFFFFFFU)]
    public void A_length_that_no_frame_has_costs_the_peer_its_connection(uint length)
    {
        var (port, backEnd) = _rig.Start("stream,id=n,server=on,addr.type=inet,addr.host=127.0.0.1,addr.port=0");
        using (var peer = Connect(((StreamBackEnd)backEnd).LocalEndPoint!))
        {
            var bytes = new byte[4];
            BinaryPrimitives.WriteUInt32BigEndian(bytes, length);
            peer.Send([.. FrameAssemblerTests.Framed([7]), .. bytes]);
            Assert.Equal([7], port.Receive());
            Assert.Empty(Read(peer, 1));
        }

        Wires.Until(() => !_rig.Warnings.IsEmpty, "a line");
        Assert.Equal($"netdev n: the connection has ended: the peer announced a frame of {length} bytes; 1 to 65536 are possible", Assert.Single(_rig.Warnings));
        using var next = Connect(((StreamBackEnd)backEnd).LocalEndPoint!);
        Wires.Until(() => port.IsLinkUp, "the next peer");
    }

    [Fact]
    public void A_peer_that_vanishes_in_the_middle_of_a_frame_leaves_no_piece_of_it()
    {
        var (port, backEnd) = _rig.Start("stream,id=n,server=on,addr.type=inet,addr.host=127.0.0.1,addr.port=0");
        using (var peer = Connect(((StreamBackEnd)backEnd).LocalEndPoint!))
        {
            peer.Send(FrameAssemblerTests.Framed(new byte[100]).AsSpan(0, 50));
        }

        Wires.Until(() => !_rig.Warnings.IsEmpty, "a line");
        Assert.Equal("netdev n: the connection has ended: the peer has closed it in the middle of a frame", Assert.Single(_rig.Warnings));
        using var next = Connect(((StreamBackEnd)backEnd).LocalEndPoint!);
        next.Send(FrameAssemblerTests.Framed([1, 2, 3]));
        Assert.Equal([1, 2, 3], port.Receive());
    }

    [Fact]
    public void A_slow_peer_holds_the_controller_back_and_loses_nothing()
    {
        var (port, backEnd) = _rig.Start("stream,id=n,server=on,addr.type=unix,addr.path=" + _rig.Path("socket"));
        using var peer = Connect(((StreamBackEnd)backEnd).LocalEndPoint!);
        Wires.Until(() => port.IsLinkUp, "a link");
        var frame = new byte[1514];
        const int Frames = 5_000;
        var sent = 0;
        bool TrySend()
        {
            BinaryPrimitives.WriteInt32LittleEndian(frame, sent);
            return port.TrySend(frame);
        }

        for (var received = 0; received < Frames; received++)
        {
            while (sent < Frames && TrySend())
            {
                sent++;
            }

            Assert.True(received > 0 || sent < Frames, "not all of them can be on the way");
            var bytes = Read(peer, 4 + 1514);
            Assert.Equal(1514, BinaryPrimitives.ReadInt32BigEndian(bytes));
            Assert.Equal(received, BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(4)));
        }
    }

    [Fact]
    public void A_slow_controller_holds_the_peer_back_and_loses_nothing()
    {
        var (port, backEnd) = _rig.Start("stream,id=n,server=on,addr.type=unix,addr.path=" + _rig.Path("socket"));
        using var peer = Connect(((StreamBackEnd)backEnd).LocalEndPoint!);
        peer.Blocking = false;
        const int Frames = 5_000;
        var stream = Enumerable.Range(0, Frames).SelectMany(i =>
        {
            var frame = new byte[1000];
            BinaryPrimitives.WriteInt32LittleEndian(frame, i);
            return FrameAssemblerTests.Framed(frame);
        }).ToArray();
        var sent = 0;
        bool TrySend()
        {
            var count = peer.Send(stream.AsSpan(sent, Math.Min(65_536, stream.Length - sent)), SocketFlags.None, out var error);
            sent += error == SocketError.Success ? count : 0;
            return error == SocketError.Success;
        }

        for (var received = 0; received < Frames; received++)
        {
            while (sent < stream.Length && TrySend())
            {
            }

            Assert.True(received > 0 || sent < stream.Length, "not all of it can be on the way");
            Assert.Equal(received, BinaryPrimitives.ReadInt32LittleEndian(port.Receive()));
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void The_end_does_not_wait_for_a_peer(bool isPeerSlow)
    {
        var (port, backEnd) = _rig.Start("stream,id=n,server=on,addr.type=inet,addr.host=127.0.0.1,addr.port=0");
        using var peer = Connect(((StreamBackEnd)backEnd).LocalEndPoint!);
        Wires.Until(() => port.IsLinkUp, "a link");
        if (isPeerSlow)
        {
            Wires.Until(() => !port.TrySend(new byte[60_000]), "a full wire");
        }

        var end = new Thread(backEnd.Dispose);
        end.Start();
        Assert.True(end.Join(Wires.Patience));
    }

    private static Socket Listen(int port = 0)
    {
        var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, port));
        listener.Listen();
        return listener;
    }

    private static int PortOf(Socket listener) => ((IPEndPoint)listener.LocalEndPoint!).Port;

    private static Socket Connect(EndPoint end)
    {
        var socket = new Socket(end.AddressFamily, SocketType.Stream, end is IPEndPoint ? ProtocolType.Tcp : ProtocolType.Unspecified)
        {
            ReceiveTimeout = (int)Wires.Patience.TotalMilliseconds,
        };
        socket.Connect(end);
        return socket;
    }

    // Fewer at the end of the connection.
    private static byte[] Read(Socket socket, int count)
    {
        var bytes = new byte[count];
        var got = 0;
        while (got < count && socket.Receive(bytes.AsSpan(got)) is > 0 and var more)
        {
            got += more;
        }

        return bytes[..got];
    }
}
