using System.Runtime.InteropServices;

namespace Emulator.Host.Console;

/// <summary>The calls of the C library that the base library has no words for (Linux, x86-64 and AArch64 layouts).</summary>
internal static partial class Posix
{
    public const int StandardInput = 0;
    public const int StandardOutput = 1;
    public const int StandardError = 2;

    public const short PollIn = 0x0001;
    public const short PollPriority = 0x0002;
    public const short PollOut = 0x0004;
    public const short PollError = 0x0008;
    public const short PollHangUp = 0x0010;

    public const int InterruptedCall = 4;       // EINTR
    public const int TryAgain = 11;             // EAGAIN

    public const int OpenReadWrite = 2;         // O_RDWR
    public const int OpenNoControllingTerminal = 0x100; // O_NOCTTY
    public const int OpenNonBlocking = 0x800;   // O_NONBLOCK
    public const int OpenCloseOnExec = 0x80000; // O_CLOEXEC

    public const int SetAttributesNow = 0;      // TCSANOW
    public const int SetAttributesDrained = 1;  // TCSADRAIN

    [LibraryImport("libc", EntryPoint = "isatty")]
    public static partial int IsTerminal(int descriptor);

    [LibraryImport("libc", EntryPoint = "tcgetattr", SetLastError = true)]
    public static partial int GetAttributes(int descriptor, out Termios attributes);

    [LibraryImport("libc", EntryPoint = "tcsetattr", SetLastError = true)]
    public static partial int SetAttributes(int descriptor, int when, in Termios attributes);

    [LibraryImport("libc", EntryPoint = "read", SetLastError = true)]
    private static partial nint ReadOnce(int descriptor, Span<byte> buffer, nint count);

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    private static partial nint WriteOnce(int descriptor, ReadOnlySpan<byte> buffer, nint count);

    [LibraryImport("libc", EntryPoint = "poll", SetLastError = true)]
    public static partial int Poll(Span<PollDescriptor> descriptors, ulong count, int timeoutMilliseconds);

    [LibraryImport("libc", EntryPoint = "pipe2", SetLastError = true)]
    public static partial int Pipe(Span<int> ends, int flags);

    [LibraryImport("libc", EntryPoint = "close")]
    public static partial int Close(int descriptor);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "grantpt", SetLastError = true)]
    public static partial int GrantTerminal(int master);

    [LibraryImport("libc", EntryPoint = "unlockpt", SetLastError = true)]
    public static partial int UnlockTerminal(int master);

    [LibraryImport("libc", EntryPoint = "ptsname_r", SetLastError = true)]
    public static partial int TerminalName(int master, Span<byte> name, nint size);

    /// <summary>Reads what is there, waiting if nothing is; 0 at the end, negative on an error.</summary>
    public static int Read(int descriptor, Span<byte> buffer)
    {
        nint count;
        do
        {
            count = ReadOnce(descriptor, buffer, buffer.Length);
        }
        while (count < 0 && Marshal.GetLastPInvokeError() is InterruptedCall);
        return count < 0 && Marshal.GetLastPInvokeError() is TryAgain ? 0 : (int)count;
    }

    /// <summary>What has happened to a descriptor, without waiting.</summary>
    public static short Peek(int descriptor, short events)
    {
        Span<PollDescriptor> one = [new PollDescriptor { Descriptor = descriptor, Events = events }];
        return Poll(one, 1, 0) > 0 ? one[0].Returned : (short)0;
    }

    /// <summary>Writes all of a buffer, waiting where the descriptor does not block; false on an error.</summary>
    public static bool WriteAll(int descriptor, ReadOnlySpan<byte> data)
    {
        while (data.Length > 0)
        {
            var written = WriteOnce(descriptor, data, data.Length);
            if (written >= 0)
            {
                data = data[(int)written..];
                continue;
            }

            switch (Marshal.GetLastPInvokeError())
            {
                case InterruptedCall:
                    break;
                case TryAgain:
                    Span<PollDescriptor> wait = [new PollDescriptor { Descriptor = descriptor, Events = PollOut }];
                    _ = Poll(wait, 1, -1);
                    break;
                default:
                    return false;
            }
        }

        return true;
    }
}

/// <summary><c>struct pollfd</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct PollDescriptor
{
    public int Descriptor;
    public short Events;
    public short Returned;
}

/// <summary><c>struct termios</c> of Linux's C library, 60 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct Termios
{
    public uint InputFlags;
    public uint OutputFlags;
    public uint ControlFlags;
    public uint LocalFlags;
    public byte LineDiscipline;
    public ControlCharacters Characters;
    public uint InputSpeed;
    public uint OutputSpeed;

    /// <summary>The same settings with every typed byte passed as it is; output processing stays, so that a guest's bare line feed starts a line.</summary>
    public readonly Termios ToRaw()
    {
        const uint IgnoreBreak = 1, BreakInterrupt = 2, MarkParity = 8, StripBit8 = 0x20, NewlineToReturn = 0x40,
            IgnoreReturn = 0x80, ReturnToNewline = 0x100, StopAndStart = 0x400;
        const uint Signals = 1, Canonical = 2, Echo = 8, EchoNewline = 0x40, Extended = 0x8000;
        const uint SizeMask = 0x30, ParityEnable = 0x100, Size8 = 0x30;
        var raw = this;
        raw.InputFlags &= ~(IgnoreBreak | BreakInterrupt | MarkParity | StripBit8 | NewlineToReturn | IgnoreReturn | ReturnToNewline | StopAndStart);
        raw.LocalFlags &= ~(Signals | Canonical | Echo | EchoNewline | Extended);
        raw.ControlFlags = (raw.ControlFlags & ~(SizeMask | ParityEnable)) | Size8;
        raw.Characters[6] = 1;  // VMIN
        raw.Characters[5] = 0;  // VTIME
        return raw;
    }
}

/// <summary><c>c_cc</c>.</summary>
[System.Runtime.CompilerServices.InlineArray(32)]
internal struct ControlCharacters
{
    private byte _first;
}
