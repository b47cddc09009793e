namespace Emulator.Devices;

/// <summary>Port 0x61, NMI status and control (PIIX3 data sheet, "NMISC"): the speaker, channel 2 of the timer, the refresh toggle.</summary>
/// <remarks>Thread-safe. There is nothing here that could raise SERR# or IOCHK#, so bits 7 and 6 read as zero.</remarks>
/// <param name="pit">Whose channel 2 is gated and seen.</param>
/// <param name="clock">Times the refresh toggle.</param>
public sealed class SystemControlPortB(I8254 pit, IClock clock) : ByteWindow(1), IResettable
{
    private const int Timer2Gate = 0x01;
    private const int SpeakerData = 0x02;
    private const int RefreshToggle = 0x10;
    private const int Timer2Output = 0x20;

    // Bits 3–0: gate, speaker, and the enables of SERR# and IOCHK#.
    private const int Writable = 0x0F;

    // Channel 1's usual 18 clocks. Delay loops of old programs count these toggles.
    private const long RefreshNanoseconds = 15_085;

    private readonly Lock gate = new();
    private byte control;

    /// <summary>The bit that lets channel 2's output through to the speaker.</summary>
    public bool SpeakerEnabled => (Volatile.Read(ref control) & SpeakerData) != 0;

    /// <inheritdoc/>
    public void Reset() => WriteByte(0, 0);

    private protected override byte ReadByte(int offset)
    {
        int value = Volatile.Read(ref control);
        value |= (clock.NowNanoseconds / RefreshNanoseconds & 1) != 0 ? RefreshToggle : 0;
        value |= pit.Output2 ? Timer2Output : 0;
        return (byte)value;
    }

    private protected override void WriteByte(int offset, byte value)
    {
        // The lock keeps the bit and the gate in step when two processors write.
        lock (gate)
        {
            Volatile.Write(ref control, (byte)(value & Writable));
            pit.Gate2 = (value & Timer2Gate) != 0;
        }
    }
}
