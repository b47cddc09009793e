using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Emulator.Memory;

/// <summary>How bytes get into guest RAM and out of it.</summary>
/// <remarks>
/// A naturally aligned word moves by one access of its size. A copy of up to 64 bytes is made of the largest aligned
/// words that fit, in ascending order, each touched exactly once; library copies promise neither.
/// </remarks>
internal static unsafe class GuestWords
{
    private const int LargestWordwiseCopy = 64;

    public static ulong Load(byte* host, int size)
    {
        if (((nuint)host & (nuint)(size - 1)) != 0)
        {
            return LoadUnaligned(host, size);
        }

        return size switch
        {
            1 => Volatile.Read(ref *host),
            2 => Volatile.Read(ref *(ushort*)host),
            4 => Volatile.Read(ref *(uint*)host),
            _ => Volatile.Read(ref *(ulong*)host),
        };
    }

    public static void Store(byte* host, int size, ulong value)
    {
        if (((nuint)host & (nuint)(size - 1)) != 0)
        {
            StoreUnaligned(host, size, value);
            return;
        }

        switch (size)
        {
            case 1:
                Volatile.Write(ref *host, (byte)value);
                break;
            case 2:
                Volatile.Write(ref *(ushort*)host, (ushort)value);
                break;
            case 4:
                Volatile.Write(ref *(uint*)host, (uint)value);
                break;
            default:
                Volatile.Write(ref *(ulong*)host, value);
                break;
        }
    }

    public static void CopyOut(byte* host, Span<byte> data)
    {
        if (data.Length > LargestWordwiseCopy)
        {
            new ReadOnlySpan<byte>(host, data.Length).CopyTo(data);
            return;
        }

        ref var to = ref MemoryMarshal.GetReference(data);
        for (var at = 0; at < data.Length;)
        {
            var size = WordAt(host + at, data.Length - at);
            if (size == 8)
            {
                // As many as there are: their alignment is known.
                for (; data.Length - at >= 8; at += 8)
                {
                    Unsafe.WriteUnaligned(ref Unsafe.Add(ref to, at), Volatile.Read(ref *(ulong*)(host + at)));
                }

                continue;
            }

            if (size == 4)
            {
                Unsafe.WriteUnaligned(ref Unsafe.Add(ref to, at), Volatile.Read(ref *(uint*)(host + at)));
            }
            else if (size == 2)
            {
                Unsafe.WriteUnaligned(ref Unsafe.Add(ref to, at), Volatile.Read(ref *(ushort*)(host + at)));
            }
            else
            {
                Unsafe.Add(ref to, at) = Volatile.Read(ref host[at]);
            }

            at += size;
        }
    }

    public static void CopyIn(byte* host, ReadOnlySpan<byte> data)
    {
        if (data.Length > LargestWordwiseCopy)
        {
            data.CopyTo(new Span<byte>(host, data.Length));
            return;
        }

        ref var from = ref MemoryMarshal.GetReference(data);
        for (var at = 0; at < data.Length;)
        {
            var size = WordAt(host + at, data.Length - at);
            if (size == 8)
            {
                // As many as there are: their alignment is known.
                for (; data.Length - at >= 8; at += 8)
                {
                    Volatile.Write(ref *(ulong*)(host + at), Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref from, at)));
                }

                continue;
            }

            if (size == 4)
            {
                Volatile.Write(ref *(uint*)(host + at), Unsafe.ReadUnaligned<uint>(ref Unsafe.Add(ref from, at)));
            }
            else if (size == 2)
            {
                Volatile.Write(ref *(ushort*)(host + at), Unsafe.ReadUnaligned<ushort>(ref Unsafe.Add(ref from, at)));
            }
            else
            {
                Volatile.Write(ref host[at], Unsafe.Add(ref from, at));
            }

            at += size;
        }
    }

    public static int WordAt(byte* host, int remaining)
    {
        var alignment = 1 << BitOperations.TrailingZeroCount((nuint)host | 8);
        return Math.Min(alignment, BusAccess.LargestWord(remaining));
    }

    private static ulong LoadUnaligned(byte* host, int size) => size switch
    {
        2 => Unsafe.ReadUnaligned<ushort>(host),
        4 => Unsafe.ReadUnaligned<uint>(host),
        _ => Unsafe.ReadUnaligned<ulong>(host),
    };

    private static void StoreUnaligned(byte* host, int size, ulong value)
    {
        switch (size)
        {
            case 2:
                Unsafe.WriteUnaligned(host, (ushort)value);
                break;
            case 4:
                Unsafe.WriteUnaligned(host, (uint)value);
                break;
            default:
                Unsafe.WriteUnaligned(host, value);
                break;
        }
    }
}
