using System.Runtime.InteropServices;

namespace Emulator.Devices;

/// <summary>An instruction as it lies in the script, 16 bytes, little-endian (data sheet, "Instructions").</summary>
[StructLayout(LayoutKind.Explicit, Size = Size)]
public readonly struct DmaTestInstruction
{
    /// <summary>Bytes.</summary>
    public const int Size = 16;

    /// <summary>How many a script has.</summary>
    public const int Slots = 128;

    /// <summary>What it does.</summary>
    [FieldOffset(0)]
    public readonly DmaTestOpcode Opcode;

    [FieldOffset(1)]
    private readonly byte _modifiers;

    [FieldOffset(2)]
    private readonly byte _registersAB;

    [FieldOffset(3)]
    private readonly byte _registerC;

    /// <summary>IMMEDIATE.</summary>
    [FieldOffset(4)]
    public readonly int Immediate;

    /// <summary>VALUE.</summary>
    [FieldOffset(8)]
    public readonly ulong Value;

    /// <summary>Puts one together.</summary>
    /// <param name="opcode">What it does.</param>
    /// <param name="modifiers">REGISTER, BASE, RELAXED.</param>
    /// <param name="log2Size">SIZE: 0 to 3.</param>
    /// <param name="condition">CONDITION.</param>
    /// <param name="a">Number of RA.</param>
    /// <param name="b">Number of RB.</param>
    /// <param name="c">Number of RC.</param>
    /// <param name="immediate">IMMEDIATE.</param>
    /// <param name="value">VALUE.</param>
    public DmaTestInstruction(
        DmaTestOpcode opcode,
        DmaTestModifiers modifiers = 0,
        int log2Size = 0,
        DmaTestCondition condition = 0,
        int a = 0,
        int b = 0,
        int c = 0,
        int immediate = 0,
        ulong value = 0)
    {
        Opcode = opcode;
        _modifiers = (byte)((int)modifiers | (log2Size & 3) | ((int)condition << 5));
        _registersAB = (byte)((a & 0xF) | (b << 4));
        _registerC = (byte)(c & 0xF);
        Immediate = immediate;
        Value = value;
    }

    /// <summary>SIZE: 0 to 3 for 1, 2, 4 and 8 bytes.</summary>
    public int Log2Size => _modifiers & 3;

    /// <summary>REGISTER, BASE, RELAXED.</summary>
    public DmaTestModifiers Modifiers => (DmaTestModifiers)_modifiers & (DmaTestModifiers.Register | DmaTestModifiers.Base | DmaTestModifiers.Relaxed);

    /// <summary>CONDITION.</summary>
    public DmaTestCondition Condition => (DmaTestCondition)(_modifiers >> 5);

    /// <summary>Number of RA.</summary>
    public int A => _registersAB & 0xF;

    /// <summary>Number of RB.</summary>
    public int B => _registersAB >> 4;

    /// <summary>Number of RC.</summary>
    public int C => _registerC & 0xF;
}

/// <summary>Byte 0 of an instruction.</summary>
public enum DmaTestOpcode : byte
{
    /// <summary>Ends the script.</summary>
    End = 0x00,

    /// <summary>Lets some time pass.</summary>
    Delay = 0x01,

    /// <summary>Stores a word.</summary>
    Write = 0x10,

    /// <summary>Loads a word.</summary>
    Read = 0x11,

    /// <summary>Stores a word behind everything before it.</summary>
    Publish = 0x12,

    /// <summary>Loads a word until it is as wanted.</summary>
    Wait = 0x13,

    /// <summary>Adds 1 to one of some counters in guest memory.</summary>
    Record = 0x14,

    /// <summary>Write barrier (WMB).</summary>
    WriteBarrier = 0x20,

    /// <summary>Read barrier (RMB).</summary>
    ReadBarrier = 0x21,

    /// <summary>Full barrier (MB).</summary>
    FullBarrier = 0x22,

    /// <summary>RA = LONG.</summary>
    Set = 0x30,

    /// <summary>RA = RB + LONG.</summary>
    Add = 0x31,

    /// <summary>RA = RB - LONG.</summary>
    Subtract = 0x32,

    /// <summary>RA = RB &amp; LONG.</summary>
    And = 0x33,

    /// <summary>RA = RB | LONG.</summary>
    Or = 0x34,

    /// <summary>RA = RB ^ LONG.</summary>
    Xor = 0x35,

    /// <summary>RA = RB &lt;&lt; LONG.</summary>
    ShiftLeft = 0x36,

    /// <summary>RA = RB &gt;&gt; LONG.</summary>
    ShiftRight = 0x37,

    /// <summary>RA = RB × LONG.</summary>
    Multiply = 0x38,

    /// <summary>Goes on elsewhere if a condition holds.</summary>
    Branch = 0x40,

    /// <summary>RA = RA - 1, and goes on elsewhere unless that is 0.</summary>
    Loop = 0x41,

    /// <summary>Guest memory into the buffer.</summary>
    Load = 0x50,

    /// <summary>The buffer to guest memory.</summary>
    Store = 0x51,

    /// <summary>Guest memory to guest memory.</summary>
    Copy = 0x52,

    /// <summary>A pattern into the buffer.</summary>
    Fill = 0x53,

    /// <summary>RA = FNV-1a of the buffer.</summary>
    Checksum = 0x54,

    /// <summary>RA = how far the buffer has the pattern.</summary>
    Compare = 0x55,

    /// <summary>RA = how many words in the buffer are not of one byte.</summary>
    Torn = 0x56,

    /// <summary>A list of pieces into the buffer.</summary>
    Gather = 0x57,

    /// <summary>The buffer into a list of pieces.</summary>
    Scatter = 0x58,

    /// <summary>Sets interrupt causes.</summary>
    Raise = 0x60,

    /// <summary>Sends an MSI or MSI-X message.</summary>
    Message = 0x61,
}

/// <summary>Bits 2 to 4 of an instruction's byte 1.</summary>
[Flags]
public enum DmaTestModifiers : byte
{
    /// <summary>The operand is RC.</summary>
    Register = 1 << 2,

    /// <summary>RB is added to the address.</summary>
    Base = 1 << 3,

    /// <summary>Without the bus's fence.</summary>
    Relaxed = 1 << 4,
}

/// <summary>Bits 7:5 of an instruction's byte 1.</summary>
public enum DmaTestCondition : byte
{
    /// <summary>Equal.</summary>
    Equal,

    /// <summary>Not equal.</summary>
    NotEqual,

    /// <summary>Less, unsigned.</summary>
    Below,

    /// <summary>Not less, unsigned.</summary>
    AtLeast,

    /// <summary>Less, signed.</summary>
    Less,

    /// <summary>Not less, signed.</summary>
    AtLeastSigned,

    /// <summary>In any case.</summary>
    Always,

    /// <summary>Means nothing.</summary>
    Reserved,
}

/// <summary>The completion record but for its first 8 bytes, STATUS and SEQUENCE.</summary>
[StructLayout(LayoutKind.Sequential)]
public readonly struct DmaTestRecordBody
{
    /// <summary>Where the body starts in the record.</summary>
    public const int Offset = 8;

    /// <summary>FAULT_ADDRESS.</summary>
    public readonly ulong FaultAddress;

    /// <summary>EXECUTED.</summary>
    public readonly ulong Executed;

    /// <summary>R0.</summary>
    public readonly ulong R0;

    /// <summary>R1.</summary>
    public readonly ulong R1;

    /// <summary>R2.</summary>
    public readonly ulong R2;

    /// <summary>R3.</summary>
    public readonly ulong R3;

    /// <summary>R4.</summary>
    public readonly ulong R4;

    /// <summary>Puts one together.</summary>
    /// <param name="faultAddress">FAULT_ADDRESS.</param>
    /// <param name="executed">EXECUTED.</param>
    /// <param name="registers">R0 to R4, or more.</param>
    public DmaTestRecordBody(ulong faultAddress, ulong executed, ReadOnlySpan<ulong> registers)
    {
        (FaultAddress, Executed) = (faultAddress, executed);
        (R0, R1, R2, R3, R4) = (registers[0], registers[1], registers[2], registers[3], registers[4]);
    }
}
