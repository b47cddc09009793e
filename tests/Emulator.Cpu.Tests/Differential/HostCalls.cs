using System.Runtime.InteropServices;

namespace Emulator.Cpu.Tests.Differential;

/// <summary>The C library's calls that the native side needs (Linux, x86-64).</summary>
internal static unsafe partial class HostCalls
{
    public const int ProtectNone = 0;
    public const int ProtectRead = 1;
    public const int ProtectReadWrite = 3;
    public const int ProtectAll = 7;

    public const int SigIll = 4;
    public const int SigTrap = 5;
    public const int SigBus = 7;
    public const int SigFpe = 8;
    public const int SigSegv = 11;

    public const int SetSignalMask = 2;
    public const int SignalInfo = 4;
    public const int SignalOnAlternateStack = 0x0800_0000;

    private const int MapPrivateAnonymous = 0x22;
    private const int MapFixedNoReplace = 0x10_0000;
    private const long ArchPrctlCall = 158;
    private const long ArchSetGs = 0x1001;
    private const long ArchGetGs = 0x1004;

    /// <summary>glibc's <c>struct sigaction</c>.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct SignalAction
    {
        public nuint Handler;
        public fixed ulong Mask[16];
        public int Flags;
        public nuint Restorer;
    }

    /// <summary><c>stack_t</c>.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct SignalStack
    {
        public nuint Base;
        public int Flags;
        public nuint Size;
    }

    /// <summary><c>sigset_t</c>.</summary>
    public struct SignalSet
    {
        public fixed ulong Bits[16];
    }

    /// <summary>Maps anonymous memory at exactly this address; false if something is there already.</summary>
    public static bool MapAt(ulong address, ulong size, int protection)
    {
        nint got = Map((nint)address, (nuint)size, protection, MapPrivateAnonymous | MapFixedNoReplace, -1, 0);
        if (got == (nint)address)
        {
            return true;
        }

        if (got != -1)
        {
            _ = Unmap(got, (nuint)size);
        }

        return false;
    }

    public static ulong GetGsBase()
    {
        ulong value;
        _ = SystemCall(ArchPrctlCall, ArchGetGs, (nint)(&value));
        return value;
    }

    public static void SetGsBase(ulong value) => _ = SystemCall(ArchPrctlCall, ArchSetGs, (nint)value);

    [LibraryImport("libc", EntryPoint = "mprotect", SetLastError = true)]
    public static partial int Protect(nint address, nuint size, int protection);

    [LibraryImport("libc", EntryPoint = "sigaction", SetLastError = true)]
    public static partial int SetSignalAction(int signal, SignalAction* action, SignalAction* old);

    [LibraryImport("libc", EntryPoint = "sigaltstack", SetLastError = true)]
    public static partial int SetSignalStack(SignalStack* stack, SignalStack* old);

    [LibraryImport("libc", EntryPoint = "pthread_sigmask")]
    public static partial int ChangeSignalMask(int how, SignalSet* set, SignalSet* old);

    [LibraryImport("libc", EntryPoint = "mmap", SetLastError = true)]
    private static partial nint Map(nint address, nuint size, int protection, int flags, int file, nint offset);

    [LibraryImport("libc", EntryPoint = "munmap", SetLastError = true)]
    private static partial int Unmap(nint address, nuint size);

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial nint SystemCall(long number, long first, nint second);
}
