using System.Runtime.InteropServices;

namespace Emulator.Cpu;

/// <summary>
/// Compare-exchange of 16 bytes at a host address, which .NET does not offer: LOCK CMPXCHG16B itself, in a few bytes of
/// machine code on a page of their own. Only where the host has that instruction and this calling convention.
/// </summary>
internal static unsafe partial class AtomicPair
{
    private const int ReadWrite = 3;
    private const int ReadExecute = 5;
    private const int PrivateAnonymous = 0x22;
    private const int PageSize = 4096;

    // No stack but its own, no call, no loop: nothing that the garbage collector would have to wait for.
    private static readonly delegate* unmanaged[SuppressGCTransition]<byte*, ulong*, ulong, ulong, byte> s_code = Make();

    /// <summary>False where callers must make do with two accesses.</summary>
    public static bool IsSupported => s_code != null;

    // System V: RDI the address, RSI the two words expected, RDX and RCX the new ones, low first; AL whether it was done.
    private static ReadOnlySpan<byte> Code =>
    [
        0x53,                               // push rbx
        0x49, 0x89, 0xF8,                   // mov r8, rdi
        0x48, 0x89, 0xD3,                   // mov rbx, rdx
        0x48, 0x8B, 0x06,                   // mov rax, [rsi]
        0x48, 0x8B, 0x56, 0x08,             // mov rdx, [rsi + 8]
        0xF0, 0x49, 0x0F, 0xC7, 0x08,       // lock cmpxchg16b [r8]
        0x48, 0x89, 0x06,                   // mov [rsi], rax
        0x48, 0x89, 0x56, 0x08,             // mov [rsi + 8], rdx
        0x0F, 0x94, 0xC0,                   // sete al
        0x5B,                               // pop rbx
        0xC3,                               // ret
    ];

    /// <summary>Replaces 16 bytes if they are what is expected.</summary>
    /// <param name="host">Aligned to 16 bytes.</param>
    /// <param name="low">Expected, then found.</param>
    /// <param name="high">Expected, then found.</param>
    /// <param name="newLow">To be stored.</param>
    /// <param name="newHigh">To be stored.</param>
    /// <returns>True if it was replaced.</returns>
    public static bool CompareExchange(byte* host, ref ulong low, ref ulong high, ulong newLow, ulong newHigh)
    {
        var words = stackalloc ulong[2] { low, high };
        var replaced = s_code(host, words, newLow, newHigh) != 0;
        (low, high) = (words[0], words[1]);
        return replaced;
    }

    private static delegate* unmanaged[SuppressGCTransition]<byte*, ulong*, ulong, ulong, byte> Make()
    {
        if (!OperatingSystem.IsLinux() || RuntimeInformation.ProcessArchitecture != Architecture.X64)
        {
            return null;
        }

        var page = (byte*)mmap(null, PageSize, ReadWrite, PrivateAnonymous, -1, 0);
        if ((nint)page == -1)
        {
            return null;
        }

        Code.CopyTo(new Span<byte>(page, PageSize));
        return mprotect(page, PageSize, ReadExecute) == 0
            ? (delegate* unmanaged[SuppressGCTransition]<byte*, ulong*, ulong, ulong, byte>)page
            : null;     // a host that lets nobody make code
    }

    [LibraryImport("libc")]
    private static partial void* mmap(void* address, nuint length, int protection, int flags, int file, long offset);

    [LibraryImport("libc")]
    private static partial int mprotect(void* address, nuint length, int protection);
}
