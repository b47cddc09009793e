using Emulator.Memory;

namespace Emulator.Pci;

/// <summary>RC at 0xCF9: bit 1 chooses a hard reset, bit 2 going from 0 to 1 makes it (82371SB, 3.2.6.4).</summary>
internal sealed class ResetControl(Action<ResetKind>? reset) : IBusTarget
{
    public const ushort Port = 0xCF9;

    private const int SystemReset = 1 << 1;
    private const int ResetProcessor = 1 << 2;

    private int _value;

    public void Reset() => Volatile.Write(ref _value, 0);

    public BusStatus Read(ulong offset, int size, out ulong value)
    {
        value = (ulong)Volatile.Read(ref _value);
        return size == 1 ? BusStatus.Ok : BusStatus.InvalidSize;
    }

    public BusStatus Write(ulong offset, int size, ulong value)
    {
        if (size != 1)
        {
            return BusStatus.InvalidSize;
        }

        var next = (int)value & (SystemReset | ResetProcessor);
        var before = Interlocked.Exchange(ref _value, next);
        if ((next & ~before & ResetProcessor) != 0)
        {
            reset?.Invoke((next & SystemReset) != 0 ? ResetKind.Hard : ResetKind.Soft);
        }

        return BusStatus.Ok;
    }
}
