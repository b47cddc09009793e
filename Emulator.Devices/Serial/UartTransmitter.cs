namespace Emulator.Devices;

/// <summary>The transmitter of a 16550A: what the far end has not taken yet. It sends as fast as the far end takes.</summary>
/// <remarks>Not thread-safe.</remarks>
internal sealed class UartTransmitter(ISerialBackend backend)
{
    private const int FifoDepth = 16;

    private readonly byte[] characters = new byte[FifoDepth];
    private int head;
    private int count;

    public bool FifoEnabled { get; private set; }

    /// <summary>THRE and TEMT, which differ only in chips that take time.</summary>
    public bool Empty => count == 0;

    public void Clear(bool fifoEnabled)
    {
        FifoEnabled = fifoEnabled;
        count = 0;
    }

    /// <summary>Writes THR. A guest that does not wait for THRE loses what it wrote to a full FIFO, or what was in the single register.</summary>
    public void Push(byte character)
    {
        if (!FifoEnabled)
        {
            count = 0;
        }
        else if (count == FifoDepth)
        {
            return;
        }

        characters[(head + count++) % FifoDepth] = character;
        Drain();
    }

    /// <summary>Sends until the far end takes no more.</summary>
    public void Drain()
    {
        while (count > 0 && backend.TryTransmit(characters[head]))
        {
            head = (head + 1) % FifoDepth;
            count--;
        }
    }
}
