using System.Runtime.InteropServices;

namespace Emulator.Host.Network;

/// <summary>libslirp's calls (libslirp.h, version 4): a TCP/IP stack in the process, which speaks to the outside by ordinary sockets.</summary>
internal static partial class Slirp
{
    /// <summary>The library.</summary>
    public const string Library = "libslirp.so.0";

    /// <summary>The oldest form of <see cref="SlirpConfiguration"/> and <see cref="SlirpCallbacks"/>, which every version takes.</summary>
    public const uint ConfigurationVersion = 1;

    /// <summary>Takes a frame for the guest.</summary>
    public delegate nint SendPacket(nint frame, nuint length, nint opaque);

    /// <summary>Says what the guest has done wrong.</summary>
    public delegate void GuestError(nint message, nint opaque);

    /// <summary>The time in nanoseconds.</summary>
    public delegate long ReadClock(nint opaque);

    /// <summary>A descriptor begins or ends to be polled.</summary>
    public delegate void DescriptorChanged(int descriptor, nint opaque);

    /// <summary>There may be more to do.</summary>
    public delegate void Notify(nint opaque);

    /// <summary>Adds a descriptor to those that are polled; returns its number among them.</summary>
    public delegate int AddPoll(int descriptor, PollEvents events, nint opaque);

    /// <summary>What has happened to one of those.</summary>
    public delegate PollEvents ReadEvents(int index, nint opaque);

    /// <summary>SLIRP_POLL_*.</summary>
    [Flags]
    public enum PollEvents
    {
        None = 0,
        In = 1 << 0,
        Out = 1 << 1,
        Priority = 1 << 2,
        Error = 1 << 3,
        HangUp = 1 << 4,
    }

    /// <summary>Makes a stack; 0 if it does not take the configuration.</summary>
    /// <param name="configuration">Is copied.</param>
    /// <param name="callbacks">A <see cref="SlirpCallbacks"/> that stays where it is as long as the stack.</param>
    /// <param name="opaque">Given to each of them.</param>
    [LibraryImport(Library, EntryPoint = "slirp_new")]
    public static partial nint New(in SlirpConfiguration configuration, nint callbacks, nint opaque);

    [LibraryImport(Library, EntryPoint = "slirp_cleanup")]
    public static partial void CleanUp(nint slirp);

    [LibraryImport(Library, EntryPoint = "slirp_pollfds_fill")]
    public static partial void FillPoll(nint slirp, ref uint timeoutMilliseconds, AddPoll add, nint opaque);

    [LibraryImport(Library, EntryPoint = "slirp_pollfds_poll")]
    public static partial void Poll(nint slirp, int hasFailed, ReadEvents events, nint opaque);

    [LibraryImport(Library, EntryPoint = "slirp_input")]
    public static partial void Input(nint slirp, ReadOnlySpan<byte> frame, int length);

    /// <summary>Forwards a port of the host to the guest; negative if that cannot be. Addresses in the order of the network.</summary>
    [LibraryImport(Library, EntryPoint = "slirp_add_hostfwd", SetLastError = true)]
    public static partial int AddHostForward(nint slirp, int isUdp, uint hostAddress, int hostPort, uint guestAddress, int guestPort);
}

/// <summary><c>struct SlirpConfig</c>. Addresses in the order of the network; strings are the library's to copy.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct SlirpConfiguration
{
    public uint Version;
    public int IsRestricted;
    public byte HasIPv4;
    public uint Network;
    public uint Mask;
    public uint Host;
    public byte HasIPv6;
    public IPv6Words Prefix6;
    public byte Prefix6Length;
    public IPv6Words Host6;
    public nint HostName;
    public nint TftpServerName;
    public nint TftpPath;
    public nint BootFile;
    public uint DhcpStart;
    public uint NameServer;
    public IPv6Words NameServer6;
    public nint SearchList;
    public nint DomainName;
    public nuint MostTransmitted;
    public nuint MostReceived;
    public byte IsHostLoopbackClosed;
    public byte IsEmulating;
}

/// <summary><c>struct in6_addr</c>, which is aligned as words are.</summary>
[System.Runtime.CompilerServices.InlineArray(4)]
internal struct IPv6Words
{
    private uint _first;
}

/// <summary><c>struct SlirpCb</c>: pointers to functions.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct SlirpCallbacks
{
    public nint SendPacket;
    public nint GuestError;
    public nint ReadClock;

    // Timers are for IPv6, which is off.
    public nint NewTimer;
    public nint FreeTimer;
    public nint SetTimer;

    public nint DescriptorAdded;
    public nint DescriptorRemoved;
    public nint Notify;
}
