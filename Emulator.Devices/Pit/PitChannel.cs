namespace Emulator.Devices;

/// <summary>One channel of an 8254 as its data port shows it: byte order, latches, status, BCD.</summary>
/// <remarks>Not thread-safe. The counter is to be moved to the present clock before each call.</remarks>
internal sealed class PitChannel
{
    private PitAccess access = PitAccess.LowThenHigh;
    private byte writtenLowByte;
    private bool writesHighNext;
    private bool readsHighNext;
    private int latchedCount = -1;
    private int latchedStatus = -1;

    public PitCounter Counter { get; } = new();

    /// <summary>The state that a PC's firmware leaves, since that of the data sheet is undefined: mode 3, a count of 65536.</summary>
    public void Reset()
    {
        Program(new PitControlWord(0x36));
        Counter.Write(0);
    }

    public void Program(PitControlWord word)
    {
        access = word.Access;
        writesHighNext = false;
        readsHighNext = false;
        latchedCount = -1;
        latchedStatus = -1;
        Counter.Program(word.Mode, word.Bcd);
    }

    /// <summary>Holds the count for the next read; a count held already stays (data sheet, "Counter Latch Command").</summary>
    public void LatchCount()
    {
        if (latchedCount < 0)
        {
            latchedCount = Encode(Counter.Count);
        }
    }

    /// <summary>Holds the status byte for the next read (data sheet, "Read-Back Command").</summary>
    public void LatchStatus()
    {
        if (latchedStatus < 0)
        {
            latchedStatus = (Counter.Output ? 0x80 : 0) | (Counter.NullCount ? 0x40 : 0) | ((int)access << 4)
                | ((int)Counter.Mode << 1) | (Counter.Bcd ? 1 : 0);
        }
    }

    public byte Read()
    {
        if (latchedStatus >= 0)
        {
            byte status = (byte)latchedStatus;
            latchedStatus = -1;
            return status;
        }

        int count = latchedCount >= 0 ? latchedCount : Encode(Counter.Count);
        bool high = access == PitAccess.HighByte || (access == PitAccess.LowThenHigh && readsHighNext);
        readsHighNext = access == PitAccess.LowThenHigh && !readsHighNext;
        if (!readsHighNext)
        {
            latchedCount = -1;
        }

        return (byte)(high ? count >> 8 : count);
    }

    public void Write(byte value)
    {
        if (access == PitAccess.LowThenHigh && !writesHighNext)
        {
            writtenLowByte = value;
            writesHighNext = true;
            Counter.BeginWrite();
            return;
        }

        int count = access switch
        {
            PitAccess.LowByte => value,
            PitAccess.HighByte => value << 8,
            _ => (value << 8) | writtenLowByte,
        };
        writesHighNext = false;
        Counter.Write(Decode(count));
    }

    private int Encode(int count) => !Counter.Bcd
        ? count
        : ((count / 1000) << 12) | (count / 100 % 10 << 8) | (count / 10 % 10 << 4) | (count % 10);

    private int Decode(int count) => !Counter.Bcd
        ? count
        : ((count >> 12) * 1000) + (((count >> 8) & 15) * 100) + (((count >> 4) & 15) * 10) + (count & 15);
}
