namespace Emulator.Memory.Tests;

public sealed unsafe class ConcurrencyTests
{
    [Fact]
    public void A_reader_that_walks_the_map_never_sees_half_a_move()
    {
        using var memory = new GuestMemory();
        memory.AddRam("ram", 0, new RamBlock("ram", 0x10000), 0, 0x10000);
        var bar = memory.AddMmio("bar", 0xE0000000, 0x1000, new Constant(0x5A5A5A5A));
        ulong[] places = [0xE0000000, 0xE0000800, 0xE0100000, 0xFEBF0000];
        using var started = new ManualResetEventSlim();
        var stop = false;
        var broken = "";
        var reader = new Thread(() =>
        {
            while (!Volatile.Read(ref stop))
            {
                var homes = 0;
                ulong expected = 0;
                foreach (ref readonly var range in memory.Map.Ranges)
                {
                    homes += range.Region == bar ? 1 : 0;
                    broken = range.First == expected ? broken : "a gap";
                    expected = range.Last + 1;
                }

                broken = homes == 1 ? broken : $"{homes} homes";
                foreach (var place in places)
                {
                    memory.Read(place, 4, out var value);
                    broken = value is 0x5A5A5A5A or 0xFFFFFFFF ? broken : $"{value:X}";
                }

                started.Set();
            }
        });
        reader.Start();
        Assert.True(started.Wait(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken));
        for (var i = 0; i < 5000; i++)
        {
            memory.Move(bar, places[i % places.Length]);
        }

        Volatile.Write(ref stop, true);
        reader.Join();
        Assert.Equal("", broken);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    [InlineData(8)]
    public void An_aligned_word_is_never_seen_half_written(int size)
    {
        using var memory = new GuestMemory();
        memory.AddRam("ram", 0, new RamBlock("ram", 0x1000), 0, 0x1000);
        using var started = new ManualResetEventSlim();
        var stop = false;
        var writer = new Thread(() =>
        {
            Span<byte> ones = stackalloc byte[size];
            ones.Fill(0xFF);
            started.Set();
            while (!Volatile.Read(ref stop))
            {
                memory.Write(0x100, size, 0);
                memory.Write(0x100, ones);
            }
        });
        writer.Start();
        Assert.True(started.Wait(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken));
        var all = ulong.MaxValue >> (64 - (size * 8));
        var torn = 0UL;
        Span<byte> copy = stackalloc byte[8];
        copy.Clear();
        for (var i = 0; i < 300_000 && torn == 0; i++)
        {
            memory.Read(0x100, size, out var value);
            torn = value == 0 || value == all ? 0 : value;
            memory.Read(0x100, copy[..size]);
            value = BitConverter.ToUInt64(copy);
            torn = value == 0 || value == all ? torn : value;
        }

        Volatile.Write(ref stop, true);
        writer.Join();
        Assert.Equal(0UL, torn);
    }

    [Fact]
    public void Two_threads_that_change_the_map_lose_neither_change()
    {
        using var memory = new GuestMemory();
        var threads = new Thread[2];
        for (var i = 0; i < threads.Length; i++)
        {
            var at = (ulong)i << 32;
            threads[i] = new Thread(() =>
            {
                for (var n = 0; n < 200; n++)
                {
                    using (memory.Change())
                    {
                        var region = memory.AddMmio("r", at, 0x1000, new Constant(0));
                        memory.Move(region, at + 0x1000);
                        if (n % 2 == 0)
                        {
                            memory.Remove(region);
                        }
                    }
                }
            });
            threads[i].Start();
        }

        foreach (var thread in threads)
        {
            thread.Join();
        }

        Assert.Equal(5, memory.Map.Ranges.Length);
        Assert.Equal(400, memory.Generation);
    }
}
