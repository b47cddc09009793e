using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace Emulator.Memory;

// Accesses from the bus: the processors' that are no plain RAM, the devices', the loader's.
public sealed unsafe partial class GuestMemory
{
    private const ulong PageMask = RamBlock.PageSize - 1;

    private long _unassignedReads;
    private long _unassignedWrites;

    /// <summary>How many reads, or parts of reads, found nobody.</summary>
    public long UnassignedReads => Interlocked.Read(ref _unassignedReads);

    /// <summary>How many writes, or parts of writes, found nobody.</summary>
    public long UnassignedWrites => Interlocked.Read(ref _unassignedWrites);

    /// <summary>Reads a word. Any thread.</summary>
    /// <param name="address">Guest-physical; at a multiple of <paramref name="size"/> in RAM the read is single-copy atomic.</param>
    /// <param name="size">1, 2, 4 or 8 bytes.</param>
    /// <param name="value">Little-endian, zero-extended; all ones in the bytes that nobody served.</param>
    /// <returns>The status of the first part that was not served, or <see cref="BusStatus.Ok"/>.</returns>
    public BusStatus Read(ulong address, int size, out ulong value)
    {
        var map = Map;
        ref readonly var range = ref map.Find(address);
        if ((ulong)(size - 1) <= range.Last - address)
        {
            if (range.Host != null)
            {
                value = GuestWords.Load(range.Host + (address - range.First), size);
                return BusStatus.Ok;
            }

            if (range.Kind == RegionKind.Mmio && (address & (ulong)(size - 1)) == 0 && size <= range.Region!.Widest)
            {
                return BusAccess.Read(range.Region.Target!, range.RegionOffset + (address - range.First), size, out value);
            }
        }

        Span<byte> word = stackalloc byte[8];
        word.Clear();
        var status = Read(map, address, word[..size]);
        value = BinaryPrimitives.ReadUInt64LittleEndian(word);
        return status;
    }

    /// <summary>Writes a word. Any thread.</summary>
    /// <param name="address">Guest-physical; at a multiple of <paramref name="size"/> in RAM the write is single-copy atomic.</param>
    /// <param name="size">1, 2, 4 or 8 bytes.</param>
    /// <param name="value">Little-endian; bits above the size do not matter.</param>
    /// <returns>The status of the first part that was not served, or <see cref="BusStatus.Ok"/>.</returns>
    public BusStatus Write(ulong address, int size, ulong value)
    {
        var map = Map;
        ref readonly var range = ref map.Find(address);
        if ((ulong)(size - 1) <= range.Last - address)
        {
            if (range.Kind == RegionKind.Ram)
            {
                GuestWords.Store(range.Host + (address - range.First), size, value);
                LookForCode(in range, address, size);
                return BusStatus.Ok;
            }

            if (range.Kind == RegionKind.Mmio && (address & (ulong)(size - 1)) == 0 && size <= range.Region!.Widest)
            {
                return BusAccess.Write(range.Region.Target!, range.RegionOffset + (address - range.First), size, value);
            }
        }

        Span<byte> word = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(word, value);
        return Write(map, address, word[..size]);
    }

    /// <summary>Reads bytes, ascending, split where the map has a border. Any thread.</summary>
    /// <param name="address">Guest-physical. What lies past the top of the address space is unassigned.</param>
    /// <param name="data">Takes the bytes; 0xFF where nobody served them. In RAM up to 64 bytes are read by aligned words.</param>
    /// <returns>The status of the first part that was not served, or <see cref="BusStatus.Ok"/>.</returns>
    public BusStatus Read(ulong address, Span<byte> data) => Read(Map, address, data);

    /// <summary>Writes bytes, ascending, split where the map has a border. Any thread.</summary>
    /// <param name="address">Guest-physical. What lies past the top of the address space is unassigned.</param>
    /// <param name="data">The bytes. Into RAM up to 64 bytes are written by aligned words, each once.</param>
    /// <returns>The status of the first part that was not served, or <see cref="BusStatus.Ok"/>.</returns>
    public BusStatus Write(ulong address, ReadOnlySpan<byte> data) => Write(Map, address, data);

    /// <summary>Reads what has no side effects, for debuggers: RAM and ROM; everything else is left 0xFF and not counted.</summary>
    /// <returns>True if all of it was RAM or ROM.</returns>
    public bool Peek(ulong address, Span<byte> data)
    {
        var map = Map;
        var complete = true;
        while (!data.IsEmpty)
        {
            ref readonly var range = ref map.Find(address);
            var count = (int)Math.Min((ulong)(data.Length - 1), range.Last - address) + 1;
            if (range.Host != null)
            {
                GuestWords.CopyOut(range.Host + (address - range.First), data[..count]);
            }
            else
            {
                data[..count].Fill(0xFF);
                complete = false;
            }

            data = data[count..];
            address += (ulong)count;
        }

        return complete;
    }

    /// <summary>After a store into a page whose <see cref="RamBlock.CodeMap"/> byte is not zero: the page is dirty, and code in it is another. Any thread.</summary>
    /// <param name="pageByte">The byte.</param>
    /// <param name="physicalPage">Guest-physical address in the page.</param>
    /// <param name="except">Who knows already.</param>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public void NotifyWritten(byte* pageByte, ulong physicalPage, IMemoryObserver? except = null)
    {
        if ((RamBlock.EndWatch(pageByte) & ~RamBlock.Watched) != 0)
        {
            NotifyCodeWritten(physicalPage, except);
        }
    }

    /// <summary>Tells the observers that a page which holds decoded code was written. Any thread; also called by vCPUs for their own stores.</summary>
    /// <param name="physicalPage">Guest-physical address of the page.</param>
    /// <param name="except">Who knows already.</param>
    public void NotifyCodeWritten(ulong physicalPage, IMemoryObserver? except = null)
    {
        physicalPage &= ~PageMask;
        Tell(physicalPage, except);
        var map = Map;
        if (!map.HasAliases)
        {
            return;
        }

        ref readonly var written = ref map.Find(physicalPage);
        if (written.Host == null)
        {
            return;
        }

        var host = written.Host + (physicalPage - written.First);
        foreach (ref readonly var range in map.Ranges)
        {
            if (range.Host != null && host >= range.Host && (ulong)(host - range.Host) <= range.Last - range.First)
            {
                var alias = range.First + (ulong)(host - range.Host);
                if (alias != physicalPage)
                {
                    // The same memory under another address is other code to a vCPU, its own included.
                    Tell(alias, null);
                }
            }
        }
    }

    /// <summary>
    /// Called by a vCPU between setting a page's <see cref="RamBlock.CodeMap"/> byte and decoding: waits until no other
    /// vCPU can store into the page unseen.
    /// </summary>
    /// <param name="physicalPage">Guest-physical address of the page.</param>
    /// <param name="except">The caller.</param>
    public void NotifyCodeDecoded(ulong physicalPage, IMemoryObserver except)
    {
        // Writers on other threads look at the byte after their store with no fence between: this is their fence.
        Interlocked.MemoryBarrierProcessWide();
        foreach (var observer in Volatile.Read(ref _observers))
        {
            if (observer != except)
            {
                observer.CodeDecoded(physicalPage);
            }
        }
    }

    /// <summary>Called between setting <see cref="RamBlock.Watched"/> bits and reading the pages: waits until no store can go into them unseen.</summary>
    internal void NotifyWatched()
    {
        // As for decoded code: the fence of those that look at the byte after their store.
        Interlocked.MemoryBarrierProcessWide();
        foreach (var observer in Volatile.Read(ref _observers))
        {
            observer.PagesWatched();
        }
    }

    private static int RegisterAt(ulong offset, int remaining, int widest)
    {
        var alignment = 1 << BitOperations.TrailingZeroCount(offset | 8);
        return Math.Min(Math.Min(alignment, widest), BusAccess.LargestWord(remaining));
    }

    private static BusStatus ReadRegisters(in MapRange range, ulong address, Span<byte> data)
    {
        var status = BusStatus.Ok;
        var offset = range.RegionOffset + (address - range.First);
        while (!data.IsEmpty)
        {
            var size = RegisterAt(offset, data.Length, range.Region!.Widest);
            status = BusAccess.First(status, BusAccess.Read(range.Region.Target!, offset, size, out var value));
            for (var i = 0; i < size; i++)
            {
                data[i] = (byte)(value >> (i * 8));
            }

            data = data[size..];
            offset += (ulong)size;
        }

        return status;
    }

    private static BusStatus WriteRegisters(in MapRange range, ulong address, ReadOnlySpan<byte> data)
    {
        var status = BusStatus.Ok;
        var offset = range.RegionOffset + (address - range.First);
        while (!data.IsEmpty)
        {
            var size = RegisterAt(offset, data.Length, range.Region!.Widest);
            ulong value = 0;
            for (var i = 0; i < size; i++)
            {
                value |= (ulong)data[i] << (i * 8);
            }

            status = BusAccess.First(status, BusAccess.Write(range.Region.Target!, offset, size, value));
            data = data[size..];
            offset += (ulong)size;
        }

        return status;
    }

    private BusStatus Read(AddressMap map, ulong address, Span<byte> data)
    {
        var status = BusStatus.Ok;
        while (!data.IsEmpty)
        {
            ref readonly var range = ref map.Find(address);
            var count = (int)Math.Min((ulong)(data.Length - 1), range.Last - address) + 1;
            var piece = data[..count];
            if (range.Host != null)
            {
                GuestWords.CopyOut(range.Host + (address - range.First), piece);
            }
            else if (range.Kind == RegionKind.Mmio)
            {
                status = BusAccess.First(status, ReadRegisters(in range, address, piece));
            }
            else
            {
                piece.Fill(0xFF);
                Interlocked.Increment(ref _unassignedReads);
                status = BusAccess.First(status, BusStatus.Unassigned);
            }

            data = data[count..];
            address += (ulong)count;
            if (address == 0 && !data.IsEmpty)
            {
                data.Fill(0xFF);
                Interlocked.Increment(ref _unassignedReads);
                return BusAccess.First(status, BusStatus.Unassigned);
            }
        }

        return status;
    }

    private BusStatus Write(AddressMap map, ulong address, ReadOnlySpan<byte> data)
    {
        var status = BusStatus.Ok;
        while (!data.IsEmpty)
        {
            ref readonly var range = ref map.Find(address);
            var count = (int)Math.Min((ulong)(data.Length - 1), range.Last - address) + 1;
            status = BusAccess.First(status, WritePiece(in range, address, data[..count]));
            data = data[count..];
            address += (ulong)count;
            if (address == 0 && !data.IsEmpty)
            {
                Interlocked.Increment(ref _unassignedWrites);
                return BusAccess.First(status, BusStatus.Unassigned);
            }
        }

        return status;
    }

    private BusStatus WritePiece(in MapRange range, ulong address, ReadOnlySpan<byte> data)
    {
        switch (range.Kind)
        {
            case RegionKind.Ram:
                GuestWords.CopyIn(range.Host + (address - range.First), data);
                LookForCode(in range, address, data.Length);
                return BusStatus.Ok;
            case RegionKind.Rom when range.Region!.Target is null:
                return BusStatus.ReadOnly;
            case RegionKind.Rom or RegionKind.Mmio:
                return WriteRegisters(in range, address, data);
            default:
                Interlocked.Increment(ref _unassignedWrites);
                return BusStatus.Unassigned;
        }
    }

    // After the store, never before it: see RamBlock.CodeMap.
    private void LookForCode(in MapRange range, ulong address, int size)
    {
        var page = (address - range.First) / RamBlock.PageSize;
        var lastPage = (address + (ulong)(size - 1) - range.First) / RamBlock.PageSize;
        for (; page <= lastPage; page++)
        {
            if (Volatile.Read(ref range.CodeMap[page]) != 0)
            {
                NotifyWritten(range.CodeMap + page, range.First + (page * RamBlock.PageSize));
            }
        }
    }

    private void Tell(ulong physicalPage, IMemoryObserver? except)
    {
        foreach (var observer in Volatile.Read(ref _observers))
        {
            if (observer != except)
            {
                observer.CodeWritten(physicalPage);
            }
        }
    }
}
