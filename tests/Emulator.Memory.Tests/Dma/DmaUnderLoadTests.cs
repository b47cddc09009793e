namespace Emulator.Memory.Tests.Dma;

/// <summary>What the bus may change while DMA is under way.</summary>
public sealed unsafe class DmaUnderLoadTests
{
    private const int Start = 0x123;
    private const uint Rounds = 300_000;
    private const ulong Data = 0x1000;
    private const ulong Flag = 0x2000;
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);
    private static readonly DmaOrdering[] s_ordered = [DmaOrdering.Full, DmaOrdering.Tracked, DmaOrdering.Split, DmaOrdering.Pci];

    [Fact]
    public void What_bus_mastering_ends_under_way_leaves_whole_words_from_the_start_on_and_a_status()
    {
        Assert.SkipWhen(Environment.ProcessorCount < 2, "what happens in the middle of a copy takes a second processor");
        using var board = new DmaBoard();
        using var toggling = new Background(i => board.Owner.SetBusMaster((i & 1) == 0));
        var memory = new Span<byte>(board.Ram.Host, (int)board.Ram.Size);
        var copy = new byte[(int)board.Ram.Size - (2 * Start)];
        var (whole, none, partly) = (0, 0, 0);
        var wrong = "";
        var deadline = DateTime.UtcNow + s_patience;
        for (var i = 1; wrong.Length == 0 && (whole == 0 || none == 0 || partly < 10) && DateTime.UtcNow < deadline; i++)
        {
            memory.Clear();
            copy.AsSpan().Fill((byte)(1 + (i % 255)));
            var status = board.Dma.Write(Start, copy);
            var written = memory[Start..^Start].IndexOf((byte)0);
            written = written < 0 ? copy.Length : written;
            whole += written == copy.Length ? 1 : 0;
            none += written == 0 ? 1 : 0;
            partly += written > 0 && written < copy.Length ? 1 : 0;
            wrong = status != (written == copy.Length ? DmaStatus.Ok : DmaStatus.NotBusMaster) ? $"{status} after {written} bytes"
                : memory[(Start + written)..].ContainsAnyExcept((byte)0) ? $"something behind {written} bytes"
                : written > 0 && written < copy.Length && (Start + written) % 8 != 0 ? $"half a word at {written}"
                : "";
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"{whole} whole, {none} none, {partly} partly");
        Assert.Equal("", wrong);
        Assert.True(whole > 0 && none > 0 && partly > 0);
    }

    [Fact]
    public void What_bus_mastering_ends_under_way_is_read_from_the_start_on_and_ones_behind()
    {
        Assert.SkipWhen(Environment.ProcessorCount < 2, "what happens in the middle of a copy takes a second processor");
        using var board = new DmaBoard();
        using var toggling = new Background(i => board.Owner.SetBusMaster((i & 1) == 0));
        new Span<byte>(board.Ram.Host, (int)board.Ram.Size).Fill(0x5A);
        var copy = new byte[(int)board.Ram.Size - (2 * Start)];
        var partly = 0;
        var wrong = "";
        var deadline = DateTime.UtcNow + s_patience;
        while (wrong.Length == 0 && partly < 10 && DateTime.UtcNow < deadline)
        {
            copy.AsSpan().Clear();
            var status = board.Dma.Read(Start, copy);
            var read = copy.AsSpan().IndexOfAnyExcept((byte)0x5A);
            read = read < 0 ? copy.Length : read;
            partly += read > 0 && read < copy.Length ? 1 : 0;
            wrong = status != (read == copy.Length ? DmaStatus.Ok : DmaStatus.NotBusMaster) ? $"{status} after {read} bytes"
                : copy.AsSpan(read).ContainsAnyExcept((byte)0xFF) ? $"something behind {read} bytes"
                : "";
        }

        Assert.Equal("", wrong);
        Assert.True(partly > 0);
    }

    [Fact]
    public void What_a_device_writes_in_order_is_seen_in_order_while_the_ordering_changes()
    {
        using var board = new DmaBoard();
        using var flipping = new Background(i => board.Owner.SetOrdering(s_ordered[i % s_ordered.Length]));
        var device = new Thread(() =>
        {
            for (uint i = 1; i <= Rounds; i++)
            {
                board.Dma.Store(Data, i);
                board.Dma.Store(Flag, i);
            }
        });
        device.Start();
        uint flag = 0;
        var broken = 0;
        for (var deadline = DateTime.UtcNow + s_patience; flag < Rounds && DateTime.UtcNow < deadline;)
        {
            flag = Volatile.Read(ref *(uint*)(board.Ram.Host + Flag));
            broken += Volatile.Read(ref *(uint*)(board.Ram.Host + Data)) < flag ? 1 : 0;
        }

        device.Join();
        Assert.Equal((Rounds, 0), (flag, broken));
    }

    [Fact]
    public void What_a_device_reads_in_order_it_sees_in_order_while_the_ordering_changes()
    {
        using var board = new DmaBoard();
        using var flipping = new Background(i => board.Owner.SetOrdering(s_ordered[i % s_ordered.Length]));
        var processor = new Thread(() =>
        {
            for (uint i = 1; i <= Rounds; i++)
            {
                Volatile.Write(ref *(uint*)(board.Ram.Host + Data), i);
                Volatile.Write(ref *(uint*)(board.Ram.Host + Flag), i);
            }
        });
        processor.Start();
        uint flag = 0;
        var broken = 0;
        for (var deadline = DateTime.UtcNow + s_patience; flag < Rounds && DateTime.UtcNow < deadline;)
        {
            board.Dma.Load(Flag, out flag);
            board.Dma.Load(Data, out uint data);
            broken += data < flag ? 1 : 0;

            // A write between the reads, so that there is a last direction to lose.
            board.Dma.Store(0x3000, flag);
        }

        processor.Join();
        Assert.Equal((Rounds, 0), (flag, broken));
    }

    /// <summary>Does something over and over on a thread of its own, and gives the processor away in between.</summary>
    private sealed class Background : IDisposable
    {
        private readonly Thread _thread;
        private bool _stop;

        public Background(Action<int> action)
        {
            _thread = new Thread(() =>
            {
                for (var i = 0; !Volatile.Read(ref _stop); i++)
                {
                    action(i & 0xFFFF);
                    Thread.SpinWait(i & 63);
                    if (i % 64 == 0)
                    {
                        Thread.Yield();
                    }
                }
            });
            _thread.Start();
        }

        public void Dispose()
        {
            Volatile.Write(ref _stop, true);
            _thread.Join();
        }
    }
}
