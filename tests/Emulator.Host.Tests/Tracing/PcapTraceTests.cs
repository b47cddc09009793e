using System.Buffers.Binary;
using System.ComponentModel;
using System.Diagnostics;
using System.Text;
using Emulator.Host.Tracing;
using static Emulator.Host.Tests.Tracing.SampleTraces;

namespace Emulator.Host.Tests.Tracing;

public sealed class PcapTraceTests
{
    [Fact]
    public void The_file_has_the_head_of_a_nanosecond_capture_of_exported_pdus()
    {
        var file = Export(Draw([]));
        Assert.Equal([0x4D, 0x3C, 0xB2, 0xA1, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 252, 0, 0, 0], file);
    }

    [Fact]
    public void A_packet_has_the_machines_time_tags_of_whole_words_and_the_events_line()
    {
        var line = Event(1, "nic", TraceKind.Raise) with { Time = 3_000_000_004 };
        var packet = Export(Draw([line])).AsSpan(24);
        Assert.Equal((3u, 4u), (Word(packet), Word(packet[4..])));
        Assert.Equal((packet.Length - 16, packet.Length - 16), ((int)Word(packet[8..]), (int)Word(packet[12..])));
        packet = packet[16..];
        var tags = new List<(int, string)>();
        for (var tag = -1; tag != 0;)
        {
            tag = BinaryPrimitives.ReadUInt16BigEndian(packet);
            int length = BinaryPrimitives.ReadUInt16BigEndian(packet[2..]);
            Assert.Equal(0, length % 4);
            tags.Add((tag, Encoding.UTF8.GetString(packet.Slice(4, length)).TrimEnd('\0')));
            packet = packet[(4 + length)..];
        }

        Assert.Equal([(12, "json"), (33, "nic"), (36, "raise"), (0, "")], tags);
        using var writer = new TraceWriter();
        Assert.Equal(Encoding.UTF8.GetString(writer.Line(line)).TrimEnd(), Encoding.UTF8.GetString(packet));
    }

    [Fact]
    public async Task Tshark_shows_every_event_as_json_and_nothing_malformed()
    {
        using var folder = new TemporaryFolder();
        var file = folder.File("sample.pcap");
        await File.WriteAllBytesAsync(file, Export(Picture), TestContext.Current.CancellationToken);
        string[] columnsAsked = ["-e", "frame.protocols", "-e", "json.path_with_value", "-e", "_ws.malformed", "-e", "_ws.expert"];
        var fields = await TsharkAsync(["-r", file, "-T", "fields", "-E", "separator=|", "-E", "aggregator= ", .. columnsAsked]);
        var lines = fields.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(MessagePassing.Length, lines.Length);
        foreach (var (line, e) in lines.Zip(MessagePassing))
        {
            var columns = line.Split('|');
            Assert.Equal("exported_pdu:json", columns[0]);
            Assert.Contains($"/seq:{e.Sequence}", columns[1], StringComparison.Ordinal);
            Assert.Contains($"/lane:{e.Lane}", columns[1], StringComparison.Ordinal);
            Assert.Contains($"/kind:{TraceNames.Of(e.Kind)}", columns[1], StringComparison.Ordinal);
            Assert.Equal(("", ""), (columns[2], columns[3]));
        }

        Assert.DoesNotContain("alformed", await TsharkAsync("-r", file, "-V"), StringComparison.Ordinal);
    }

    private static async Task<string> TsharkAsync(params string[] arguments)
    {
        var start = new ProcessStartInfo("tshark", arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardOutputEncoding = Encoding.UTF8,
        };
        Process? process = null;
        try
        {
            process = Process.Start(start);
        }
        catch (Win32Exception)
        {
            Assert.Skip("tshark is not installed.");
        }

        using (process)
        {
            var error = process!.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
            var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
            Assert.True(process.ExitCode == 0, await error);
            return output;
        }
    }

    private static uint Word(ReadOnlySpan<byte> bytes) => BinaryPrimitives.ReadUInt32LittleEndian(bytes);

    private static byte[] Export(TracePicture picture)
    {
        using var stream = new MemoryStream();
        PcapTrace.Write(stream, picture);
        return stream.ToArray();
    }
}
