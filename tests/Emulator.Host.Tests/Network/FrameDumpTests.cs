using System.Buffers.Binary;
using System.Diagnostics;
using Emulator.Devices;
using Emulator.Host.CommandLine;
using Emulator.Host.Functions;
using Emulator.Host.Machine;
using Emulator.Host.Network;
using Emulator.Host.Tests.Tracing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Emulator.Host.Tests.Network;

/// <summary>Capture files of frames, read back.</summary>
public sealed class FrameDumpTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly ManualClock _clock = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Both_directions_are_in_the_file_in_order_and_at_the_machines_time()
    {
        var path = _folder.File("capture");
        _clock.Advance(1_500_001_999);
        Exchange($"filter-dump,id=d,netdev=a,file={path}", (a, b) =>
        {
            a.Send(Frame(1, 60));
            _ = b.Receive();
            _clock.Advance(1_000);
            b.Send(Frame(2, 1514));
            _ = a.Receive();
        });

        var (head, packets) = Read(path);
        Assert.Equal([0xA1B2C3D4, 0x00040002, 0, 0, 262144, 1], head);
        Assert.Equal([(1_000_000_001U, 500_001U, 60), (1_000_000_001U, 500_002U, 1514)], packets.Select(p => (p.Seconds, p.Microseconds, p.Length)));
        Assert.Equal([Frame(1, 60), Frame(2, 1514)], packets.Select(p => p.Data));
    }

    [Fact]
    public void A_file_has_no_more_of_a_frame_than_is_asked_for()
    {
        var path = _folder.File("capture");
        Exchange($"filter-dump,id=d,netdev=a,file={path},maxlen=14", (a, _) => a.Send(Frame(1, 1000)));
        var packet = Assert.Single(Read(path).Packets);
        Assert.Equal(1000, packet.Length);
        Assert.Equal(Frame(1, 14), packet.Data);
    }

    [Fact]
    public void What_is_lost_since_there_is_no_link_is_not_in_the_file()
    {
        var path = _folder.File("capture");
        Exchange($"filter-dump,id=d,netdev=a,file={path}", (a, _) =>
        {
            a.SetUp(false);
            Assert.True(a.TrySend(Frame(1, 60)));
        });
        Assert.Empty(Read(path).Packets);
    }

    [Fact]
    public void A_full_disk_is_said_once()
    {
        Assert.SkipUnless(File.Exists("/dev/full"), "No device that is always full.");
        var lines = new List<string>();
        Exchange(
            "filter-dump,id=d,netdev=a,file=/dev/full",
            (a, b) =>
            {
                for (var i = 0; i < 1000; i++)
                {
                    a.Send(Frame((byte)i, 1514));
                    Assert.Equal(Frame((byte)i, 1514), b.Receive());
                }
            },
            lines.Add);
        Assert.Matches("^filter-dump /dev/full: .*; the rest is not recorded$", Assert.Single(lines));
    }

    [Fact]
    public void A_file_that_cannot_be_made_is_a_mistake()
    {
        var path = Path.Combine(_folder.File("not"), "there");
        Assert.False(Open($"filter-dump,id=d,netdev=a,file={path}", Assert.Fail).Get(out _, out var mistake));
        Assert.StartsWith($"-object filter-dump,id=d: {path}: ", mistake, StringComparison.Ordinal);
    }

    [Fact]
    public void Wireshark_reads_it()
    {
        var path = _folder.File("capture");
        Exchange($"filter-dump,id=d,netdev=a,file={path}", (a, b) =>
        {
            // Who has 10.0.0.2? Tell 10.0.0.1.
            a.Send(Convert.FromHexString("FFFFFFFFFFFF5254001234560806" + "0001080006040001" + "525400123456" + "0A000001" + "000000000000" + "0A000002"));
            _ = b.Receive();
        });

        Process tshark;
        try
        {
            tshark = Process.Start(new ProcessStartInfo("tshark", ["-r", path, "-T", "fields", "-e", "frame.time_epoch", "-e", "arp.dst.proto_ipv4"]) { RedirectStandardOutput = true })!;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            Assert.Skip("tshark is not installed.");
            return;
        }

        using (tshark)
        {
            Assert.Equal("1000000000.000000000\t10.0.0.2\n", tshark.StandardOutput.ReadToEnd());
        }
    }

    private static byte[] Frame(byte first, int length)
    {
        var frame = new byte[length];
        Array.Fill(frame, first);
        return frame;
    }

    private static Result<Networks> Open(string dump, Action<string> tell) => Networks.Open(
        new MachineDescription
        {
            Netdevs = [NetdevCatalog.Parse("hubport,id=a,hubid=0").Value!, NetdevCatalog.Parse("hubport,id=b,hubid=0").Value!],
            FrameDumps = [HostObjects.Parse(dump).Value!],
        },
        NullLoggerFactory.Instance,
        tell);

    private void Exchange(string dump, Action<NetworkPort, NetworkPort> talk, Action<string>? tell = null)
    {
        using var control = new MachineControl(noReboot: false);
        var threads = new IoThreads(control);
        Assert.True(Open(dump, tell ?? Assert.Fail).Get(out var networks, out var mistake), mistake);
        using (networks)
        {
            networks.Wire(threads, _clock, DateTime.UnixEpoch.AddSeconds(1_000_000_000));
            talk(networks.Take("a"), networks.Take("b"));
            Assert.True(threads.Stop(Wires.Patience));
        }

        Assert.False(control.IsEnding);
    }

    private static (uint[] Head, List<(uint Seconds, uint Microseconds, int Length, byte[] Data)> Packets) Read(string path)
    {
        ReadOnlySpan<byte> bytes = File.ReadAllBytes(path);
        static uint Word(ReadOnlySpan<byte> bytes, int index) => BinaryPrimitives.ReadUInt32LittleEndian(bytes[(index * 4)..]);
        uint[] head = [Word(bytes, 0), Word(bytes, 1), Word(bytes, 2), Word(bytes, 3), Word(bytes, 4), Word(bytes, 5)];
        var packets = new List<(uint, uint, int, byte[])>();
        for (bytes = bytes[24..]; bytes.Length > 0;)
        {
            var captured = (int)Word(bytes, 2);
            packets.Add((Word(bytes, 0), Word(bytes, 1), (int)Word(bytes, 3), bytes.Slice(16, captured).ToArray()));
            bytes = bytes[(16 + captured)..];
        }

        return (head, packets);
    }
}
