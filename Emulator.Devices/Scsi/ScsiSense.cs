using System.Buffers.Binary;

namespace Emulator.Devices;

/// <summary>Why a command failed, or what has happened to the unit (SPC-3, 4.5).</summary>
/// <param name="Key">The kind.</param>
/// <param name="Code">ADDITIONAL SENSE CODE.</param>
/// <param name="Qualifier">ADDITIONAL SENSE CODE QUALIFIER.</param>
public readonly record struct ScsiSense(ScsiSenseKey Key, byte Code, byte Qualifier)
{
    /// <summary>The most that <see cref="Write"/> writes.</summary>
    public const int MaximumLength = 28;

    private const int FixedLength = 18;
    private const int DescriptorHeader = 8;

    /// <summary>Nothing has happened.</summary>
    public static ScsiSense None => default;

    /// <summary>The medium was stopped by START STOP UNIT.</summary>
    public static ScsiSense Stopped => new(ScsiSenseKey.NotReady, 0x04, 0x02);

    /// <summary>There is no medium: a disk without a block.</summary>
    public static ScsiSense NoMedium => new(ScsiSenseKey.NotReady, 0x3A, 0x00);

    /// <summary>A read that the host could not do.</summary>
    public static ScsiSense ReadError => new(ScsiSenseKey.MediumError, 0x11, 0x00);

    /// <summary>A write, or a flush, that the host could not do.</summary>
    public static ScsiSense WriteError => new(ScsiSenseKey.MediumError, 0x0C, 0x00);

    /// <summary>PARAMETER LIST LENGTH ERROR: it ends within something.</summary>
    public static ScsiSense ParameterListLength => new(ScsiSenseKey.IllegalRequest, 0x1A, 0x00);

    /// <summary>No such command.</summary>
    public static ScsiSense InvalidOperation => new(ScsiSenseKey.IllegalRequest, 0x20, 0x00);

    /// <summary>LOGICAL BLOCK ADDRESS OUT OF RANGE.</summary>
    public static ScsiSense OutOfRange => new(ScsiSenseKey.IllegalRequest, 0x21, 0x00);

    /// <summary>INVALID FIELD IN CDB.</summary>
    public static ScsiSense InvalidField => new(ScsiSenseKey.IllegalRequest, 0x24, 0x00);

    /// <summary>The target has no such logical unit.</summary>
    public static ScsiSense NoSuchUnit => new(ScsiSenseKey.IllegalRequest, 0x25, 0x00);

    /// <summary>INVALID FIELD IN PARAMETER LIST.</summary>
    public static ScsiSense InvalidParameter => new(ScsiSenseKey.IllegalRequest, 0x26, 0x00);

    /// <summary>SAVING PARAMETERS NOT SUPPORTED.</summary>
    public static ScsiSense SavingNotSupported => new(ScsiSenseKey.IllegalRequest, 0x39, 0x00);

    /// <summary>POWER ON, RESET, OR BUS DEVICE RESET OCCURRED.</summary>
    public static ScsiSense WasReset => new(ScsiSenseKey.UnitAttention, 0x29, 0x00);

    /// <summary>WRITE PROTECTED.</summary>
    public static ScsiSense WriteProtected => new(ScsiSenseKey.DataProtect, 0x27, 0x00);

    /// <summary>SPACE ALLOCATION FAILED WRITE PROTECT: the host's disk is full.</summary>
    public static ScsiSense SpaceAllocationFailed => new(ScsiSenseKey.DataProtect, 0x27, 0x07);

    /// <summary>INITIATOR DETECTED ERROR MESSAGE RECEIVED.</summary>
    public static ScsiSense InitiatorDetectedError => new(ScsiSenseKey.AbortedCommand, 0x48, 0x00);

    /// <summary>DATA PHASE ERROR: the initiator sent less than the command said.</summary>
    public static ScsiSense DataPhase => new(ScsiSenseKey.AbortedCommand, 0x4B, 0x00);

    /// <summary>OVERLAPPED COMMANDS ATTEMPTED: tagged and untagged, or untagged twice.</summary>
    public static ScsiSense Overlapped => new(ScsiSenseKey.AbortedCommand, 0x4E, 0x00);

    /// <summary>MISCOMPARE DURING VERIFY OPERATION.</summary>
    public static ScsiSense Miscompare => new(ScsiSenseKey.Miscompare, 0x1D, 0x00);

    /// <summary>INFORMATION: the first logical block that is concerned, or null.</summary>
    public long? Information { get; init; }

    /// <summary>The first byte that is wrong, of the CDB or of the parameter list, or null.</summary>
    public int? Field { get; init; }

    private bool IsInCommand => Code is not 0x26;

    /// <summary>Writes it (SPC-3, 4.5.2 and 4.5.3) into zeroes.</summary>
    /// <param name="buffer">At least <see cref="MaximumLength"/> bytes.</param>
    /// <param name="asDescriptors">In the descriptor format, else in the fixed one.</param>
    /// <returns>How many bytes it takes.</returns>
    public int Write(Span<byte> buffer, bool asDescriptors) => asDescriptors ? WriteDescriptors(buffer) : WriteFixed(buffer);

    private int WriteFixed(Span<byte> buffer)
    {
        buffer[0] = 0x70;
        buffer[2] = (byte)Key;
        if (Information is { } information and <= uint.MaxValue)
        {
            buffer[0] |= 0x80;
            BinaryPrimitives.WriteUInt32BigEndian(buffer[3..], (uint)information);
        }

        buffer[7] = FixedLength - 8;
        (buffer[12], buffer[13]) = (Code, Qualifier);
        WriteField(buffer[15..]);
        return FixedLength;
    }

    private int WriteDescriptors(Span<byte> buffer)
    {
        (buffer[0], buffer[1], buffer[2], buffer[3]) = (0x72, (byte)Key, Code, Qualifier);
        var length = DescriptorHeader;
        if (Information is { } information)
        {
            (buffer[length], buffer[length + 1], buffer[length + 2]) = (0x00, 0x0A, 0x80);
            BinaryPrimitives.WriteInt64BigEndian(buffer[(length + 4)..], information);
            length += 12;
        }

        if (Field is not null)
        {
            (buffer[length], buffer[length + 1]) = (0x02, 0x06);
            WriteField(buffer[(length + 4)..]);
            length += 8;
        }

        buffer[7] = (byte)(length - DescriptorHeader);
        return length;
    }

    // Sense key specific (SPC-3, 4.5.2.4.2): SKSV, C/D, the byte.
    private void WriteField(Span<byte> specific)
    {
        if (Field is { } field)
        {
            specific[0] = (byte)(0x80 | (IsInCommand ? 0x40 : 0));
            BinaryPrimitives.WriteUInt16BigEndian(specific[1..], (ushort)field);
        }
    }
}
