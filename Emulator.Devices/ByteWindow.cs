using Emulator.Memory;

namespace Emulator.Devices;

/// <summary>A window of eight-bit registers that lie together, the shape of most chips of an ISA bus.</summary>
/// <remarks>
/// Wider accesses never get here in a machine, since the port space splits them; made directly they are
/// <see cref="BusStatus.InvalidSize"/>. The two functions take the device's lock themselves.
/// </remarks>
public abstract class ByteWindow : IBusTarget
{
    private readonly ulong length;

    /// <param name="length">How many ports the window has.</param>
    private protected ByteWindow(int length) => this.length = (ulong)length;

    /// <inheritdoc/>
    public BusStatus Read(ulong offset, int size, out ulong value)
    {
        BusStatus status = Check(offset, size);
        value = status == BusStatus.Ok ? ReadByte((int)offset) : 0UL;
        return status;
    }

    /// <inheritdoc/>
    public BusStatus Write(ulong offset, int size, ulong value)
    {
        BusStatus status = Check(offset, size);
        if (status == BusStatus.Ok)
        {
            WriteByte((int)offset, (byte)value);
        }

        return status;
    }

    private protected abstract byte ReadByte(int offset);

    private protected abstract void WriteByte(int offset, byte value);

    private BusStatus Check(ulong offset, int size) =>
        offset >= length ? BusStatus.InvalidRegister : size != 1 ? BusStatus.InvalidSize : BusStatus.Ok;
}
