namespace Emulator.Host.Console;

/// <summary>An event that poll(2) can wait for beside other descriptors.</summary>
internal sealed class WakePipe : IDisposable
{
    private readonly int _writeEnd;
    private int _isSet;

    /// <summary>Makes it, not set.</summary>
    /// <exception cref="IOException">The process has too many files open.</exception>
    public WakePipe()
    {
        Span<int> ends = stackalloc int[2];
        if (Posix.Pipe(ends, Posix.OpenNonBlocking | Posix.OpenCloseOnExec) != 0)
        {
            throw new IOException("cannot make a pipe: too many open files");
        }

        (Descriptor, _writeEnd) = (ends[0], ends[1]);
    }

    /// <summary>Readable while set.</summary>
    public int Descriptor { get; }

    /// <summary>Sets it. Any thread.</summary>
    public void Set()
    {
        if (Interlocked.Exchange(ref _isSet, 1) == 0)
        {
            _ = Posix.WriteAll(_writeEnd, [1]);
        }
    }

    /// <summary>Resets it. The waiting thread only.</summary>
    public void Clear()
    {
        Span<byte> bytes = stackalloc byte[8];
        _ = Posix.Read(Descriptor, bytes);
        Volatile.Write(ref _isSet, 0);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        // From now on a late Set finds it set and leaves the descriptors, which may be another file's, alone.
        Volatile.Write(ref _isSet, 1);
        _ = Posix.Close(Descriptor);
        _ = Posix.Close(_writeEnd);
    }
}
