namespace Emulator.Memory;

/// <summary>Host memory behind RAM or ROM regions: native, page-aligned, zeroed, resident only where touched.</summary>
/// <remarks>Belongs to the <see cref="GuestMemory"/> that a region of it was added to, which disposes it at the end.</remarks>
public sealed unsafe class RamBlock : IDisposable
{
    /// <summary>Bytes in a page of the guest.</summary>
    public const ulong PageSize = 4096;

    /// <summary>The largest block, 64 GiB.</summary>
    public const ulong MaximumSize = 64UL << 30;

    /// <summary>The bit of a byte of <see cref="CodeMap"/> that is set while the page is clean and watched; the first store clears it.</summary>
    public const byte Watched = 0x80;

    private bool _disposed;
    private bool _watched;

    /// <summary>Reserves a block of zeroes.</summary>
    /// <param name="name">What messages and the monitor call it.</param>
    /// <param name="size">Bytes; a multiple of 4096, not zero, at most 64 GiB.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="size"/> is none of these.</exception>
    /// <exception cref="InsufficientMemoryException">The host has no address space for it.</exception>
    public RamBlock(string name, ulong size)
    {
        if (size == 0 || size % PageSize != 0 || size > MaximumSize)
        {
            throw new ArgumentOutOfRangeException(nameof(size), size, "A block is whole 4 KiB pages, at most 64 GiB.");
        }

        Name = name;
        Size = size;
        Host = NativePages.Allocate(size);
        CodeMap = NativePages.Allocate(CodeMapSize);
    }

    /// <summary>Frees the pages of a block that was never disposed.</summary>
    ~RamBlock() => Free();

    /// <summary>What messages and the monitor call it.</summary>
    public string Name { get; }

    /// <summary>Bytes, a multiple of 4096.</summary>
    public ulong Size { get; }

    /// <summary>The first byte; page-aligned.</summary>
    public byte* Host { get; }

    /// <summary>
    /// One byte for each 4 KiB page, nonzero while somebody must hear of stores into it: the low seven bits count the
    /// vCPUs that hold decoded code of the page, <see cref="Watched"/> says that somebody waits for the page to be written.
    /// </summary>
    /// <remarks>
    /// A writer stores its data first and looks at the byte after; if it is not zero it calls
    /// <see cref="GuestMemory.NotifyWritten"/>. Who decodes or watches sets the byte first and reads the page after, with
    /// <see cref="Interlocked.MemoryBarrierProcessWide"/> in between: that barrier stands in for the store-load fence that
    /// the writers, whose path must carry no fence, leave out. Changed by compare-and-swap only.
    /// </remarks>
    public byte* CodeMap { get; }

    // Rounded to whole pages, as the operating system hands them out.
    private ulong CodeMapSize => ((Size / PageSize) + PageSize - 1) & ~(PageSize - 1);

    /// <summary>Copies data in before the machine starts. Tells no observer.</summary>
    /// <param name="offset">Bytes from the start of the block.</param>
    /// <param name="data">What to copy; must fit.</param>
    /// <exception cref="ArgumentOutOfRangeException">The data does not fit.</exception>
    public void Load(ulong offset, ReadOnlySpan<byte> data)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (offset > Size || (ulong)data.Length > Size - offset)
        {
            throw new ArgumentOutOfRangeException(nameof(offset), offset, $"{data.Length} bytes do not fit into {Name} of {Size} bytes there.");
        }

        data.CopyTo(new Span<byte>(Host + offset, data.Length));
    }

    /// <summary>Notes that somebody watches the block, or no longer.</summary>
    /// <returns>False if that is so already.</returns>
    internal bool TryWatch(bool watched) => Interlocked.Exchange(ref _watched, watched) != watched;

    /// <summary>Clears <see cref="Watched"/> in a byte of <see cref="CodeMap"/>.</summary>
    /// <returns>The byte as it was.</returns>
    internal static byte EndWatch(byte* pageByte)
    {
        var before = Volatile.Read(ref *pageByte);
        for (byte seen; (before & Watched) != 0; before = seen)
        {
            seen = Interlocked.CompareExchange(ref *pageByte, (byte)(before & ~Watched), before);
            if (seen == before)
            {
                break;
            }
        }

        return before;
    }

    /// <summary>Sets <see cref="Watched"/> in a byte of <see cref="CodeMap"/>.</summary>
    /// <returns>False if it was set already.</returns>
    internal static bool BeginWatch(byte* pageByte)
    {
        var before = Volatile.Read(ref *pageByte);
        for (byte seen; (before & Watched) == 0; before = seen)
        {
            seen = Interlocked.CompareExchange(ref *pageByte, (byte)(before | Watched), before);
            if (seen == before)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Gives the pages back. No map that names the block may be in use any more.</summary>
    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    private void Free()
    {
        if (_disposed || Host == null)
        {
            return;
        }

        _disposed = true;
        NativePages.Free(Host, Size);
        if (CodeMap != null)
        {
            NativePages.Free(CodeMap, CodeMapSize);
        }
    }
}
