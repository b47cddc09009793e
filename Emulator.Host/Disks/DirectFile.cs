using System.Runtime.InteropServices;

namespace Emulator.Host.Disks;

/// <summary>A file past the host's page cache (<c>O_DIRECT</c>): everything by way of buffers that stand where the host wants them.</summary>
/// <remarks>
/// Where a write begins or ends within one of the host's blocks, that block goes through the page cache, and is made stable at once so that nothing of
/// it comes back later; alone, as a direct write to the same block would be undone.
/// </remarks>
internal sealed class DirectFile : IDisposable
{
    private const int BufferSize = 256 << 10;
    private const int Page = 4096;

    private readonly int _descriptor;
    private readonly int _buffered;
    private readonly int _alignment;
    private readonly ReaderWriterLockSlim _blocks = new();
    private readonly Stack<ArraySegment<byte>> _buffers = [];

    private DirectFile(int descriptor, int buffered, int alignment) => (_descriptor, _buffered, _alignment) = (descriptor, buffered, alignment);

    /// <summary>Opens one, or says why that cannot be.</summary>
    /// <param name="path">Where it is.</param>
    /// <param name="access">O_RDONLY or O_RDWR.</param>
    /// <param name="buffered">The same file through the page cache; belongs to the caller.</param>
    public static Result<DirectFile?> Open(string path, int access, int buffered)
    {
        var descriptor = FileCalls.Open(path, access | FileCalls.OpenCloseOnExec | FileCalls.OpenDirect);
        if (descriptor >= 0)
        {
            var probe = NewBuffer();
            foreach (var alignment in (ReadOnlySpan<int>)[512, Page])
            {
                if (FileCalls.Read(descriptor, probe.AsSpan(0, alignment), alignment, 0) >= 0)
                {
                    return new DirectFile(descriptor, buffered, alignment);
                }
            }
        }

        var error = Marshal.GetLastPInvokeError();
        _ = descriptor < 0 ? 0 : FileCalls.Close(descriptor);
        return new Failure($"it cannot be opened past the page cache: {FileCalls.Message(error)}; give cache=writeback or cache=writethrough");
    }

    /// <summary>As pread: some of it, 0 at the end, or -1.</summary>
    public int Read(long offset, Span<byte> span)
    {
        var buffer = Rent();
        var skipped = (int)(offset & (_alignment - 1));
        var wanted = Math.Min(span.Length, BufferSize - skipped);
        var count = (int)FileCalls.Read(_descriptor, buffer.AsSpan(), Align(skipped + wanted), offset - skipped);
        if (count >= 0)
        {
            count = Math.Clamp(count - skipped, 0, wanted);
            buffer.AsSpan(skipped, count).CopyTo(span);
        }

        Return(buffer);
        return count;
    }

    /// <summary>As pwrite: some of it, or -1.</summary>
    public int Write(long offset, ReadOnlySpan<byte> span)
    {
        var within = (int)(offset & (_alignment - 1));
        return within != 0 || span.Length < _alignment
            ? WriteWithinBlock(offset, span[..Math.Min(span.Length, _alignment - within)])
            : WriteBlocks(offset, span[..Math.Min(span.Length & -_alignment, BufferSize)]);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _ = FileCalls.Close(_descriptor);
        _blocks.Dispose();
    }

    private int WriteWithinBlock(long offset, ReadOnlySpan<byte> span)
    {
        _blocks.EnterWriteLock();
        try
        {
            var count = (int)FileCalls.Write(_buffered, span, span.Length, offset);
            return count < 0 || FileCalls.Synchronize(_buffered) == 0 ? count : -1;
        }
        finally
        {
            _blocks.ExitWriteLock();
        }
    }

    private int WriteBlocks(long offset, ReadOnlySpan<byte> span)
    {
        var buffer = Rent();
        span.CopyTo(buffer);
        _blocks.EnterReadLock();
        try
        {
            return (int)FileCalls.Write(_descriptor, buffer.AsSpan(0, span.Length), span.Length, offset);
        }
        finally
        {
            _blocks.ExitReadLock();
            Return(buffer);
        }
    }

    private int Align(int count) => (count + _alignment - 1) & -_alignment;

    private ArraySegment<byte> Rent()
    {
        lock (_buffers)
        {
            return _buffers.TryPop(out var buffer) ? buffer : NewBuffer();
        }
    }

    private void Return(ArraySegment<byte> buffer)
    {
        lock (_buffers)
        {
            _buffers.Push(buffer);
        }
    }

    // Begins at a page, and stays where it is.
    private static ArraySegment<byte> NewBuffer()
    {
        var array = GC.AllocateUninitializedArray<byte>(BufferSize + Page, pinned: true);
        var start = (int)(-Marshal.UnsafeAddrOfPinnedArrayElement(array, 0) & (Page - 1));
        return new ArraySegment<byte>(array, start, BufferSize);
    }
}
