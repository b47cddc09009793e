using Emulator.Memory;

namespace Emulator.Pci;

/// <summary>ELCR1 at 0x4D0 and ELCR2 at 0x4D1: which interrupts are level-triggered (82371SB, 3.2.4).</summary>
internal sealed class EdgeLevelControl(Action<ushort>? changed) : IBusTarget
{
    public const ushort FirstPort = 0x4D0;
    public const int Count = 2;

    // Timer, keyboard, cascade, clock and coprocessor are edges by their nature.
    private const ushort Writable = 0xDEF8;

    private readonly Lock _lock = new();
    private ushort _value;

    public ushort Value => Volatile.Read(ref _value);

    public void Reset() => Change(0xFFFF, 0);

    public BusStatus Read(ulong offset, int size, out ulong value)
    {
        value = (ulong)Value >> ((int)offset * 8);
        return size == 1 ? BusStatus.Ok : BusStatus.InvalidSize;
    }

    public BusStatus Write(ulong offset, int size, ulong value)
    {
        if (size != 1)
        {
            return BusStatus.InvalidSize;
        }

        var shift = (int)offset * 8;
        Change((ushort)(0xFF << shift), (ushort)((byte)value << shift));
        return BusStatus.Ok;
    }

    private void Change(ushort mask, ushort value)
    {
        lock (_lock)
        {
            var next = (ushort)(((_value & ~mask) | (value & mask)) & Writable);
            if (next != _value)
            {
                Volatile.Write(ref _value, next);
                changed?.Invoke(next);
            }
        }
    }
}
