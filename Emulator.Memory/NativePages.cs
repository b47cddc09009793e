using System.Runtime.InteropServices;

namespace Emulator.Memory;

/// <summary>Zeroed host pages outside the garbage collector's heap, which cost nothing until they are touched.</summary>
internal static unsafe partial class NativePages
{
    private const int ProtReadWrite = 1 | 2;
    private const int MapPrivate = 2;

    /// <summary>Reserves <paramref name="bytes"/> of zeroed, page-aligned memory.</summary>
    /// <exception cref="InsufficientMemoryException">The host has no address space for it.</exception>
    public static byte* Allocate(ulong bytes)
    {
        if (OperatingSystem.IsLinux() || OperatingSystem.IsMacOS())
        {
            // Without MAP_NORESERVE a strict overcommit policy would count 64 GiB of untouched guest RAM as used.
            var flags = OperatingSystem.IsLinux() ? MapPrivate | 0x20 | 0x4000 : MapPrivate | 0x1000 | 0x40;
            var pages = mmap(null, (nuint)bytes, ProtReadWrite, flags, -1, 0);
            return (nint)pages == -1
                ? throw new InsufficientMemoryException($"The host refused {bytes} bytes of address space (errno {Marshal.GetLastPInvokeError()}).")
                : (byte*)pages;
        }

        var block = (byte*)NativeMemory.AlignedAlloc((nuint)bytes, 4096);
        NativeMemory.Clear(block, (nuint)bytes);
        return block;
    }

    /// <summary>Gives back what <see cref="Allocate"/> returned, with the same size.</summary>
    public static void Free(byte* pages, ulong bytes)
    {
        if (OperatingSystem.IsLinux() || OperatingSystem.IsMacOS())
        {
            _ = munmap(pages, (nuint)bytes);
        }
        else
        {
            NativeMemory.AlignedFree(pages);
        }
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial void* mmap(void* address, nuint length, int protection, int flags, int file, long offset);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int munmap(void* address, nuint length);
}
