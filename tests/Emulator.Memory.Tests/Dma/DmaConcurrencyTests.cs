namespace Emulator.Memory.Tests.Dma;

public sealed unsafe class DmaConcurrencyTests
{
    private const int Rounds = 1_000_000;
    private const int Batch = 4096;
    private const int Line = 128;

    [Fact]
    public void Flags_that_flip_under_load_cost_no_word_and_tear_none()
    {
        using var board = new DmaBoard();
        var dma = board.Dma;
        using var started = new ManualResetEventSlim();
        var stop = false;
        var flipper = new Thread(() =>
        {
            started.Set();
            for (var i = 0; !Volatile.Read(ref stop); i++)
            {
                board.Owner.SetOrdering((DmaOrdering)(i % 5));
                board.Owner.SetBusMaster(i % 7 != 0);
                Thread.Yield();
            }
        });
        flipper.Start();
        Assert.True(started.Wait(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken));
        ulong kept = 0;
        var wrong = "";
        var copy = new byte[0x3000];
        for (var i = 1UL; i <= 100_000 && wrong.Length == 0; i++)
        {
            var word = i * 0x0000000100000001;
            var status = dma.Store(0x40, word);
            kept = status == DmaStatus.Ok ? word : kept;
            wrong = status is DmaStatus.Ok or DmaStatus.NotBusMaster ? wrong : status.ToString();
            if (dma.Load(0x40, out ulong seen) == DmaStatus.Ok && seen != kept)
            {
                wrong = $"{seen:X} for {kept:X}";
            }

            if (i % 64 == 0)
            {
                var mark = (byte)(i / 64);
                copy.AsSpan().Fill(mark);
                var before = board.Ram.Host[0x7FFF];
                var whole = dma.Write(0x5000, copy) == DmaStatus.Ok;
                for (var page = 0x5000; page < 0x8000; page += 0x1000)
                {
                    // A page is written entirely or not at all.
                    wrong = board.Ram.Host[page] == board.Ram.Host[page + 0xFFF] ? wrong : $"half a page at {page:X}";
                }

                wrong = board.Ram.Host[0x7FFF] == (whole ? mark : before) ? wrong : "a status that lies";
            }
        }

        Volatile.Write(ref stop, true);
        flipper.Join();
        Assert.Equal("", wrong);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    [InlineData(8)]
    public void A_word_in_a_short_copy_or_a_store_is_never_seen_half_written(int size)
    {
        using var board = new DmaBoard(DmaOrdering.Relaxed);
        using var started = new ManualResetEventSlim();
        var stop = false;
        var writer = new Thread(() =>
        {
            // Starts below the words looked at, so that the copy has to find the alignment itself.
            Span<byte> ones = stackalloc byte[49];
            Span<byte> zeros = stackalloc byte[49];
            ones.Fill(0xFF);
            zeros.Clear();
            started.Set();
            while (!Volatile.Read(ref stop))
            {
                board.Dma.Write(0x0F7, ones);
                board.Dma.Write(0x0F7, zeros);
            }
        });
        writer.Start();
        Assert.True(started.Wait(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken));
        var reader = new DmaContextOwner("reader", board.Memory, DmaOrdering.Relaxed);
        reader.SetBusMaster(true);
        var all = ulong.MaxValue >> (64 - (size * 8));
        ulong torn = 0;
        Span<byte> bytes = stackalloc byte[8];
        bytes.Clear();
        for (var i = 0; i < 200_000 && torn == 0; i++)
        {
            reader.Context.Read(0x108, bytes[..size]);
            var value = BitConverter.ToUInt64(bytes);
            torn = value == 0 || value == all ? 0 : value;
        }

        Volatile.Write(ref stop, true);
        writer.Join();
        Assert.Equal(0ul, torn);
    }

    [Theory]
    [InlineData(DmaOrdering.Full)]
    [InlineData(DmaOrdering.Tracked)]
    [InlineData(DmaOrdering.Pci)]
    public void Store_buffering_is_never_seen_where_a_full_fence_stands(DmaOrdering ordering) =>
        Assert.Equal(0, StoreBuffering(ordering, Rounds));

    [Theory]
    [InlineData(DmaOrdering.Relaxed)]
    [InlineData(DmaOrdering.Split)]
    public void Store_buffering_is_seen_where_none_does(DmaOrdering ordering)
    {
        Assert.SkipWhen(Environment.ProcessorCount < 2, "One processor sees its own stores in order.");
        var seen = 0;
        var tries = 0;
        for (var deadline = DateTime.UtcNow.AddSeconds(120); seen == 0 && DateTime.UtcNow < deadline; tries++)
        {
            seen = StoreBuffering(ordering, Rounds);
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"{ordering}: {seen} in try {tries} of {Rounds} rounds");
        Assert.NotEqual(0, seen);
    }

    // SB: the device stores x and loads y, the processor stores y, fences, loads x. Returns how often neither saw the other.
    private static int StoreBuffering(DmaOrdering ordering, int rounds)
    {
        using var memory = new GuestMemory();
        var ram = new RamBlock("ram", 2 * Batch * Line);
        memory.AddRam("ram", 0, ram, 0, ram.Size);
        var owner = new DmaContextOwner("device", memory, ordering);
        owner.SetBusMaster(true);
        var dma = owner.Context;
        var device = new uint[Batch];
        var processor = new uint[Batch];
        var places = new Rendezvous();
        var forbidden = 0;
        var thread = new Thread(() =>
        {
            for (var done = 0; done < rounds; done += Batch)
            {
                places.Meet(0);
                for (var i = 0; i < Batch; i++)
                {
                    places.Approach(0, i);
                    dma.Store((ulong)(i * 2 * Line), 1u);
                    dma.Load((ulong)(((i * 2) + 1) * Line), out device[i]);
                }

                places.Meet(0);
            }
        });
        thread.Start();
        for (var done = 0; done < rounds; done += Batch)
        {
            new Span<byte>(ram.Host, (int)ram.Size).Clear();
            places.Meet(1);
            for (var i = 0; i < Batch; i++)
            {
                places.Approach(1, i);
                Volatile.Write(ref *(uint*)(ram.Host + (((i * 2) + 1) * Line)), 1);
                Interlocked.MemoryBarrier();
                processor[i] = Volatile.Read(ref *(uint*)(ram.Host + (i * 2 * Line)));
            }

            places.Meet(1);
            for (var i = 0; i < Batch; i++)
            {
                forbidden += (device[i] | processor[i]) == 0 ? 1 : 0;
            }
        }

        thread.Join();
        return forbidden;
    }
}
