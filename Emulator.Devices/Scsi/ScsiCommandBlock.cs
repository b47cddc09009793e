using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace Emulator.Devices;

/// <summary>A command descriptor block (SPC-3, 4.3): its fields, at the places that its group gives them.</summary>
internal struct ScsiCommandBlock
{
    /// <summary>The longest there is here.</summary>
    public const int MaximumLength = 16;

    private Bytes _bytes;

    /// <summary>How many bytes came. The others are zero.</summary>
    public int Length { get; private set; }

    /// <summary>OPERATION CODE.</summary>
    public readonly byte Operation => _bytes[0];

    /// <summary>The place of the first block. As the initiator wrote it: negative if it has more than 63 bits.</summary>
    public readonly long LogicalBlock => Group switch
    {
        0 => Word(0) & 0x1F_FFFF,
        4 => BinaryPrimitives.ReadInt64BigEndian(Span[2..]),
        _ => Word(2),
    };

    /// <summary>How many blocks. In a 6-byte command 0 means 256 (SBC-3).</summary>
    public readonly uint TransferLength => Group == 0 && _bytes[4] == 0 ? 256u : ListLength;

    /// <summary>ALLOCATION LENGTH, or PARAMETER LIST LENGTH.</summary>
    public readonly uint ListLength => Group switch
    {
        0 => _bytes[4],
        4 => Word(10),
        5 => Word(6),
        _ => Half(7),
    };

    private readonly int Group => Operation >> 5;

    [UnscopedRef]
    private readonly ReadOnlySpan<byte> Span => _bytes;

    /// <summary>A byte of it.</summary>
    public readonly byte this[int index] => _bytes[index];

    /// <summary>A big-endian 16-bit field.</summary>
    public readonly ushort Half(int index) => BinaryPrimitives.ReadUInt16BigEndian(Span[index..]);

    /// <summary>A big-endian 32-bit field.</summary>
    public readonly uint Word(int index) => BinaryPrimitives.ReadUInt32BigEndian(Span[index..]);

    /// <summary>Takes what came.</summary>
    /// <param name="command">The bytes; those behind the sixteenth are ignored.</param>
    public void Set(ReadOnlySpan<byte> command)
    {
        Length = Math.Min(command.Length, MaximumLength);
        Span<byte> bytes = _bytes;
        bytes.Clear();
        command[..Length].CopyTo(bytes);
    }

    [InlineArray(MaximumLength)]
    private struct Bytes
    {
        private byte _first;
    }
}
