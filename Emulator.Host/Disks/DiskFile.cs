using System.Runtime.InteropServices;

namespace Emulator.Host.Disks;

/// <summary>A regular file or a block device of the host's that holds a disk, open and locked. Any thread; the calls wait for the host.</summary>
/// <remarks>What returns a number returns an error number of the host's, or 0.</remarks>
internal sealed class DiskFile : IDisposable
{
    private static readonly byte[] s_zeroes = new byte[64 << 10];

    private readonly int _descriptor;
    private readonly DirectFile? _direct;
    private readonly bool _isDevice;
    private readonly long _bytes;   // May end within the last block.
    private volatile bool _canWriteStable = true;

    private DiskFile(string path, int descriptor, DirectFile? direct, bool isDevice, long bytes)
    {
        (Path, _descriptor, _direct, _isDevice, _bytes) = (path, descriptor, direct, isDevice, bytes);
        Length = (bytes + 511) & ~511L;
    }

    /// <summary>Where it is.</summary>
    public string Path { get; }

    /// <summary>Bytes of the disk: the file's, and zeroes up to a multiple of 512.</summary>
    public long Length { get; }

    /// <summary>Opens one, or says why that cannot be.</summary>
    /// <param name="path">Where it is.</param>
    /// <param name="how">How.</param>
    public static Result<DiskFile> Open(string path, DiskFileMode how)
    {
        var access = how.IsReadOnly ? FileCalls.OpenReadOnly : FileCalls.OpenReadWrite;
        var descriptor = FileCalls.Open(path, access | FileCalls.OpenCloseOnExec | FileCalls.OpenNonBlocking);
        if (descriptor < 0)
        {
            return new Failure(Explain(path, Marshal.GetLastPInvokeError(), how));
        }

        if (Refuse(path, descriptor, how, out var bytes, out var isDevice) is { } mistake)
        {
            _ = FileCalls.Close(descriptor);
            return new Failure($"{path}: {mistake}");
        }

        DirectFile? direct = null;
        if (how.IsDirect && !DirectFile.Open(path, access, descriptor).Get(out direct, out mistake))
        {
            _ = FileCalls.Close(descriptor);
            return new Failure($"{path}: {mistake}");
        }

        return new DiskFile(path, descriptor, direct, isDevice, bytes);
    }

    /// <summary>Reads what is in the page cache.</summary>
    /// <param name="offset">Bytes.</param>
    /// <param name="buffer">Is filled, or holds nothing.</param>
    /// <param name="error">0; why nothing can be read without waiting, on this file or now.</param>
    /// <returns>False if not all of it was there.</returns>
    public bool TryRead(long offset, Memory<byte> buffer, out int error) => TryMove(isWrite: false, offset, buffer, out error);

    /// <summary>Writes to the page cache, if that takes no waiting.</summary>
    /// <param name="offset">Bytes.</param>
    /// <param name="buffer">What is written.</param>
    /// <param name="error">0; why nothing can be written without waiting, on this file or now.</param>
    /// <returns>False if not all of it was taken: it is to be written again.</returns>
    public bool TryWrite(long offset, Memory<byte> buffer, out int error) => TryMove(isWrite: true, offset, buffer, out error);

    /// <summary>Reads.</summary>
    public int Read(long offset, Span<byte> buffer)
    {
        while (buffer.Length > 0)
        {
            var count = _direct is null ? (int)FileCalls.Read(_descriptor, buffer, buffer.Length, offset) : _direct.Read(offset, buffer);
            if (count < 0)
            {
                if (Marshal.GetLastPInvokeError() is not FileCalls.InterruptedCall and var error)
                {
                    return error;
                }

                continue;
            }

            if (count == 0)
            {
                buffer.Clear();
                return offset >= _bytes ? 0 : FileCalls.EndOfFile;
            }

            offset += count;
            buffer = buffer[count..];
        }

        return 0;
    }

    /// <summary>Writes.</summary>
    /// <param name="offset">Bytes.</param>
    /// <param name="buffer">What is written.</param>
    public int Write(long offset, ReadOnlySpan<byte> buffer)
    {
        while (buffer.Length > 0)
        {
            var count = _direct is null ? (int)FileCalls.Write(_descriptor, buffer, buffer.Length, offset) : _direct.Write(offset, buffer);
            if (IsEnd(count, out var error))
            {
                return error;
            }

            count = Math.Max(count, 0);
            offset += count;
            buffer = buffer[count..];
        }

        return 0;
    }

    /// <summary>Writes, and waits until it is stable.</summary>
    /// <param name="offset">Bytes.</param>
    /// <param name="buffer">What is written.</param>
    /// <param name="hasLost">True if the host has failed to make something stable that it had taken.</param>
    public int WriteStable(long offset, Memory<byte> buffer, out bool hasLost)
    {
        var first = FileCalls.NotSupported;
        if (_direct is null && _canWriteStable && MemoryMarshal.TryGetArray<byte>(buffer, out var array))
        {
            // Waits for these bytes only, where fdatasync would for all.
            first = WriteStable(offset, array);
            _canWriteStable = !IsUnable(first);
        }

        hasLost = false;
        if (first == 0)
        {
            return 0;
        }

        // In two steps; and, if the one failed, to see which it was: the host tells once only what it has lost.
        var error = Write(offset, buffer.Span);
        if (error == 0)
        {
            error = Synchronize();
            error = error != 0 || IsUnable(first) ? error : first;
            hasLost = error != 0;
        }
        else
        {
            hasLost = error == FileCalls.IoError && !IsUnable(first);
        }

        return error;
    }

    /// <summary>Makes stable all that was written.</summary>
    public int Synchronize() => Repeat(static (file, _, _) => FileCalls.Synchronize(file._descriptor), 0, 0);

    /// <summary>Gives room back to the host, if it can be; what is there may be anything of the disk's own, or zeroes.</summary>
    public int Discard(long offset, long length)
    {
        var error = _isDevice
            ? Repeat(static (file, offset, length) => FileCalls.Control(file._descriptor, FileCalls.BlockDiscard, [(ulong)offset, (ulong)length]), offset, length)
            : Punch(offset, length);
        return IsUnable(error) ? 0 : error;
    }

    /// <summary>Makes a range read as zeroes.</summary>
    /// <param name="offset">Bytes.</param>
    /// <param name="length">Bytes.</param>
    /// <param name="mayPunch">True if room may be given back to the host.</param>
    public int WriteZeroes(long offset, long length, bool mayPunch)
    {
        var error = mayPunch ? Punch(offset, length) : FileCalls.NotSupported;
        error = IsUnable(error) ? Zero(offset, length) : error;
        if (!IsUnable(error))
        {
            return error;
        }

        for (error = 0; error == 0 && length > 0;)
        {
            var count = (int)Math.Min(length, s_zeroes.Length);
            error = Write(offset, s_zeroes.AsSpan(0, count));
            (offset, length) = (offset + count, length - count);
        }

        return error;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _direct?.Dispose();
        _ = FileCalls.Close(_descriptor);
    }

    private static string? Refuse(string path, int descriptor, DiskFileMode how, out long bytes, out bool isDevice)
    {
        Span<ulong> size = [0];
        isDevice = FileCalls.Control(descriptor, FileCalls.BlockSize, size) == 0;
        bytes = isDevice ? (long)size[0] : FileCalls.Seek(descriptor, 0, 2);
        return Directory.Exists(path) || bytes < 0 ? "it is neither a file nor a block device"
            : bytes == 0 ? $"it is empty; give it a size: truncate -s 64M {path}"
            : !how.MayBeAnyFormat && FormatOf(descriptor) is { } format
                ? $"it looks like a {format} image; let qemu-nbd -f {format} serve it and give file=nbd://localhost, or give format=raw if the guest is to see it as it is"
            : how.Locks ? FileLock.Take(descriptor, !how.IsReadOnly, how.IsShared)
            : null;
    }

    // The first bytes of those that qemu-img makes most often.
    private static string? FormatOf(int descriptor)
    {
        Span<byte> first = stackalloc byte[8];
        return FileCalls.Read(descriptor, first, first.Length, 0) < first.Length ? null
            : first.StartsWith((ReadOnlySpan<byte>)[0x51, 0x46, 0x49, 0xFB]) ? "qcow2"
            : first.StartsWith("KDMV"u8) ? "vmdk"
            : first.StartsWith("vhdxfile"u8) ? "vhdx"
            : first.StartsWith("conectix"u8) ? "vpc"
            : null;
    }

    private static string Explain(string path, int error, DiskFileMode how) => $"cannot open {path}: {FileCalls.Message(error)}" + error switch
    {
        FileCalls.NoSuchFile => $"; make it: truncate -s 64M {path}",
        FileCalls.AccessDenied or FileCalls.ReadOnlyFileSystem when !how.IsReadOnly => "; give readonly=on if the guest need not write",
        _ => "",
    };

    // Or this range cannot be: it does not begin and end where a device's blocks do.
    private static bool IsUnable(int error) => error is FileCalls.NotSupported or FileCalls.NotImplemented or FileCalls.NotTty or FileCalls.InvalidArgument;

    // True if a write has come to its end without all of it being written.
    private static bool IsEnd(nint count, out int error)
    {
        error = count > 0 ? 0 : count == 0 ? FileCalls.IoError : Marshal.GetLastPInvokeError();
        return error is not (0 or FileCalls.InterruptedCall);
    }

    // The calls that take flags want an address.
    private bool TryMove(bool isWrite, long offset, Memory<byte> buffer, out int error)
    {
        error = FileCalls.NotSupported;
        if (_direct is not null || !MemoryMarshal.TryGetArray<byte>(buffer, out var array))
        {
            return false;
        }

        var pin = GCHandle.Alloc(array.Array, GCHandleType.Pinned);
        var piece = new Piece { Address = pin.AddrOfPinnedObject() + array.Offset, Length = array.Count };
        var count = isWrite
            ? FileCalls.Write(_descriptor, piece, 1, offset, FileCalls.WithoutWaiting)
            : FileCalls.Read(_descriptor, piece, 1, offset, FileCalls.WithoutWaiting);
        error = count < 0 ? Marshal.GetLastPInvokeError() : 0;
        pin.Free();
        return count == buffer.Length;
    }

    private int WriteStable(long offset, ArraySegment<byte> array)
    {
        var pin = GCHandle.Alloc(array.Array, GCHandleType.Pinned);
        var error = 0;
        for (var done = 0; error == 0 && done < array.Count;)
        {
            var piece = new Piece { Address = pin.AddrOfPinnedObject() + array.Offset + done, Length = array.Count - done };
            var count = FileCalls.Write(_descriptor, piece, 1, offset + done, FileCalls.Stable);
            error = IsEnd(count, out var why) ? why : 0;
            done += (int)Math.Max(count, 0);
        }

        pin.Free();
        return error;
    }

    private int Punch(long offset, long length) =>
        Repeat(static (file, offset, length) => FileCalls.Allocate(file._descriptor, FileCalls.PunchHole | FileCalls.KeepSize, offset, length), offset, length);

    private int Zero(long offset, long length) =>
        Repeat(static (file, offset, length) => FileCalls.Allocate(file._descriptor, FileCalls.ZeroRange | FileCalls.KeepSize, offset, length), offset, length);

    private int Repeat(Func<DiskFile, long, long, int> call, long offset, long length)
    {
        int error;
        do
        {
            error = call(this, offset, length) < 0 ? Marshal.GetLastPInvokeError() : 0;
        }
        while (error == FileCalls.InterruptedCall);
        return error;
    }
}

/// <summary>How a <see cref="DiskFile"/> is opened.</summary>
/// <param name="IsReadOnly">For reading only.</param>
/// <param name="IsDirect">Past the host's page cache.</param>
/// <param name="IsShared">Others may write to it too.</param>
/// <param name="Locks">Others are kept out, as far as they may not.</param>
/// <param name="MayBeAnyFormat">The first bytes do not matter.</param>
internal sealed record DiskFileMode(bool IsReadOnly, bool IsDirect = false, bool IsShared = false, bool Locks = true, bool MayBeAnyFormat = true);
