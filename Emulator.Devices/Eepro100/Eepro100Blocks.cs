using System.Runtime.InteropServices;

namespace Emulator.Devices;

/// <summary>The head of a command block, as far as a transmit block's goes; 16 bytes, little-endian (8255x manual, 6.4.2).</summary>
[StructLayout(LayoutKind.Explicit, Size = Size)]
internal readonly struct Eepro100CommandBlock
{
    /// <summary>Bytes.</summary>
    public const int Size = 16;

    /// <summary>Where the command word is.</summary>
    public const uint CommandOffset = 2;

    /// <summary>Where the link is.</summary>
    public const uint LinkOffset = 4;

    /// <summary>Where what the command is about begins.</summary>
    public const uint DataOffset = 8;

    /// <summary><see cref="Eepro100BlockCommand"/> in the lower bits, flags in the upper.</summary>
    [FieldOffset(2)]
    public readonly Eepro100BlockFlags Flags;

    /// <summary>The next block, less the base.</summary>
    [FieldOffset(4)]
    public readonly uint Link;

    /// <summary>Transmit: the array of buffer descriptors. Dump: where to. Multicast setup: bytes of addresses, in 13:0.</summary>
    [FieldOffset(8)]
    public readonly uint Address;

    [FieldOffset(12)]
    private readonly ushort _byteCount;

    /// <summary>Transmit: buffer descriptors.</summary>
    [FieldOffset(15)]
    public readonly byte BufferCount;

    /// <summary>Transmit: bytes of the frame that follow the block.</summary>
    public int ByteCount => _byteCount & 0x3FFF;

    /// <summary>What to do.</summary>
    public Eepro100BlockCommand Command => (Eepro100BlockCommand)((int)Flags & 7);
}

/// <summary>Bits of a block's or frame descriptor's command word above the command.</summary>
[Flags]
internal enum Eepro100BlockFlags : ushort
{
    /// <summary>SF: flexible memory structure.</summary>
    Flexible = 1 << 3,

    /// <summary>NC of a transmit block: the frame has its CRC and source address already. H of a frame descriptor: it takes a header only.</summary>
    NoCrc = 1 << 4,

    /// <summary>I: interrupts when it is done.</summary>
    Interrupt = 1 << 13,

    /// <summary>S: suspends when it is done.</summary>
    Suspend = 1 << 14,

    /// <summary>EL: the last of the list.</summary>
    EndOfList = 1 << 15,
}

/// <summary>Bits 2:0 of a block's command word.</summary>
internal enum Eepro100BlockCommand
{
    /// <summary>Nothing.</summary>
    Nop,

    /// <summary>Takes the station's address.</summary>
    IndividualAddressSetup,

    /// <summary>Takes configuration bytes.</summary>
    Configure,

    /// <summary>Takes multicast addresses.</summary>
    MulticastSetup,

    /// <summary>Sends a frame.</summary>
    Transmit,

    /// <summary>Takes microcode.</summary>
    LoadMicrocode,

    /// <summary>Writes the internal state.</summary>
    Dump,

    /// <summary>Tests itself.</summary>
    Diagnose,
}

/// <summary>Bits of a block's status word.</summary>
[Flags]
internal enum Eepro100BlockStatus : ushort
{
    /// <summary>U: the frame was not there in time, or not at all.</summary>
    Underrun = 1 << 12,

    /// <summary>OK.</summary>
    Ok = 1 << 13,

    /// <summary>C.</summary>
    Complete = 1 << 15,
}

/// <summary>A transmit buffer descriptor, 8 bytes (6.4.2.5.2).</summary>
[StructLayout(LayoutKind.Explicit, Size = Size)]
internal readonly struct Eepro100TransmitBuffer
{
    /// <summary>Bytes.</summary>
    public const int Size = 8;

    /// <summary>Where the buffer is.</summary>
    [FieldOffset(0)]
    public readonly uint Address;

    [FieldOffset(4)]
    private readonly ushort _size;

    [FieldOffset(6)]
    private readonly ushort _flags;

    /// <summary>Bytes in the buffer.</summary>
    public int Length => _size & 0x3FFF;

    /// <summary>EL: the frame ends with it.</summary>
    public bool IsLast => (_flags & 1) != 0;
}

/// <summary>A receive frame descriptor, 16 bytes; in the simplified structure the frame follows (6.4.3.1).</summary>
[StructLayout(LayoutKind.Explicit, Size = Size)]
internal readonly struct Eepro100FrameDescriptor
{
    /// <summary>Bytes.</summary>
    public const int Size = 16;

    /// <summary>Where the buffer descriptor's address is.</summary>
    public const uint BufferOffset = 8;

    /// <summary>Where the actual count is.</summary>
    public const uint CountOffset = 12;

    /// <summary>Set in the actual count: EOF and F, the frame is all there and the count is right.</summary>
    public const ushort CountIsValid = 0xC000;

    /// <summary>Stands for no buffer descriptor.</summary>
    public const uint NoBuffer = 0xFFFFFFFF;

    /// <summary>Its command word.</summary>
    [FieldOffset(2)]
    public readonly Eepro100BlockFlags Flags;

    /// <summary>The next descriptor, less the base.</summary>
    [FieldOffset(4)]
    public readonly uint Link;

    /// <summary>Flexible: the first buffer descriptor, less the base.</summary>
    [FieldOffset(8)]
    public readonly uint Buffer;

    [FieldOffset(14)]
    private readonly ushort _size;

    /// <summary>Room for data behind the descriptor.</summary>
    public int Room => _size & 0x3FFF;
}

/// <summary>Bits of a frame descriptor's status word.</summary>
[Flags]
internal enum Eepro100FrameStatus : ushort
{
    /// <summary>The destination is not the station's own address.</summary>
    NotIndividualAddress = 1 << 1,

    /// <summary>The destination is no address that was asked for.</summary>
    NoAddressMatch = 1 << 2,

    /// <summary>Bytes 12 and 13 are a type, and no length.</summary>
    Type = 1 << 5,

    /// <summary>Less than 64 bytes.</summary>
    Short = 1 << 7,

    /// <summary>There was no room for all of it.</summary>
    NoBufferSpace = 1 << 9,

    /// <summary>The frame check sequence is wrong.</summary>
    CrcError = 1 << 11,

    /// <summary>OK.</summary>
    Ok = 1 << 13,

    /// <summary>C.</summary>
    Complete = 1 << 15,
}

/// <summary>A receive buffer descriptor, 16 bytes (flexible structure).</summary>
[StructLayout(LayoutKind.Explicit, Size = Size)]
internal readonly struct Eepro100ReceiveBuffer
{
    /// <summary>Bytes.</summary>
    public const int Size = 16;

    /// <summary>Set in its size word: EL.</summary>
    public const ushort EndOfList = 1 << 15;

    /// <summary>Set in its count word: the frame ends here.</summary>
    public const ushort EndOfFrame = 1 << 15;

    /// <summary>Set in its count word: the count is right.</summary>
    public const ushort CountIsValid = 1 << 14;

    /// <summary>The next one, less the base.</summary>
    [FieldOffset(4)]
    public readonly uint Link;

    /// <summary>Where the buffer is.</summary>
    [FieldOffset(8)]
    public readonly uint Address;

    [FieldOffset(12)]
    private readonly ushort _size;

    /// <summary>Bytes in the buffer.</summary>
    public int Length => _size & 0x3FFF;

    /// <summary>EL: there is none behind it.</summary>
    public bool IsLast => (_size & EndOfList) != 0;
}
