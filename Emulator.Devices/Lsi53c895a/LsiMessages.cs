namespace Emulator.Devices;

/// <summary>Messages of the SCSI bus (SCSI-2, 6.6; SPI-3, 16).</summary>
internal enum LsiMessage : byte
{
    /// <summary>COMMAND COMPLETE.</summary>
    CommandComplete = 0x00,

    /// <summary>An extended message: a length and a code follow.</summary>
    Extended = 0x01,

    /// <summary>SAVE DATA POINTERS.</summary>
    SaveDataPointers = 0x02,

    /// <summary>DISCONNECT.</summary>
    Disconnect = 0x04,

    /// <summary>INITIATOR DETECTED ERROR.</summary>
    InitiatorDetectedError = 0x05,

    /// <summary>ABORT.</summary>
    Abort = 0x06,

    /// <summary>MESSAGE REJECT.</summary>
    Reject = 0x07,

    /// <summary>NO OPERATION.</summary>
    NoOperation = 0x08,

    /// <summary>MESSAGE PARITY ERROR.</summary>
    ParityError = 0x09,

    /// <summary>BUS DEVICE RESET.</summary>
    BusDeviceReset = 0x0C,

    /// <summary>ABORT TAG.</summary>
    AbortTag = 0x0D,

    /// <summary>CLEAR QUEUE.</summary>
    ClearQueue = 0x0E,

    /// <summary>LOGICAL UNIT RESET.</summary>
    LogicalUnitReset = 0x17,

    /// <summary>SIMPLE QUEUE TAG; HEAD OF QUEUE TAG and ORDERED QUEUE TAG follow it.</summary>
    SimpleQueueTag = 0x20,

    /// <summary>ORDERED QUEUE TAG.</summary>
    OrderedQueueTag = 0x22,

    /// <summary>IGNORE WIDE RESIDUE.</summary>
    IgnoreWideResidue = 0x23,

    /// <summary>IDENTIFY: with the right to disconnect in bit 6 and the logical unit in bits 0 to 5 (SPI-3).</summary>
    Identify = 0x80,
}

/// <summary>The code of an extended message.</summary>
internal enum LsiExtendedMessage : byte
{
    /// <summary>SYNCHRONOUS DATA TRANSFER REQUEST.</summary>
    Synchronous = 0x01,

    /// <summary>WIDE DATA TRANSFER REQUEST.</summary>
    Wide = 0x03,

    /// <summary>PARALLEL PROTOCOL REQUEST.</summary>
    ParallelProtocol = 0x04,
}

/// <summary>Messages that a target has for the chip, byte by byte.</summary>
internal sealed class LsiMessagesIn
{
    private const int LastOfMessage = 0x100;

    private readonly ushort[] _bytes = new ushort[64];
    private readonly byte[] _taken = new byte[8];
    private int _next;
    private int _end;
    private int _takenCount;

    /// <summary>True if there is none.</summary>
    public bool IsEmpty => _next == _end;

    /// <summary>True unless a message has been taken in part.</summary>
    public bool IsAtBoundary { get; private set; } = true;

    /// <summary>The next byte, which is on the bus; 0 if there is none.</summary>
    public byte Peek => IsEmpty ? (byte)0 : (byte)_bytes[_next];

    /// <summary>Adds a message. One for which there is no room is lost: the target gives up a negotiation.</summary>
    public void Add(params ReadOnlySpan<byte> message)
    {
        if (IsEmpty)
        {
            (_next, _end) = (0, 0);
        }

        if (message.Length > _bytes.Length - _end)
        {
            return;
        }

        foreach (var each in message)
        {
            _bytes[_end++] = each;
        }

        _bytes[_end - 1] |= LastOfMessage;
    }

    /// <summary>Takes the next byte. There is one.</summary>
    public byte Take()
    {
        if (IsAtBoundary)
        {
            _takenCount = 0;
        }

        var entry = _bytes[_next++];
        IsAtBoundary = (entry & LastOfMessage) != 0;
        if (_takenCount < _taken.Length)
        {
            _taken[_takenCount++] = (byte)entry;
        }

        return (byte)entry;
    }

    /// <summary>Has the message taken last sent again, before all others.</summary>
    public void Repeat()
    {
        Span<ushort> others = stackalloc ushort[_bytes.Length];
        var count = _end - _next;
        _bytes.AsSpan(_next, count).CopyTo(others);
        (_next, _end, IsAtBoundary) = (0, 0, true);
        if (_takenCount > 0)
        {
            Add(_taken.AsSpan(0, _takenCount));
        }

        count = Math.Min(count, _bytes.Length - _end);
        others[..count].CopyTo(_bytes.AsSpan(_end));
        _end += count;
    }

    /// <summary>Forgets all.</summary>
    public void Clear() => (_next, _end, _takenCount, IsAtBoundary) = (0, 0, 0, true);
}

/// <summary>The message that a target is being sent, byte by byte.</summary>
internal sealed class LsiMessageOut
{
    private readonly byte[] _bytes = new byte[8];
    private int _count;

    /// <summary>The message, at most its first 8 bytes.</summary>
    public ReadOnlySpan<byte> Bytes => _bytes.AsSpan(0, Math.Min(_count, _bytes.Length));

    /// <summary>Takes a byte.</summary>
    /// <returns>True if it was the message's last.</returns>
    public bool Add(byte value)
    {
        if (_count < _bytes.Length)
        {
            _bytes[_count] = value;
        }

        _count++;
        return _count >= Length;
    }

    /// <summary>Forgets what there is of it.</summary>
    public void Clear() => _count = 0;

    private int Length => _bytes[0] switch
    {
        (byte)LsiMessage.Extended when _count < 2 => 2 + 1,
        (byte)LsiMessage.Extended => 2 + (_bytes[1] == 0 ? 256 : _bytes[1]),
        >= 0x20 and < 0x30 => 2,
        _ => 1,
    };
}
