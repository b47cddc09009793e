namespace Emulator.Cpu;

/// <summary>
/// What others want of a processor that is not in IRR: INIT, start-up, NMI and ExtINT, and whether it waits for start-up
/// (SDM volume 3, 9.4.4). One word, so that INIT, SIPI, SIPI in a row do what they say however late the processor looks.
/// </summary>
/// <remarks>Set by any thread, taken by the vCPU's. Each change is atomic and a full fence.</remarks>
/// <param name="isBootstrap">True for the processor that starts by itself and does not wait after INIT.</param>
internal sealed class ProcessorSignals(bool isBootstrap)
{
    private const int Waiting = 1;
    private const int Init = 2;
    private const int StartUp = 4;
    private const int Nmi = 8;
    private const int External = 16;
    private const int VectorShift = 8;

    private int _word = isBootstrap ? 0 : Waiting;

    /// <summary>True if there may be something to take.</summary>
    public bool IsAny => (Volatile.Read(ref _word) & ~Waiting) != 0;

    /// <summary>True from INIT to start-up, and from power-up if it is not the bootstrap processor.</summary>
    public bool IsWaiting => (Volatile.Read(ref _word) & Waiting) != 0;

    /// <summary>Power-up state.</summary>
    public void Reset() => Interlocked.Exchange(ref _word, isBootstrap ? 0 : Waiting);

    /// <summary>INIT: what was wanted before is void.</summary>
    public void RaiseInit()
    {
        int word;
        do
        {
            word = Volatile.Read(ref _word);
        }
        while (Interlocked.CompareExchange(ref _word, (word & Waiting) | Init, word) != word);
    }

    /// <summary>Start-up at a page; only one that waits hears it, and only the first.</summary>
    /// <returns>True if it was heard.</returns>
    public bool RaiseStartUp(byte vector)
    {
        while (true)
        {
            var word = Volatile.Read(ref _word);
            var willWait = (word & Waiting) != 0 || ((word & Init) != 0 && !isBootstrap);
            if (!willWait || (word & StartUp) != 0)
            {
                return false;
            }

            if (Interlocked.CompareExchange(ref _word, word | StartUp | vector << VectorShift, word) == word)
            {
                return true;
            }
        }
    }

    /// <summary>NMI; one that waits takes it after start-up.</summary>
    public void RaiseNmi() => Interlocked.Or(ref _word, Nmi);

    /// <summary>ExtINT that came as a message.</summary>
    public void RaiseExternal() => Interlocked.Or(ref _word, External);

    /// <summary>Takes INIT; from then on all but the bootstrap processor wait.</summary>
    public bool TakeInit() => (Volatile.Read(ref _word) & Init) != 0 && Exchange(Init, isBootstrap ? 0 : Waiting, out _);

    /// <summary>Takes start-up; the processor no longer waits.</summary>
    public bool TakeStartUp(out byte vector)
    {
        vector = 0;
        if ((Volatile.Read(ref _word) & (Init | Waiting | StartUp)) != (Waiting | StartUp)
            || !Exchange(Waiting | StartUp | 0xFF << VectorShift, 0, out var before))
        {
            return false;
        }

        vector = (byte)(before >> VectorShift);
        return true;
    }

    /// <summary>Takes NMI, unless the processor waits.</summary>
    public bool TakeNmi() => (Volatile.Read(ref _word) & (Nmi | Waiting)) == Nmi && Exchange(Nmi, 0, out _);

    /// <summary>True while an ExtINT waits.</summary>
    public bool IsExternal => (Volatile.Read(ref _word) & External) != 0;

    /// <summary>Takes ExtINT.</summary>
    public void TakeExternal() => Interlocked.And(ref _word, ~External);

    /// <summary>Clears bits and sets others, unless an INIT that the caller does not take has come meanwhile.</summary>
    private bool Exchange(int clear, int set, out int before)
    {
        while (true)
        {
            before = Volatile.Read(ref _word);
            if ((before & Init & ~clear) != 0)
            {
                return false;
            }

            if (Interlocked.CompareExchange(ref _word, (before & ~clear) | set, before) == before)
            {
                return true;
            }
        }
    }
}
