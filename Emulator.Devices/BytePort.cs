using Emulator.Memory;

namespace Emulator.Devices;

/// <summary>A single eight-bit port of a device whose ports do not lie together.</summary>
/// <remarks>The two functions take the device's lock themselves.</remarks>
internal sealed class BytePort(Func<byte> read, Action<byte> write) : IBusTarget
{
    public BusStatus Read(ulong offset, int size, out ulong value)
    {
        if (size != 1 || offset != 0)
        {
            value = 0;
            return offset != 0 ? BusStatus.InvalidRegister : BusStatus.InvalidSize;
        }

        value = read();
        return BusStatus.Ok;
    }

    public BusStatus Write(ulong offset, int size, ulong value)
    {
        if (size != 1 || offset != 0)
        {
            return offset != 0 ? BusStatus.InvalidRegister : BusStatus.InvalidSize;
        }

        write((byte)value);
        return BusStatus.Ok;
    }
}
