namespace Emulator.Devices;

/// <summary>The registers of an 8237A DMA controller: ports 0x00–0x0F for bytes, 0xC0–0xDF for words, every second port.</summary>
/// <remarks>
/// Thread-safe. Only the registers: nothing on this board is wired to a DMA channel, so none ever counts, and a
/// software request stays pending.
/// </remarks>
public sealed class I8237 : ByteWindow, IResettable
{
    private const int Channels = 4;

    private readonly Lock gate = new();
    private readonly int shift;

    // By channel, address and then count, as the ports lie.
    private readonly ushort[] counters = new ushort[2 * Channels];
    private readonly byte[] modes = new byte[Channels];
    private int modeRead;
    private byte requests;
    private byte mask;
    private bool highByteNext;

    /// <summary>Makes a controller as after a master clear.</summary>
    /// <param name="wide">The controller for words, whose registers are two ports apart.</param>
    public I8237(bool wide)
        : base(wide ? 32 : 16)
    {
        shift = wide ? 1 : 0;
        Reset();
    }

    private enum Register
    {
        /// <summary>Status when read, command when written.</summary>
        Command = 8,
        Request = 9,
        SingleMask = 10,

        /// <summary>Reads give the channels' modes in turn, as chips that followed the 8237 do.</summary>
        Mode = 11,
        ClearFlipFlop = 12,

        /// <summary>The temporary register when read, master clear when written.</summary>
        MasterClear = 13,
        ClearMask = 14,
        AllMask = 15,
    }

    /// <inheritdoc/>
    public void Reset()
    {
        lock (gate)
        {
            Array.Clear(counters);
            Array.Clear(modes);
            MasterClear();
        }
    }

    private protected override byte ReadByte(int offset)
    {
        int register = offset >> shift;
        lock (gate)
        {
            if (register < 2 * Channels)
            {
                return (byte)(NextIsHigh() ? counters[register] >> 8 : counters[register]);
            }

            switch ((Register)register)
            {
                case Register.Command:
                    return (byte)(requests << 4);
                case Register.Mode:
                    modeRead = (modeRead + 1) % Channels;
                    return (byte)(modes[modeRead] | modeRead);
                case Register.ClearMask:
                    modeRead = Channels - 1;
                    return 0xFF;
                case Register.MasterClear:
                    // The temporary register, of memory-to-memory transfers that are never made.
                    return 0;
                case Register.AllMask:
                    return (byte)(0xF0 | mask);
                default:
                    return 0xFF;
            }
        }
    }

    private protected override void WriteByte(int offset, byte value)
    {
        int register = offset >> shift;
        lock (gate)
        {
            if (register < 2 * Channels)
            {
                counters[register] = NextIsHigh()
                    ? (ushort)((counters[register] & 0x00FF) | (value << 8))
                    : (ushort)((counters[register] & 0xFF00) | value);
                return;
            }

            WriteControl((Register)register, value);
        }
    }

    private void WriteControl(Register register, byte value)
    {
        int channel = value & 3;
        bool sets = (value & 4) != 0;
        switch (register)
        {
            case Register.Command:
                // It cannot be read back, and says how to do what is never done.
                break;
            case Register.Request:
                requests = With(requests, channel, sets);
                break;
            case Register.SingleMask:
                mask = With(mask, channel, sets);
                break;
            case Register.Mode:
                modes[channel] = (byte)(value & 0xFC);
                break;
            case Register.ClearFlipFlop:
                highByteNext = false;
                break;
            case Register.MasterClear:
                MasterClear();
                break;
            case Register.ClearMask:
                mask = 0;
                break;
            default:
                mask = (byte)(value & 0x0F);
                break;
        }
    }

    private static byte With(byte set, int bit, bool value) => (byte)(value ? set | (1 << bit) : set & ~(1 << bit));

    private bool NextIsHigh()
    {
        bool high = highByteNext;
        highByteNext = !high;
        return high;
    }

    private void MasterClear()
    {
        requests = 0;
        highByteNext = false;
        modeRead = Channels - 1;
        mask = 0x0F;
    }
}
