namespace Emulator.Devices;

/// <summary>Port 0x92: fast reset and fast A20.</summary>
/// <remarks>Thread-safe. The other bits are stored.</remarks>
public sealed class SystemControlPortA : ByteWindow, IResettable
{
    private const int FastReset = 0x01;
    private const int FastA20 = 0x02;

    private readonly Lock gate = new();
    private byte control = FastA20;

    /// <summary>Makes the port, A20 on.</summary>
    public SystemControlPortA()
        : base(1)
    {
    }

    /// <summary>Bit 0 went from 0 to 1. On the thread that wrote, no lock held; asks for the reset and returns.</summary>
    public Action? ResetRequested { get; set; }

    /// <summary>Bit 1 changed, to this. On the thread that wrote, no lock held.</summary>
    public Action<bool>? A20Changed { get; set; }

    /// <summary>Bit 1.</summary>
    public bool A20 => (Volatile.Read(ref control) & FastA20) != 0;

    /// <inheritdoc/>
    public void Reset() => Volatile.Write(ref control, FastA20);

    private protected override byte ReadByte(int offset) => Volatile.Read(ref control);

    private protected override void WriteByte(int offset, byte value)
    {
        int before;
        lock (gate)
        {
            before = control;
            Volatile.Write(ref control, value);
        }

        if (((before ^ value) & FastA20) != 0)
        {
            A20Changed?.Invoke((value & FastA20) != 0);
        }

        if ((~before & value & FastReset) != 0)
        {
            ResetRequested?.Invoke();
        }
    }
}
