using System.Net;
using System.Net.Sockets;
using System.Text;
using Emulator.Host.Console;

namespace Emulator.Host.Tests.Console;

public sealed class CharacterPortTests
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(30);

    [Fact]
    public void Output_keeps_its_order_and_a_flush_waits_for_the_last_byte()
    {
        var channel = new GatedChannel();
        channel.Open.Set();
        using var port = NewPort(channel);
        for (var i = 0; i < 20_000; i++)
        {
            port.Transmit((byte)i);
        }

        Assert.True(port.Flush(Timeout.InfiniteTimeSpan));
        Assert.Equal(Enumerable.Range(0, 20_000).Select(i => (byte)i), channel.Written);
    }

    [Fact]
    public void A_slow_far_end_refuses_bytes_and_says_when_there_is_room()
    {
        var channel = new GatedChannel();
        using var port = NewPort(channel);
        using var ready = new ManualResetEventSlim();
        port.Attach(data => data.Length, ready.Set);
        var accepted = 0;
        while (port.TryTransmit(1))
        {
            accepted++;
        }

        Assert.False(ready.IsSet);
        channel.Open.Set();
        Assert.True(ready.Wait(s_limit, TestContext.Current.CancellationToken));
        Assert.True(port.TryTransmit(2));
        Assert.True(port.Flush(Timeout.InfiniteTimeSpan));
        Assert.Equal(accepted + 1, channel.Written.Count);
    }

    [Fact]
    public void A_flush_gives_up_on_a_far_end_that_takes_nothing()
    {
        var channel = new GatedChannel();
        using var port = NewPort(channel);
        port.TryTransmit(1);
        Assert.False(port.Flush(TimeSpan.FromMilliseconds(20)));
        channel.Open.Set();
    }

    [Fact]
    public void Input_waits_for_a_guest_that_does_not_listen_and_none_of_it_is_lost()
    {
        using var server = new TcpListener(IPAddress.Loopback, 0);
        server.Start();
        var address = (IPEndPoint)server.LocalEndpoint;
        var opened = SocketChannel.Open(new CharacterDescription { Id = "c", Kind = CharacterKind.Tcp, HostName = "127.0.0.1", Port = address.Port });
        Assert.True(opened.IsOk, opened.Error);
        using var peer = server.AcceptSocket();
        using var port = NewPort(opened.Value);

        var received = new List<byte>();
        using var done = new ManualResetEventSlim();
        var room = 0;
        port.Attach(
            data =>
            {
                var taken = Math.Min(Volatile.Read(ref room), data.Length);
                received.AddRange(data[..taken]);
                Volatile.Write(ref room, 0);
                if (received.Count == 10_000)
                {
                    done.Set();
                }

                return taken;
            },
            () => { });
        port.Start();
        var sent = new byte[10_000];
        new Random(7).NextBytes(sent);
        peer.Send(sent);
        while (!done.IsSet)
        {
            Volatile.Write(ref room, 100);
            port.ReceiveReady();
            Thread.Yield();
        }

        Assert.Equal(sent, received);
    }

    [Fact]
    public void A_tcp_server_serves_one_client_after_another()
    {
        var opened = SocketChannel.Open(new CharacterDescription { Id = "c", Kind = CharacterKind.Tcp, HostName = "127.0.0.1", IsServer = true });
        Assert.True(opened.IsOk, opened.Error);
        var end = opened.Value.LocalEndPoint!;
        using var port = NewPort(opened.Value);
        EchoesTo(port, () => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp), end);
    }

    [Fact]
    public void A_unix_server_takes_its_path_away_at_the_end()
    {
        var path = Path.Combine(Path.GetTempPath(), $"emulator-test-{Guid.NewGuid():N}.sock");
        var opened = SocketChannel.Open(new CharacterDescription { Id = "c", Kind = CharacterKind.Unix, Path = path, IsServer = true });
        Assert.True(opened.IsOk, opened.Error);
        using (var port = NewPort(opened.Value))
        {
            EchoesTo(port, () => new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified), new UnixDomainSocketEndPoint(path));
        }

        Assert.False(File.Exists(path));
    }

    [Fact]
    public void A_client_without_a_server_is_told_in_one_line()
    {
        var result = SocketChannel.Open(new CharacterDescription { Id = "c", Kind = CharacterKind.Unix, Path = "/nonexistent/socket" });
        Assert.StartsWith("cannot connect to /nonexistent/socket: ", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_pseudo_terminal_passes_bytes_both_ways_and_survives_a_hang_up()
    {
        var opened = PseudoTerminalChannel.Open();
        Assert.True(opened.IsOk, opened.Error);
        var path = opened.Value.Path;
        using var port = NewPort(opened.Value);
        Echo(port);
        for (var i = 0; i < 2; i++)
        {
            using var other = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite, bufferSize: 0);
            other.Write("\r\n\u0003x"u8);
            var buffer = new byte[4];
            other.ReadExactly(buffer);
            Assert.Equal("\r\n\u0003x"u8.ToArray(), buffer);
        }
    }

    [Fact]
    public void A_terminal_is_raw_until_it_is_restored()
    {
        var opened = PseudoTerminalChannel.Open();
        Assert.True(opened.IsOk, opened.Error);
        using var master = opened.Value;
        var slave = Posix.Open(master.Path, Posix.OpenReadWrite | Posix.OpenNoControllingTerminal);
        Assert.True(slave >= 0);
        Assert.Equal(0, Posix.GetAttributes(slave, out var attributes));
        attributes.LocalFlags |= 0xB;      // ISIG, ICANON, ECHO
        attributes.InputFlags |= 0x500;    // ICRNL, IXON
        attributes.OutputFlags |= 5;       // OPOST, ONLCR
        Assert.Equal(0, Posix.SetAttributes(slave, Posix.SetAttributesNow, attributes));

        var raw = RawTerminal.Enter(slave);
        Assert.NotNull(raw);
        Assert.Equal(0, Posix.GetAttributes(slave, out var during));
        Assert.Equal(0u, during.LocalFlags & 0xB);
        Assert.Equal(0u, during.InputFlags & 0x500);
        Assert.Equal(5u, during.OutputFlags & 5);

        raw.Dispose();
        raw.Dispose();
        Assert.Equal(0, Posix.GetAttributes(slave, out var after));
        Assert.Equal((attributes.LocalFlags, attributes.InputFlags), (after.LocalFlags, after.InputFlags));
        _ = Posix.Close(slave);
    }

    [Fact]
    public void What_is_no_terminal_stays_as_it_is()
    {
        Span<int> ends = stackalloc int[2];
        Assert.Equal(0, Posix.Pipe(ends, 0));
        Assert.Null(RawTerminal.Enter(ends[0]));
        _ = Posix.Close(ends[0]);
        _ = Posix.Close(ends[1]);
    }

    private static CharacterPort NewPort(Channel channel) => new("test", channel, () => { }, _ => { });

    private static void Echo(CharacterPort port)
    {
        port.Attach(
            data =>
            {
                foreach (var value in data)
                {
                    port.Transmit(value);
                }

                return data.Length;
            },
            () => { });
        port.Start();
    }

    private static void EchoesTo(CharacterPort port, Func<Socket> make, EndPoint end)
    {
        Echo(port);
        for (var i = 0; i < 3; i++)
        {
            using var client = make();
            client.Connect(end);
            client.ReceiveTimeout = (int)s_limit.TotalMilliseconds;
            client.Send(Encoding.ASCII.GetBytes($"client {i}"));
            var buffer = new byte[8];
            var count = 0;
            while (count < buffer.Length)
            {
                count += client.Receive(buffer, count, buffer.Length - count, SocketFlags.None);
            }

            Assert.Equal($"client {i}", Encoding.ASCII.GetString(buffer));
        }
    }

    private sealed class GatedChannel : Channel
    {
        public ManualResetEventSlim Open { get; } = new();

        public List<byte> Written { get; } = [];

        public override void Write(ReadOnlySpan<byte> data)
        {
            Open.Wait();
            Written.AddRange(data);
        }
    }
}
