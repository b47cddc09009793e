using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;
using Emulator.Devices;

namespace Emulator.Host.Tests.Network;

/// <summary><c>-netdev user</c>, with the test as the guest: it makes its frames itself.</summary>
public sealed class UserBackEndTests : IDisposable
{
    private static readonly byte[] s_guest = [0x52, 0x54, 0, 0x12, 0x34, 0x56];
    private static readonly byte[] s_everybody = [255, 255, 255, 255, 255, 255];

    private readonly BackEndRig _rig = new();

    public UserBackEndTests() => Assert.SkipUnless(NativeLibrary.TryLoad("libslirp.so.0", out _), "libslirp0 is not installed.");

    public void Dispose() => _rig.Dispose();

    [Theory]
    [InlineData("user,id=n", "10.0.2.15", "10.0.2.2", "10.0.2.3", "")]
    [InlineData("user,id=n,net=192.168.76.0/24,dhcpstart=192.168.76.9,dns=192.168.76.4,bootfile=start.bin", "192.168.76.9", "192.168.76.2", "192.168.76.4", "start.bin")]
    public void A_guest_that_asks_for_an_address_is_offered_one(string netdev, string address, string router, string dns, string file)
    {
        var (port, _) = _rig.Start(netdev);
        port.Send(Discover());
        var offer = ReceiveUdp(port, destination: 68);
        var options = Options(offer.AsSpan(240));
        Assert.Equal(2, options[53][0]);    // DHCPOFFER
        Assert.Equal(0x12345678U, BinaryPrimitives.ReadUInt32BigEndian(offer.AsSpan(4)));
        Assert.Equal(IPAddress.Parse(address), new IPAddress(offer.AsSpan(16, 4)));
        Assert.Equal(IPAddress.Parse(router), new IPAddress(options[3]));
        Assert.Equal(IPAddress.Parse(dns), new IPAddress(options[6]));
        Assert.Equal(file, Encoding.UTF8.GetString(offer.AsSpan(108, 128)).TrimEnd('\0'));
    }

    [Fact]
    public void A_guest_reads_a_file_of_the_TFTP_folder()
    {
        var folder = Directory.CreateDirectory(_rig.Path("tftp")).FullName;
        var content = Enumerable.Range(0, 700).Select(i => (byte)i).ToArray();
        File.WriteAllBytes(Path.Combine(folder, "file"), content);
        var (port, _) = _rig.Start($"user,id=n,tftp={folder}");

        // RRQ, then DATA 1, ACK 1, DATA 2 (RFC 1350).
        port.Send(Udp("10.0.2.15", 2000, "10.0.2.2", 69, [0, 1, .. "file\0octet\0"u8]));
        var first = ReceiveUdp(port, destination: 2000);
        Assert.Equal([0, 3, 0, 1], first[..4]);
        port.Send(Udp("10.0.2.15", 2000, "10.0.2.2", 69, [0, 4, 0, 1]));
        var second = ReceiveUdp(port, destination: 2000);
        Assert.Equal([0, 3, 0, 2], second[..4]);
        Assert.Equal(content, first[4..].Concat(second[4..]));
    }

    [Fact]
    public void A_connection_to_a_forwarded_port_comes_to_the_guest()
    {
        int number;
        using (var probe = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp))
        {
            probe.Bind(new IPEndPoint(IPAddress.Loopback, 0));
            number = ((IPEndPoint)probe.LocalEndPoint!).Port;
        }

        var (port, _) = _rig.Start($"user,id=n,hostfwd=tcp:127.0.0.1:{number}-:22,hostfwd=udp:127.0.0.1:{number}-10.0.2.16:53");
        using var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        client.Connect(IPAddress.Loopback, number);

        // The router asks who has the guest's address; the answer brings the connection.
        var request = port.Receive();
        Assert.Equal([8, 6], request[12..14]);
        Assert.Equal([10, 0, 2, 15], request[38..42]);
        port.Send([.. request[6..12], .. s_guest, 8, 6, 0, 1, 8, 0, 6, 4, 0, 2, .. s_guest, .. request[38..42], .. request[22..32]]);
        var syn = ReceiveIp(port, protocol: 6);
        Assert.Equal(22, BinaryPrimitives.ReadUInt16BigEndian(syn.AsSpan(2)));
        Assert.Equal(2, syn[13]);
    }

    [Fact]
    public void A_port_that_is_taken_is_a_mistake()
    {
        using var taken = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        taken.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        taken.Listen();
        var forward = $"tcp:127.0.0.1:{((IPEndPoint)taken.LocalEndPoint!).Port}-:22";
        Assert.False(_rig.TryOpen($"user,id=n,hostfwd={forward}").Get(out _, out var mistake));
        Assert.StartsWith($"property 'hostfwd': cannot forward {forward}: Address already in use", mistake, StringComparison.Ordinal);
    }

    [Fact]
    public void A_TFTP_folder_that_is_not_there_is_a_mistake()
    {
        Assert.False(_rig.TryOpen("user,id=n,tftp=/not/there").Get(out _, out var mistake));
        Assert.Equal("property 'tftp': '/not/there' is not a directory", mistake);
    }

    [Fact]
    public void A_guest_that_does_not_receive_is_waited_for()
    {
        var folder = Directory.CreateDirectory(_rig.Path("tftp")).FullName;
        var (port, backEnd) = _rig.Start($"user,id=n,tftp={folder}");
        var question = Udp("10.0.2.15", 2000, "10.0.2.2", 69, [0, 1, .. "missing\0octet\0"u8]);

        // Says who it is, so that nobody has to ask (RFC 5227).
        port.Send([.. s_everybody, .. s_guest, 8, 6, 0, 1, 8, 0, 6, 4, 0, 1, .. s_guest, 10, 0, 2, 15, .. s_everybody, 10, 0, 2, 15]);

        // Each question has an answer. More than wire and stack can hold are asked for before the first is taken.
        const int Questions = 30_000;
        var asked = 0;
        for (var answered = 0; answered < Questions; answered++)
        {
            while (asked < Questions && port.TrySend(question))
            {
                asked++;
            }

            Assert.True(answered > 0 || asked < Questions, "not all of them can be on the way");
            Assert.Equal([0, 5], ReceiveUdp(port, destination: 2000)[..2]);
        }

        backEnd.Dispose();
    }

    [Fact]
    public void Garbage_does_no_harm()
    {
        var seed = Random.Shared.Next();
        var random = new Random(seed);
        var (port, _) = _rig.Start("user,id=n");
        for (var i = 0; i < 3_000; i++)
        {
            var frame = i % 2 == 0 ? Discover() : Udp("10.0.2.15", 2000, "10.0.2.2", 69, [0, 1, .. "file\0octet\0"u8]);
            for (var flips = random.Next(1, 6); flips > 0; flips--)
            {
                frame[random.Next(frame.Length)] = (byte)random.Next(256);
            }

            port.Send(frame[..random.Next(1, frame.Length + 1)]);
            while (port.TryPeek(out _))
            {
                port.Consume();
            }
        }

        port.Send(Discover());
        Assert.True(ReceiveUdp(port, destination: 68).Length > 240, $"seed {seed}");
    }

    private static byte[] Discover()
    {
        // BOOTREQUEST over Ethernet, the magic cookie, DHCPDISCOVER (RFC 2131).
        var message = new byte[244];
        (message[0], message[1], message[2]) = (1, 1, 6);
        BinaryPrimitives.WriteUInt32BigEndian(message.AsSpan(4), 0x12345678);
        s_guest.CopyTo(message, 28);
        byte[] options = [0x63, 0x82, 0x53, 0x63, 53, 1, 1, 255];
        options.CopyTo(message, 236);
        return Udp("0.0.0.0", 68, "255.255.255.255", 67, message);
    }

    private static byte[] Udp(string from, ushort fromPort, string to, ushort toPort, byte[] data)
    {
        // No checksum over the data (RFC 768), but one over the head (RFC 791).
        var frame = new byte[14 + 20 + 8 + data.Length];
        s_everybody.CopyTo(frame, 0);
        s_guest.CopyTo(frame, 6);
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(12), 0x0800);
        var ip = frame.AsSpan(14);
        (ip[0], ip[8], ip[9]) = (0x45, 64, 17);
        BinaryPrimitives.WriteUInt16BigEndian(ip[2..], (ushort)ip.Length);
        IPAddress.Parse(from).GetAddressBytes().CopyTo(ip[12..]);
        IPAddress.Parse(to).GetAddressBytes().CopyTo(ip[16..]);
        BinaryPrimitives.WriteUInt16BigEndian(ip[10..], (ushort)~InternetChecksum.Sum(ip[..20]));
        var udp = ip[20..];
        BinaryPrimitives.WriteUInt16BigEndian(udp, fromPort);
        BinaryPrimitives.WriteUInt16BigEndian(udp[2..], toPort);
        BinaryPrimitives.WriteUInt16BigEndian(udp[4..], (ushort)udp.Length);
        data.CopyTo(udp[8..]);
        return frame;
    }

    // What is behind the IP head of the next packet of a protocol. Who the router asks for is told that it is the guest.
    private static byte[] ReceiveIp(NetworkPort port, byte protocol)
    {
        while (true)
        {
            var frame = port.Receive();
            if (frame[12] == 8 && frame[13] == 6)
            {
                port.Send([.. frame[6..12], .. s_guest, 8, 6, 0, 1, 8, 0, 6, 4, 0, 2, .. s_guest, .. frame[38..42], .. frame[22..32]]);
            }
            else if (frame[12] == 8 && frame[13] == 0 && frame[23] == protocol)
            {
                return frame[(14 + (4 * (frame[14] & 15)))..(14 + BinaryPrimitives.ReadUInt16BigEndian(frame.AsSpan(16)))];
            }
        }
    }

    private static byte[] ReceiveUdp(NetworkPort port, ushort destination)
    {
        while (true)
        {
            var udp = ReceiveIp(port, protocol: 17);
            if (BinaryPrimitives.ReadUInt16BigEndian(udp.AsSpan(2)) == destination)
            {
                return udp[8..];
            }
        }
    }

    private static Dictionary<byte, byte[]> Options(ReadOnlySpan<byte> bytes)
    {
        var options = new Dictionary<byte, byte[]>();
        while (bytes[0] != 255)
        {
            options[bytes[0]] = bytes.Slice(2, bytes[1]).ToArray();
            bytes = bytes[(2 + bytes[1])..];
        }

        return options;
    }
}
