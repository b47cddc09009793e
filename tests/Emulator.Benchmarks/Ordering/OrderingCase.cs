using System.Runtime.CompilerServices;
using Emulator.Memory;

namespace Emulator.Benchmarks.Ordering;

/// <summary>What is done over and over.</summary>
internal enum AccessKind
{
    /// <summary>Writes.</summary>
    Write,

    /// <summary>Reads.</summary>
    Read,

    /// <summary>A write and a read in turn, counted as two.</summary>
    Alternate,
}

/// <summary>A line of the table: one kind of access at one size, alone or with another thread that polls its first cache line.</summary>
/// <param name="Kind">What is done.</param>
/// <param name="Size">Bytes; 4 are a typed store or load, more are a copy.</param>
/// <param name="Polled">True with the other thread.</param>
internal sealed record OrderingCase(AccessKind Kind, int Size, bool Polled)
{
    /// <summary>Where the accesses go.</summary>
    public const ulong Address = 0x8000;

    /// <summary>The sizes: a word, a descriptor's cache line, a frame, a page.</summary>
    public static readonly int[] Sizes = [4, 64, 1500, 4096];

    private static readonly byte[] s_data = new byte[4096];

    /// <summary>All lines in order.</summary>
    public static IEnumerable<OrderingCase> All =>
        from polled in (bool[])[false, true]
        from kind in Enum.GetValues<AccessKind>()
        from size in Sizes
        select new OrderingCase(kind, size, polled);

    /// <summary>How many accesses make a sample of about a millisecond.</summary>
    public int Accesses => Size switch
    {
        4 => 100_000,
        64 => 60_000,
        _ => 15_000,
    };

    /// <summary>The accesses, through a context.</summary>
    public void Run(DmaContext dma)
    {
        switch ((Kind, Size))
        {
            case (AccessKind.Write, 4):
                StoreWords(dma, Accesses);
                break;
            case (AccessKind.Read, 4):
                LoadWords(dma, Accesses);
                break;
            case (_, 4):
                AlternateWords(dma, Accesses);
                break;
            case (AccessKind.Write, _):
                Write(dma, s_data.AsSpan(0, Size), Accesses);
                break;
            case (AccessKind.Read, _):
                Read(dma, s_data.AsSpan(0, Size), Accesses);
                break;
            default:
                Alternate(dma, s_data.AsSpan(0, Size), Accesses);
                break;
        }
    }

    /// <summary>The same, with nothing between the loop and memory.</summary>
    public unsafe void RunBare(byte* memory)
    {
        var host = memory + Address;
        for (var i = 0; i < Accesses; i += 2)
        {
            Bare(host, Kind != AccessKind.Read);
            Bare(host, Kind == AccessKind.Write);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private unsafe void Bare(byte* host, bool write)
    {
        if (Size == 4)
        {
            if (write)
            {
                Volatile.Write(ref *(uint*)host, 1);
            }
            else
            {
                Volatile.Read(ref *(uint*)host);
            }
        }
        else if (write)
        {
            s_data.AsSpan(0, Size).CopyTo(new Span<byte>(host, Size));
        }
        else
        {
            new ReadOnlySpan<byte>(host, Size).CopyTo(s_data);
        }
    }

    private static void StoreWords(DmaContext dma, int count)
    {
        for (var i = 0; i < count; i++)
        {
            dma.Store(Address, (uint)i);
        }
    }

    private static void LoadWords(DmaContext dma, int count)
    {
        for (var i = 0; i < count; i++)
        {
            dma.Load(Address, out uint _);
        }
    }

    private static void AlternateWords(DmaContext dma, int count)
    {
        for (var i = 0; i < count; i += 2)
        {
            dma.Store(Address, (uint)i);
            dma.Load(Address, out uint _);
        }
    }

    private static void Write(DmaContext dma, ReadOnlySpan<byte> data, int count)
    {
        for (var i = 0; i < count; i++)
        {
            dma.Write(Address, data);
        }
    }

    private static void Read(DmaContext dma, Span<byte> data, int count)
    {
        for (var i = 0; i < count; i++)
        {
            dma.Read(Address, data);
        }
    }

    private static void Alternate(DmaContext dma, Span<byte> data, int count)
    {
        for (var i = 0; i < count; i += 2)
        {
            dma.Write(Address, data);
            dma.Read(Address, data);
        }
    }
}
