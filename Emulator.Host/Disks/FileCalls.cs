using System.Runtime.InteropServices;

namespace Emulator.Host.Disks;

/// <summary>The calls on files that the base library has no words for, and their numbers on Linux (x86-64).</summary>
internal static partial class FileCalls
{
    public const int OpenReadOnly = 0;              // O_RDONLY
    public const int OpenReadWrite = 2;             // O_RDWR
    public const int OpenDirect = 0x4000;           // O_DIRECT
    public const int OpenCloseOnExec = 0x80000;     // O_CLOEXEC
    public const int OpenNonBlocking = 0x800;       // O_NONBLOCK: a FIFO without a writer is refused, not waited for

    public const int WithoutWaiting = 0x8;          // RWF_NOWAIT
    public const int Stable = 0x2;                  // RWF_DSYNC

    public const int KeepSize = 0x1;                // FALLOC_FL_KEEP_SIZE
    public const int PunchHole = 0x2;               // FALLOC_FL_PUNCH_HOLE
    public const int ZeroRange = 0x10;              // FALLOC_FL_ZERO_RANGE

    public const nuint BlockSize = 0x80081272;      // BLKGETSIZE64
    public const nuint BlockDiscard = 0x1277;       // BLKDISCARD

    public const int TestLock = 36;                 // F_OFD_GETLK
    public const int SetLock = 37;                  // F_OFD_SETLK

    /// <summary>No number of the host's: there is less of the file than there was.</summary>
    public const int EndOfFile = -1;

    public const int NoSuchFile = 2;                // ENOENT
    public const int InterruptedCall = 4;           // EINTR
    public const int IoError = 5;                   // EIO
    public const int TryAgain = 11;                 // EAGAIN
    public const int AccessDenied = 13;             // EACCES
    public const int NotTty = 25;                   // ENOTTY
    public const int InvalidArgument = 22;          // EINVAL
    public const int FileTooLarge = 27;             // EFBIG
    public const int NoSpace = 28;                  // ENOSPC
    public const int ReadOnlyFileSystem = 30;       // EROFS
    public const int NotImplemented = 38;           // ENOSYS
    public const int NotSupported = 95;             // EOPNOTSUPP
    public const int OverQuota = 122;               // EDQUOT

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "close")]
    public static partial int Close(int descriptor);

    [LibraryImport("libc", EntryPoint = "lseek", SetLastError = true)]
    public static partial long Seek(int descriptor, long offset, int from);

    [LibraryImport("libc", EntryPoint = "pread", SetLastError = true)]
    public static partial nint Read(int descriptor, Span<byte> buffer, nint count, long offset);

    [LibraryImport("libc", EntryPoint = "pwrite", SetLastError = true)]
    public static partial nint Write(int descriptor, ReadOnlySpan<byte> buffer, nint count, long offset);

    [LibraryImport("libc", EntryPoint = "preadv2", SetLastError = true)]
    public static partial nint Read(int descriptor, in Piece piece, int pieces, long offset, int flags);

    [LibraryImport("libc", EntryPoint = "pwritev2", SetLastError = true)]
    public static partial nint Write(int descriptor, in Piece piece, int pieces, long offset, int flags);

    [LibraryImport("libc", EntryPoint = "fdatasync", SetLastError = true)]
    public static partial int Synchronize(int descriptor);

    [LibraryImport("libc", EntryPoint = "fallocate", SetLastError = true)]
    public static partial int Allocate(int descriptor, int mode, long offset, long length);

    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    public static partial int Control(int descriptor, nuint request, Span<ulong> values);

    [LibraryImport("libc", EntryPoint = "fcntl", SetLastError = true)]
    public static partial int Lock(int descriptor, int command, ref RangeLock range);

    /// <summary>What an error number says.</summary>
    public static string Message(int error) => Marshal.GetPInvokeErrorMessage(error);
}

/// <summary><c>struct iovec</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct Piece
{
    public nint Address;
    public nint Length;
}

/// <summary><c>struct flock</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct RangeLock
{
    public const short Shared = 0;      // F_RDLCK
    public const short Exclusive = 1;   // F_WRLCK
    public const short None = 2;        // F_UNLCK

    public short Type;
    public short From;                  // SEEK_SET
    public long Start;
    public long Length;                 // 0 is to the end, wherever that is
    public int Owner;
}
