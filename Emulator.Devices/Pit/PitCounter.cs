namespace Emulator.Devices;

/// <summary>
/// The counting element of one 8254 channel and its OUT pin, clock by clock (data sheet, "Mode Definitions").
/// It is moved on in leaps: between two events a counter only counts down.
/// </summary>
/// <remarks>
/// Not thread-safe. Counts are plain numbers modulo 65536, or modulo 10000 in BCD; zero as an initial count means
/// the modulus. An initial count of 1 in modes 2 and 3, which the data sheet forbids, leaves OUT high.
/// </remarks>
internal sealed class PitCounter
{
    private int modulus = 0x10000;
    private int initial;
    private bool written;
    private bool loaded;
    private bool odd;
    private bool loadPending;
    private bool strobeArmed;
    private bool halted;

    /// <summary>The clock that the counter has been moved to.</summary>
    public long Now { get; private set; }

    public PitMode Mode { get; private set; }

    public bool Bcd { get; private set; }

    /// <summary>OUT.</summary>
    public bool Output { get; private set; }

    /// <summary>GATE.</summary>
    public bool Gate { get; private set; } = true;

    /// <summary>NULL COUNT: the count written has not reached the counting element yet.</summary>
    public bool NullCount { get; private set; }

    /// <summary>CE, as a number.</summary>
    public int Count { get; private set; }

    /// <summary>How often OUT has risen; compared for change only.</summary>
    public int Rises { get; private set; }

    private bool Periodic => Mode is PitMode.RateGenerator or PitMode.SquareWave;

    private bool TriggeredByGate => Mode is PitMode.HardwareRetriggerableOneShot or PitMode.HardwareTriggeredStrobe;

    /// <summary>Whether clocks change nothing: no count yet, or GATE or half a count written holds it.</summary>
    private bool Still => !loaded || halted || (!Gate && !TriggeredByGate) || (Periodic && initial == 1 && !NullCount);

    /// <summary>After how many clocks everything will be as it is now, but that a periodic OUT will have risen.</summary>
    private long Period => Periodic
        ? NullCount ? long.MaxValue : initial == 0 ? modulus : initial
        : Spent ? modulus : long.MaxValue;

    /// <summary>Whether a mode that works once has done so: the count goes on, OUT does not.</summary>
    private bool Spent => Output && (Mode is PitMode.InterruptOnTerminalCount or PitMode.HardwareRetriggerableOneShot || !strobeArmed);

    /// <summary>A control word: OUT takes its idle level and counting waits for a count.</summary>
    public void Program(PitMode mode, bool bcd)
    {
        Mode = mode;
        Bcd = bcd;
        modulus = bcd ? 10_000 : 0x10000;
        Count %= modulus;
        written = false;
        loaded = false;
        loadPending = false;
        strobeArmed = false;
        halted = false;
        NullCount = true;
        SetOutput(mode != PitMode.InterruptOnTerminalCount);
    }

    /// <summary>The first of two bytes of a count has been written. It stops mode 0 and takes OUT low at once.</summary>
    public void BeginWrite()
    {
        if (Mode == PitMode.InterruptOnTerminalCount)
        {
            halted = true;
            SetOutput(false);
        }
    }

    /// <summary>A whole count has been written; when it is loaded depends on the mode.</summary>
    public void Write(int count)
    {
        initial = count % modulus;
        written = true;
        NullCount = true;
        halted = false;
        switch (Mode)
        {
            case PitMode.InterruptOnTerminalCount:
                SetOutput(false);
                loadPending = true;
                break;
            case PitMode.SoftwareTriggeredStrobe:
                loadPending = true;
                break;
            case PitMode.RateGenerator:
            case PitMode.SquareWave:
                // A running counter takes the new count at the end of its period or half period.
                loadPending |= !loaded;
                break;
            default:
                break;
        }
    }

    /// <summary>Drives GATE at the present time.</summary>
    public void SetGate(bool value)
    {
        bool rises = value && !Gate;
        Gate = value;
        if (!value && Periodic)
        {
            SetOutput(true);
        }

        // The gate flip-flop is sampled on the next clock. Without a count there is nothing to load.
        if (rises && written && (Periodic || TriggeredByGate))
        {
            loadPending = true;
        }
    }

    /// <summary>Moves on to a clock; an earlier one changes nothing.</summary>
    public void AdvanceTo(long clock)
    {
        while (Now < clock)
        {
            if (loadPending)
            {
                Now++;
                Load();
                continue;
            }

            if (Still)
            {
                Now = clock;
                return;
            }

            long periods = (clock - Now) / Period;
            if (periods > 0)
            {
                Now += periods * Period;
                Rises += Periodic ? 1 : 0;
                continue;
            }

            int uneventful = (int)Math.Min(ClocksToEvent() - 1, clock - Now);
            CountDown(uneventful);
            Now += uneventful;
            if (Now < clock)
            {
                Now++;
                Clock();
            }
        }
    }

    /// <summary>
    /// Clocks from now to the next change of OUT that a listener to its rising edges and long levels cares for
    /// (not the start of a pulse one clock long), or -1 if nothing will change by itself.
    /// </summary>
    public long ClocksToNextChange()
    {
        if (loadPending)
        {
            // Looked at again when the count is in.
            return 1;
        }

        if (Still)
        {
            return -1;
        }

        int toZero = Count == 0 ? modulus : Count;
        return Mode switch
        {
            PitMode.RateGenerator => toZero,
            PitMode.SquareWave => ClocksToEvent(),
            PitMode.InterruptOnTerminalCount or PitMode.HardwareRetriggerableOneShot => Output ? -1 : toZero,
            _ => !Output ? 1 : strobeArmed ? toZero + 1 : -1,
        };
    }

    private void Load()
    {
        loadPending = false;
        loaded = true;
        strobeArmed = true;
        Reload();
        SetOutput(Mode is not (PitMode.InterruptOnTerminalCount or PitMode.HardwareRetriggerableOneShot));
    }

    /// <summary>Clocks from now to the one that does more than count down, at least 1.</summary>
    private int ClocksToEvent()
    {
        int toZero = Count == 0 ? modulus : Count;
        switch (Mode)
        {
            case PitMode.RateGenerator:
                return toZero > 1 ? toZero - 1 : 1;
            case PitMode.SquareWave when Output && odd:
                return (Count / 2) + 1;
            case PitMode.SquareWave:
                return toZero / 2;
            case PitMode.SoftwareTriggeredStrobe or PitMode.HardwareTriggeredStrobe when !Output:
                return 1;
            default:
                return toZero;
        }
    }

    private void CountDown(int clocks)
    {
        int step = Mode == PitMode.SquareWave ? 2 : 1;
        Count -= clocks * step;
        if (Count < 0)
        {
            Count += modulus;
        }
    }

    /// <summary>The clock that <see cref="ClocksToEvent"/> counts to.</summary>
    private void Clock()
    {
        switch (Mode)
        {
            case PitMode.RateGenerator when Count == 1:
                Reload();
                SetOutput(true);
                break;
            case PitMode.RateGenerator:
                CountDown(1);
                SetOutput(Count != 1);
                break;
            case PitMode.SquareWave:
                Reload();
                SetOutput(!Output);
                break;
            case PitMode.SoftwareTriggeredStrobe or PitMode.HardwareTriggeredStrobe:
                CountDown(1);
                SetOutput(!(strobeArmed && Count == 0));
                strobeArmed &= Count != 0;
                break;
            default:
                CountDown(1);
                SetOutput(Output || Count == 0);
                break;
        }
    }

    private void Reload()
    {
        // A square wave counts in twos; what an odd count has over an even one is added to the high half.
        odd = Mode == PitMode.SquareWave && (initial & 1) != 0;
        Count = odd ? initial - 1 : initial;
        NullCount = false;
    }

    private void SetOutput(bool value)
    {
        if (value && !Output)
        {
            Rises++;
        }

        Output = value;
    }
}
