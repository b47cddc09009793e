using System.Runtime.InteropServices;

namespace Emulator.Host.Disks;

/// <summary>Keeps two programs from writing to one image, by locks of the open file (<c>F_OFD_SETLK</c>) that go when it is closed or the process dies.</summary>
/// <remarks>
/// Who writes has the whole file. Who reads, or shares, has all of it shared but for the bytes by which QEMU's processes agree (block/file-posix.c): 100
/// and up for what a process does to the file, 200 and up for what it lets no other do. So QEMU is kept out, and keeps out, as if it were this program.
/// </remarks>
internal static class FileLock
{
    private const long Does = 100;
    private const long Forbids = 200;
    private const long EndOfThose = 300;

    // One short of them: the kernel makes one of locks that touch, and this one must be told from those.
    private const long BeforeThose = 99;

    // BLK_PERM_…: numbers of the bytes.
    private const long ConsistentRead = 0;
    private const long Write = 1;
    private const long Resize = 3;

    /// <summary>Takes the lock; returns what is wrong, or null.</summary>
    /// <param name="descriptor">The file, open for writing unless it is to be read only.</param>
    /// <param name="writes">False for one that reads.</param>
    /// <param name="isShared">True if others may write too.</param>
    public static string? Take(int descriptor, bool writes, bool isShared)
    {
        if (writes && !isShared)
        {
            return TrySet(descriptor, RangeLock.Exclusive, 0, 0, out var refusal) ? null
                : Explain(refusal, "another program has it open; give each a copy, or both readonly=on");
        }

        var error = 0;
        var isSet = TrySet(descriptor, RangeLock.Shared, 0, BeforeThose, out error)
            && TrySet(descriptor, RangeLock.Shared, EndOfThose, 0, out error)
            && TrySet(descriptor, RangeLock.Shared, Does + ConsistentRead, 1, out error)
            && (!writes || TrySet(descriptor, RangeLock.Shared, Does + Write, 1, out error))
            && (isShared || TrySet(descriptor, RangeLock.Shared, Forbids + Write, 1, out error))
            && (isShared || TrySet(descriptor, RangeLock.Shared, Forbids + Resize, 1, out error));
        if (!isSet)
        {
            return Explain(error, "another program has it open for writing; give each a copy, or both readonly=on");
        }

        return (!isShared && IsHeld(descriptor, Does + Write)) || IsHeld(descriptor, Forbids + ConsistentRead) ? "another program has it open for writing; give each a copy, or both readonly=on"
            : writes && IsHeld(descriptor, Forbids + Write) ? "another program has it open and wants no other to write; give share-rw=on to both"
            : null;
    }

    private static string Explain(int error, string ifHeld) => error is FileCalls.TryAgain or FileCalls.AccessDenied
        ? ifHeld
        : $"it cannot be locked: {FileCalls.Message(error)}; give locking=off if nobody else uses it";

    private static bool TrySet(int descriptor, short type, long start, long length, out int error)
    {
        var range = new RangeLock { Type = type, Start = start, Length = length };
        error = FileCalls.Lock(descriptor, FileCalls.SetLock, ref range) == 0 ? 0 : Marshal.GetLastPInvokeError();
        return error == 0;
    }

    // A lock of the whole file by who only reads does not speak of the byte.
    private static bool IsHeld(int descriptor, long start)
    {
        var range = new RangeLock { Type = RangeLock.Exclusive, Start = start, Length = 1 };
        return FileCalls.Lock(descriptor, FileCalls.TestLock, ref range) == 0 && range.Type != RangeLock.None && range.Start > 0;
    }
}
