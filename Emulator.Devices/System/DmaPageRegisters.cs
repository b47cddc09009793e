namespace Emulator.Devices;

/// <summary>The DMA page registers at ports 0x80–0x8F. The first serves no channel: it is where firmware shows its progress.</summary>
/// <remarks>Thread-safe: a register is a byte, and each is written whole.</remarks>
public sealed class DmaPageRegisters : ByteWindow, IResettable
{
    private readonly byte[] pages = new byte[16];

    /// <summary>Makes the registers, all zero.</summary>
    public DmaPageRegisters()
        : base(16)
    {
    }

    /// <summary>Called with each byte written to port 0x80, on the thread that wrote. Linux writes there to wait, so often.</summary>
    public Action<byte>? PostCodeWritten { get; set; }

    /// <summary>The last byte written to port 0x80.</summary>
    public byte PostCode => Volatile.Read(ref pages[0]);

    /// <inheritdoc/>
    public void Reset() => Array.Clear(pages);

    private protected override byte ReadByte(int offset) => Volatile.Read(ref pages[offset]);

    private protected override void WriteByte(int offset, byte value)
    {
        Volatile.Write(ref pages[offset], value);
        if (offset == 0)
        {
            PostCodeWritten?.Invoke(value);
        }
    }
}
