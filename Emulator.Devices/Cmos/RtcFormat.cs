namespace Emulator.Devices;

/// <summary>How an MC146818 shows its numbers: the data mode of register B (data sheet, table "Time, Calendar, and Alarm Data Modes").</summary>
internal readonly struct RtcFormat(RtcRegisterB registerB)
{
    private const int AfterNoon = 0x80;

    private readonly bool binary = (registerB & RtcRegisterB.Binary) != 0;
    private readonly bool hours24 = (registerB & RtcRegisterB.Hours24) != 0;

    public byte Encode(int number) => (byte)(binary ? number : (number / 10 << 4) | (number % 10));

    public int Decode(byte value) => binary ? value : ((value >> 4) * 10) + (value & 15);

    public byte EncodeHour(int hour)
    {
        if (hours24)
        {
            return Encode(hour);
        }

        int twelve = hour % 12 == 0 ? 12 : hour % 12;
        return (byte)(Encode(twelve) | (hour >= 12 ? AfterNoon : 0));
    }

    public int DecodeHour(byte value)
    {
        if (hours24)
        {
            return Decode(value);
        }

        int twelve = Decode((byte)(value & ~AfterNoon));
        return (twelve == 12 ? 0 : twelve) + ((value & AfterNoon) != 0 ? 12 : 0);
    }
}
