using Emulator.Memory;

namespace Emulator.Devices.Tests.Rtl8139;

/// <summary>In which order the controller accesses memory, and where it asks for a fence.</summary>
public sealed class Rtl8139OrderingTests
{
    [Fact]
    public void The_packet_is_in_the_ring_before_its_header_which_is_one_store()
    {
        Assert.Equal(["W 100004+104", "rtl8139.rx.packet-header-cbr", "W 100000+4"], OfReceiving(SiteMutation.None));
        Assert.Equal(["rtl8139.rx.packet-header-cbr", "W 100000+4", "rtl8139.rx.packet-header-cbr", "W 100004+104"], OfReceiving(SiteMutation.Swapped));
    }

    [Fact]
    public void The_buffer_is_read_before_OWN_is_set()
    {
        var (log, wasOwn) = OfSending(SiteMutation.None);
        Assert.Equal(["rtl8139.poll-before-descriptor", "R 200000+60", "rtl8139.tx.read-before-own"], log);
        Assert.False(wasOwn);
        (log, wasOwn) = OfSending(SiteMutation.Swapped);
        Assert.Contains("R 200000+60", log);
        Assert.True(wasOwn);
    }

    [Fact]
    public void A_descriptor_is_read_OWN_first_and_given_back_last()
    {
        Assert.Equal(
            [
                "R 301000+4", "rtl8139.cplus.own-before-body", "R 301004+12", "R 200000+60", "rtl8139.tx.read-before-own", "W 301000+4", "R 301010+4",
            ],
            OfSendingCPlus(SiteMutation.None));
        Assert.Equal(
            [
                "R 301000+4", "rtl8139.cplus.own-before-body", "R 301004+12", "rtl8139.tx.read-before-own", "W 301000+4", "R 200000+60", "R 301010+4",
            ],
            OfSendingCPlus(SiteMutation.Swapped));
    }

    [Fact]
    public void A_received_packet_and_its_descriptor_are_there_before_OWN_is_clear()
    {
        using var board = Rtl8139Board.StartedCPlus();
        Rtl8139CPlusTests.Give(board, 1, 1536);
        var log = Watch(board);
        board.Send(Frames.ToStation(100));
        Assert.Equal(
            [
                "rtl8139.poll-before-descriptor", "R 300000+4", "rtl8139.cplus.own-before-body", "R 300004+12",
                "W 300004+4", "W 100000+104", "rtl8139.cplus.rx.body-before-own", "W 300000+4",
            ],
            log.Lines.Take(8));
    }

    [Fact]
    public void Each_site_is_named_in_the_data_sheet()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        string Sheet() => Path.Combine(folder.FullName, "docs", "devices", "rtl8139.md");
        while (!File.Exists(Sheet()))
        {
            folder = folder.Parent ?? throw new FileNotFoundException("rtl8139.md");
        }

        var text = File.ReadAllText(Sheet());
        Assert.All(Rtl8139Sites.All, site => Assert.Contains($"`{site.Name}`", text, StringComparison.Ordinal));
    }

    private static IEnumerable<string> OfReceiving(SiteMutation mutation)
    {
        using var board = Rtl8139Board.Started();
        board.Nic.Function.Mutate(Rtl8139Sites.PacketHeaderCbr, mutation);
        var log = Watch(board);
        board.Send(Frames.ToStation(100));
        return [.. log.Lines.Where(line => !line.EndsWith("descriptor", StringComparison.Ordinal))];
    }

    private static (IEnumerable<string> Log, bool WasOwn) OfSending(SiteMutation mutation)
    {
        using var board = Rtl8139Board.Started();
        board.Nic.Function.Mutate(Rtl8139Sites.ReadBeforeOwn, mutation);
        var log = Watch(board, () => board.Read(Rtl8139Register.TransmitSummary, 2));
        board.Transmit(0, Frames.Broadcast(60));
        return (log.Lines, (log.Seen & 1) != 0);
    }

    private static IEnumerable<string> OfSendingCPlus(SiteMutation mutation)
    {
        using var board = Rtl8139Board.StartedCPlus();
        board.Nic.Function.Mutate(Rtl8139Sites.ReadBeforeOwn, mutation);
        var log = Watch(board);
        board.TransmitCPlus(0, Frames.Broadcast(60));
        return [.. log.Lines.Where(line => !line.EndsWith("descriptor", StringComparison.Ordinal))];
    }

    private static Log Watch(Rtl8139Board board, Func<ulong>? look = null)
    {
        board.Nic.Settle();
        var log = new Log(look);
        board.Nic.Function.ObserveDma(log);
        return log;
    }

    private sealed class Log(Func<ulong>? look) : IDmaObserver
    {
        public List<string> Lines { get; } = [];

        /// <summary>What was looked at as the first read ended.</summary>
        public ulong Seen { get; private set; }

        public void Fence(DmaFence fence)
        {
        }

        public void At(OrderingSite site, SiteMutation mutation, DmaFence fence) => Lines.Add(site.Name);

        public void Accessed(DmaDirection direction, ulong address, int length, DmaStatus status)
        {
            if (direction == DmaDirection.Read && look is not null)
            {
                Seen = look();
            }

            Lines.Add($"{(direction == DmaDirection.Read ? 'R' : 'W')} {address:X}+{length}");
        }
    }
}
