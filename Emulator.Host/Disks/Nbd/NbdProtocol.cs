namespace Emulator.Host.Disks.Nbd;

/// <summary>Numbers of the NBD protocol (its doc/proto.md). All of it is big-endian.</summary>
internal static class NbdProtocol
{
    /// <summary>The port when none is given.</summary>
    public const int Port = 10809;

    /// <summary>How a server begins.</summary>
    public const ulong ServerMagic = 0x4E42444D41474943;

    /// <summary>Behind <see cref="ServerMagic"/>, and before each option.</summary>
    public const ulong OptionMagic = 0x49484156454F5054;

    /// <summary>Behind <see cref="ServerMagic"/> from a server that has no options (before 2011).</summary>
    public const ulong OldMagic = 0x0000420281861253;

    /// <summary>Before the answer to an option.</summary>
    public const ulong OptionReplyMagic = 0x0003E889045565A9;

    /// <summary>Before a request.</summary>
    public const uint RequestMagic = 0x25609513;

    /// <summary>Before a simple reply.</summary>
    public const uint ReplyMagic = 0x67446698;

    /// <summary>Bytes of a request without what is written.</summary>
    public const int RequestSize = 28;

    /// <summary>Bytes of a simple reply without what is read.</summary>
    public const int ReplySize = 16;

    /// <summary>Of both sides' flags: option requests have answers.</summary>
    public const ushort FixedNewstyle = 1;

    /// <summary>Of both sides' flags: no padding behind the answer to <see cref="NbdOption.ExportName"/>.</summary>
    public const ushort NoZeroes = 2;

    /// <summary>The padding.</summary>
    public const int ZeroesSize = 124;

    /// <summary>The longest name of an export, in bytes of UTF-8.</summary>
    public const int LongestName = 4096;

    /// <summary>Set in the type of an option's answer that is an error.</summary>
    public const uint ErrorBit = 0x8000_0000;

    /// <summary>Of a request: stable when it is answered.</summary>
    public const ushort CommandForceUnitAccess = 1;

    /// <summary>Of a request: no hole.</summary>
    public const ushort CommandNoHole = 2;

    /// <summary>The largest payload that a server must take if it says nothing.</summary>
    public const uint DefaultMaximumBlock = 32 << 20;
}

/// <summary>Options of the negotiation.</summary>
internal enum NbdOption : uint
{
    /// <summary>Names the export and ends the negotiation; without any answer if there is no such export.</summary>
    ExportName = 1,

    /// <summary>Ends the connection.</summary>
    Abort = 2,

    /// <summary>Names the export, asks for what is known of it, and ends the negotiation if there is one.</summary>
    Go = 7,
}

/// <summary>Types of answers to options.</summary>
internal enum NbdOptionReply : uint
{
    /// <summary>Done.</summary>
    Acknowledged = 1,

    /// <summary>A piece of information, with others behind it.</summary>
    Info = 3,

    /// <summary>The option is not known.</summary>
    Unsupported = NbdProtocol.ErrorBit | 1,

    /// <summary>The server does not want to.</summary>
    Policy = NbdProtocol.ErrorBit | 2,

    /// <summary>Encryption first.</summary>
    TlsRequired = NbdProtocol.ErrorBit | 5,

    /// <summary>There is no such export.</summary>
    Unknown = NbdProtocol.ErrorBit | 6,
}

/// <summary>What is told of an export by <see cref="NbdOption.Go"/>.</summary>
internal enum NbdInfo : ushort
{
    /// <summary>Size and flags.</summary>
    Export = 0,

    /// <summary>Smallest, best and largest request.</summary>
    BlockSize = 3,
}

/// <summary>What an export can do: the transmission flags.</summary>
[Flags]
internal enum NbdExportFlags : ushort
{
    /// <summary>The others mean something.</summary>
    HasFlags = 1 << 0,

    /// <summary>Nothing can be changed.</summary>
    ReadOnly = 1 << 1,

    /// <summary>There is <see cref="NbdCommand.Flush"/>.</summary>
    Flush = 1 << 2,

    /// <summary>There is <see cref="NbdProtocol.CommandForceUnitAccess"/>.</summary>
    ForceUnitAccess = 1 << 3,

    /// <summary>There is <see cref="NbdCommand.Trim"/>.</summary>
    Trim = 1 << 5,

    /// <summary>There is <see cref="NbdCommand.WriteZeroes"/>.</summary>
    WriteZeroes = 1 << 6,
}

/// <summary>Requests.</summary>
internal enum NbdCommand : ushort
{
    /// <summary>Read.</summary>
    Read = 0,

    /// <summary>Write; the bytes follow.</summary>
    Write = 1,

    /// <summary>Goodbye. Has no reply.</summary>
    Disconnect = 2,

    /// <summary>What was answered before is stable afterwards.</summary>
    Flush = 3,

    /// <summary>Discard.</summary>
    Trim = 4,

    /// <summary>Zeroes, without sending them.</summary>
    WriteZeroes = 6,
}

/// <summary>Errors in replies: Linux's numbers.</summary>
internal enum NbdError : uint
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>EPERM: the export is read-only.</summary>
    NotPermitted = 1,

    /// <summary>ENOSPC.</summary>
    NoSpace = 28,

    /// <summary>ENOTSUP.</summary>
    NotSupported = 95,

    /// <summary>ESHUTDOWN: the server is about to go.</summary>
    ShuttingDown = 108,
}
