using System.Buffers.Binary;
using System.Text;

namespace Emulator.Host.Firmware;

/// <summary>A table as it is written, field after field: little-endian, unaligned.</summary>
internal sealed class TableWriter
{
    private readonly List<byte> _bytes = [];

    /// <summary>Bytes so far.</summary>
    public int Length => _bytes.Count;

    public TableWriter Byte(int value)
    {
        _bytes.Add((byte)value);
        return this;
    }

    public TableWriter Word(int value) => Number((ulong)value, 2);

    public TableWriter Dword(ulong value) => Number(value, 4);

    public TableWriter Qword(ulong value) => Number(value, 8);

    public TableWriter Zeros(int count) => Bytes(new byte[count]);

    public TableWriter Bytes(ReadOnlySpan<byte> bytes)
    {
        _bytes.AddRange(bytes);
        return this;
    }

    /// <summary>ASCII, padded with spaces.</summary>
    public TableWriter Text(string text, int length) => Bytes(Encoding.ASCII.GetBytes(text.PadRight(length)));

    /// <summary>What was written.</summary>
    public byte[] ToArray() => [.. _bytes];

    /// <summary>The table, with a byte of it set so that all of some bytes add up to 0.</summary>
    /// <param name="checksum">Offset of the byte, which is still 0; inside what it covers.</param>
    /// <param name="covered">How many bytes from the start it covers; all if negative.</param>
    public byte[] Finish(int checksum, int covered = -1)
    {
        var table = ToArray();
        SetChecksum(table, checksum, covered < 0 ? table.Length : covered);
        return table;
    }

    /// <summary>Sets the byte at <paramref name="at"/>, still 0, so that the first <paramref name="covered"/> add up to 0.</summary>
    public static void SetChecksum(Span<byte> table, int at, int covered)
    {
        var sum = 0;
        foreach (var value in table[..covered])
        {
            sum += value;
        }

        table[at] = (byte)-sum;
    }

    private TableWriter Number(ulong value, int size)
    {
        Span<byte> bytes = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, value);
        return Bytes(bytes[..size]);
    }
}
