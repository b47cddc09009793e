namespace Emulator.Devices;

/// <summary>The advanced power management ports of the PIIX3: control at 0xB2 and status at 0xB3, both plain storage.</summary>
/// <remarks>Thread-safe. On the chip a write to the control port raises an SMI; here it calls <see cref="CommandWritten"/>.</remarks>
public sealed class ApmControl : ByteWindow, IResettable
{
    private byte control;
    private byte status;

    /// <summary>Makes the ports, zero.</summary>
    public ApmControl()
        : base(2)
    {
    }

    /// <summary>Called with each byte written to the control port, on the thread that wrote, no lock held.</summary>
    public Action<byte>? CommandWritten { get; set; }

    /// <inheritdoc/>
    public void Reset()
    {
        Volatile.Write(ref control, 0);
        Volatile.Write(ref status, 0);
    }

    private protected override byte ReadByte(int offset) => offset == 0 ? Volatile.Read(ref control) : Volatile.Read(ref status);

    private protected override void WriteByte(int offset, byte value)
    {
        if (offset == 0)
        {
            Volatile.Write(ref control, value);
            CommandWritten?.Invoke(value);
        }
        else
        {
            Volatile.Write(ref status, value);
        }
    }
}
