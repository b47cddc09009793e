using System.Buffers.Binary;

namespace Emulator.Fuzz.Scsi;

/// <summary>What a command does with data, as far as the model of a disk has to know.</summary>
internal enum CommandKind : byte
{
    /// <summary>No data, and nothing on the disk changes.</summary>
    Plain,

    /// <summary>The unit says something.</summary>
    Reply,

    /// <summary>READ.</summary>
    Read,

    /// <summary>WRITE, WRITE AND VERIFY.</summary>
    Write,

    /// <summary>WRITE SAME.</summary>
    Same,

    /// <summary>VERIFY.</summary>
    Verify,

    /// <summary>MODE SELECT.</summary>
    Select,

    /// <summary>UNMAP.</summary>
    Unmap,
}

/// <summary>A CDB as SPC-3 and SBC-3 have it; read here once more, so that the device's own reading of it is not what it is measured by.</summary>
internal readonly struct CommandBlock
{
    private const int Longest = 16;

    /// <summary>Reads one.</summary>
    /// <param name="bytes">1 to 16; what is missing counts as zero.</param>
    public CommandBlock(ReadOnlySpan<byte> bytes)
    {
        Span<byte> cdb = stackalloc byte[Longest];
        cdb.Clear();
        bytes[..Math.Min(bytes.Length, Longest)].CopyTo(cdb);
        Code = cdb[0];
        Kind = KindOf(Code);
        var isShort = Code < 0x20;
        Block = isShort ? BinaryPrimitives.ReadUInt32BigEndian(cdb) & 0x1F_FFFF
            : Code >> 5 == 4 ? BinaryPrimitives.ReadUInt64BigEndian(cdb[2..]) : BinaryPrimitives.ReadUInt32BigEndian(cdb[2..]);
        Length = (Code >> 5) switch
        {
            0 => Code == 0x12 ? BinaryPrimitives.ReadUInt16BigEndian(cdb[3..]) : cdb[4],
            4 => BinaryPrimitives.ReadUInt32BigEndian(cdb[10..]),
            5 => BinaryPrimitives.ReadUInt32BigEndian(cdb[6..]),
            _ => BinaryPrimitives.ReadUInt16BigEndian(cdb[7..]),
        };
        if (isShort && Length == 0 && (Kind is CommandKind.Read or CommandKind.Write))
        {
            Length = 256;
        }

        HasData = Kind switch
        {
            CommandKind.Plain => false,
            CommandKind.Verify => (cdb[1] & 0x02) != 0,
            CommandKind.Same => Code != 0x93 || (cdb[1] & 0x01) == 0,
            _ => true,
        };
    }

    /// <summary>OPERATION CODE.</summary>
    public byte Code { get; }

    /// <summary>What it does.</summary>
    public CommandKind Kind { get; }

    /// <summary>LOGICAL BLOCK ADDRESS.</summary>
    public ulong Block { get; }

    /// <summary>TRANSFER LENGTH in blocks, or ALLOCATION LENGTH or PARAMETER LIST LENGTH in bytes.</summary>
    public uint Length { get; }

    /// <summary>False if there is no data phase.</summary>
    public bool HasData { get; }

    /// <summary>True if the data is the initiator's.</summary>
    public bool IsOut => HasData && Kind is not (CommandKind.Reply or CommandKind.Read);

    /// <summary>The most bytes that may be moved.</summary>
    /// <param name="blocks">Of the unit.</param>
    /// <param name="blockSize">Of the unit.</param>
    public long Limit(long blocks, int blockSize) => Kind switch
    {
        _ when !HasData => 0,
        CommandKind.Read or CommandKind.Write or CommandKind.Verify => IsWithin(blocks) ? (long)Length * blockSize : 0,
        CommandKind.Same => IsWithin(blocks) ? blockSize : 0,
        CommandKind.Reply when Code == 0x25 => 8,
        _ => Length,
    };

    /// <summary>True if the blocks that it names are there.</summary>
    public bool IsWithin(long blocks) => Block <= (ulong)blocks && Length <= (ulong)blocks - Block;

    private static CommandKind KindOf(byte code) => code switch
    {
        0x08 or 0x28 or 0x88 or 0xA8 => CommandKind.Read,
        0x0A or 0x2A or 0x8A or 0xAA or 0x2E or 0x8E or 0xAE => CommandKind.Write,
        0x41 or 0x93 => CommandKind.Same,
        0x2F or 0x8F or 0xAF => CommandKind.Verify,
        0x15 or 0x55 => CommandKind.Select,
        0x42 => CommandKind.Unmap,
        0x03 or 0x12 or 0x1A or 0x25 or 0x37 or 0x5A or 0x9E or 0xA0 or 0xA3 or 0xB7 => CommandKind.Reply,
        _ => CommandKind.Plain,
    };
}
