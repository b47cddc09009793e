namespace Emulator.Devices;

/// <summary>The receiver of a 16550A: the FIFO of characters and their errors, or the single buffer of 16450 mode.</summary>
/// <remarks>Not thread-safe.</remarks>
internal sealed class UartReceiver
{
    private const int FifoDepth = 16;

    private readonly byte[] characters = new byte[FifoDepth];
    private readonly UartLineStatus[] errors = new UartLineStatus[FifoDepth];
    private int head;
    private int erroneous;
    private UartLineStatus pendingErrors;
    private byte lastRead;

    /// <summary>Whether the FIFO is on; set through <see cref="Clear"/>.</summary>
    public bool FifoEnabled { get; private set; }

    /// <summary>The number of characters that raises the received data interrupt.</summary>
    public int TriggerLevel { get; set; } = 1;

    public int Count { get; private set; }

    public int Room => (FifoEnabled ? FifoDepth : 1) - Count;

    public bool AtTrigger => Count >= (FifoEnabled ? TriggerLevel : 1);

    /// <summary>The receiver's bits of LSR.</summary>
    public UartLineStatus Status => pendingErrors
        | (Count > 0 ? UartLineStatus.DataReady : UartLineStatus.None)
        | (FifoEnabled && erroneous > 0 ? UartLineStatus.ErrorInFifo : UartLineStatus.None);

    public void Clear(bool fifoEnabled)
    {
        FifoEnabled = fifoEnabled;
        Count = 0;
        erroneous = 0;
        pendingErrors = UartLineStatus.None;
    }

    /// <summary>A character arrives. Without room the FIFO loses the new one and the single buffer the old one (OE).</summary>
    public void Push(byte character, UartLineStatus characterErrors)
    {
        if (Room <= 0)
        {
            pendingErrors |= UartLineStatus.OverrunError;
            if (FifoEnabled)
            {
                return;
            }

            Count = 0;
            erroneous = 0;
        }

        int tail = (head + Count) % FifoDepth;
        characters[tail] = character;
        errors[tail] = characterErrors;
        erroneous += characterErrors != UartLineStatus.None ? 1 : 0;
        if (Count++ == 0)
        {
            pendingErrors |= characterErrors;
        }
    }

    /// <summary>Reads RBR; an empty one gives the last character again.</summary>
    public byte Pop()
    {
        if (Count == 0)
        {
            return lastRead;
        }

        lastRead = characters[head];
        erroneous -= errors[head] != UartLineStatus.None ? 1 : 0;
        head = (head + 1) % FifoDepth;
        if (--Count > 0)
        {
            // Errors are shown when their character comes to the top.
            pendingErrors |= errors[head];
        }

        return lastRead;
    }

    /// <summary>What reading LSR clears: the errors shown, and with them those of the character at the top.</summary>
    public void ClearErrors()
    {
        pendingErrors = UartLineStatus.None;
        if (Count > 0 && errors[head] != UartLineStatus.None)
        {
            errors[head] = UartLineStatus.None;
            erroneous--;
        }
    }
}
