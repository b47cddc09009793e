namespace Emulator.Devices;

/// <summary>One 8259A programmable interrupt controller: its registers and its priority resolver.</summary>
/// <remarks>
/// Not thread-safe: the <see cref="I8259Pair"/> around it holds the lock. 8080 mode and the call address of its
/// acknowledge cycles are not implemented; a PC cannot use them.
/// An edge, once seen, stays requested until it is acknowledged, as in the chip sets that followed the 8259A:
/// the original would forget it when the input falls early and answer with IR7 instead.
/// </remarks>
/// <param name="cascadeInput">The input a slave is wired to, or -1 for a chip that has none.</param>
internal sealed class I8259(int cascadeInput)
{
    private const int SpuriousInput = 7;

    private byte inputs;
    private byte edges;
    private byte edgeLevelControl;
    private byte mask;
    private byte inService;
    private byte vectorBase;
    private int highestPriority;
    private int nextInitializationWord;
    private bool initialized;
    private bool expectsIcw4;
    private bool single;
    private bool levelTriggered;
    private bool automaticEoi;
    private bool rotateInAutomaticEoi;
    private bool specialMaskMode;
    private bool specialFullyNestedMode;
    private bool readsInService;
    private bool poll;

    /// <summary>IRR: level inputs as they are now, edge inputs as latched.</summary>
    public byte InterruptRequestRegister => (byte)((edges & ~LevelMask) | (inputs & LevelMask));

    /// <summary>ISR.</summary>
    public byte InServiceRegister => inService;

    /// <summary>IMR: a set bit holds its input back.</summary>
    public byte InterruptMaskRegister => mask;

    /// <summary>The INT output: low until the chip has been told its vectors (data sheet, "Initialization Command Words").</summary>
    public bool Output => initialized && HighestRequest() >= 0;

    /// <summary>Whether the next read is a poll.</summary>
    public bool Polled => poll;

    private int LevelMask => levelTriggered ? 0xFF : edgeLevelControl;

    /// <summary>Power-up. The inputs stay what their sources make them; the trigger modes go back to edge.</summary>
    public void Reset()
    {
        edgeLevelControl = 0;
        vectorBase = 0;
        Initialize(0);
        nextInitializationWord = 0;
        initialized = false;
    }

    public void SetInput(int input, bool asserted)
    {
        byte bit = (byte)(1 << input);
        if (!asserted)
        {
            inputs &= (byte)~bit;
            return;
        }

        if ((inputs & bit) == 0)
        {
            inputs |= bit;
            if ((LevelMask & bit) == 0)
            {
                edges |= bit;
            }
        }
    }

    public void SetEdgeLevelControl(byte levelMask) => edgeLevelControl = levelMask;

    /// <summary>The acknowledge cycle: the input answered, or -1 if the request has gone (a spurious interrupt).</summary>
    public int Acknowledge()
    {
        int input = HighestRequest();
        if (input < 0)
        {
            return -1;
        }

        edges &= (byte)~(1 << input);
        if (!automaticEoi)
        {
            inService |= (byte)(1 << input);
        }
        else if (rotateInAutomaticEoi)
        {
            highestPriority = (input + 1) & 7;
        }

        return input;
    }

    /// <summary>What the chip puts on the bus for <paramref name="input"/>; a negative one is spurious and answered as IR7.</summary>
    public byte Vector(int input) => (byte)(vectorBase | (input < 0 ? SpuriousInput : input));

    public byte Read(int address)
    {
        if (poll)
        {
            poll = false;
            int input = Acknowledge();
            return input < 0 ? (byte)0 : (byte)(0x80 | input);
        }

        return address == 1 ? mask : readsInService ? inService : InterruptRequestRegister;
    }

    public void Write(int address, byte value)
    {
        if (address == 1)
        {
            WriteOdd(value);
        }
        else if ((value & (byte)Icw1.Initialize) != 0)
        {
            Initialize((Icw1)value);
        }
        else if ((value & (byte)Ocw3.Select) != 0)
        {
            WriteOcw3((Ocw3)value);
        }
        else
        {
            WriteOcw2((Ocw2Command)(value >> 5), value & 7);
        }
    }

    /// <summary>The request to answer next, or -1: the best of the requests that beats everything in service.</summary>
    private int HighestRequest()
    {
        int requests = InterruptRequestRegister & ~mask;
        if (requests == 0)
        {
            return -1;
        }

        int input = First(requests);
        int blocking = specialMaskMode ? inService & ~mask : inService;
        if (specialFullyNestedMode && cascadeInput >= 0)
        {
            blocking &= ~(1 << cascadeInput);
        }

        return blocking == 0 || Rank(input) < Rank(First(blocking)) ? input : -1;
    }

    private int Rank(int input) => (input - highestPriority) & 7;

    private int First(int set)
    {
        int input = highestPriority;
        while ((set & (1 << input)) == 0)
        {
            input = (input + 1) & 7;
        }

        return input;
    }

    private void Initialize(Icw1 word)
    {
        edges = 0;
        mask = 0;
        inService = 0;
        highestPriority = 0;
        specialMaskMode = false;
        readsInService = false;
        poll = false;

        // Without an ICW4 all its functions are off; the rotate flip-flop goes with automatic EOI.
        automaticEoi = false;
        rotateInAutomaticEoi = false;
        specialFullyNestedMode = false;

        levelTriggered = (word & Icw1.LevelTriggered) != 0;
        single = (word & Icw1.Single) != 0;
        expectsIcw4 = (word & Icw1.Icw4Needed) != 0;
        nextInitializationWord = 2;
    }

    private void WriteOdd(byte value)
    {
        switch (nextInitializationWord)
        {
            case 2:
                vectorBase = (byte)(value & 0xF8);
                initialized = true;
                nextInitializationWord = !single ? 3 : expectsIcw4 ? 4 : 0;
                break;
            case 3:
                // The board's wiring decides what is cascaded where; ICW3 could only contradict it.
                nextInitializationWord = expectsIcw4 ? 4 : 0;
                break;
            case 4:
                automaticEoi = ((Icw4)value & Icw4.AutomaticEndOfInterrupt) != 0;
                specialFullyNestedMode = ((Icw4)value & Icw4.SpecialFullyNestedMode) != 0;
                nextInitializationWord = 0;
                break;
            default:
                mask = value;
                break;
        }
    }

    private void WriteOcw2(Ocw2Command command, int level)
    {
        switch (command)
        {
            case Ocw2Command.RotateInAutomaticEoiClear:
                rotateInAutomaticEoi = false;
                break;
            case Ocw2Command.RotateInAutomaticEoiSet:
                rotateInAutomaticEoi = true;
                break;
            case Ocw2Command.NonSpecificEoi:
                _ = EndHighest();
                break;
            case Ocw2Command.RotateOnNonSpecificEoi:
                if (EndHighest() is >= 0 and int ended)
                {
                    highestPriority = (ended + 1) & 7;
                }

                break;
            case Ocw2Command.SpecificEoi:
                inService &= (byte)~(1 << level);
                break;
            case Ocw2Command.RotateOnSpecificEoi:
                inService &= (byte)~(1 << level);
                highestPriority = (level + 1) & 7;
                break;
            case Ocw2Command.SetPriority:
                highestPriority = (level + 1) & 7;
                break;
            default:
                break;
        }
    }

    /// <summary>A non-specific EOI. In special mask mode it passes over what is masked (data sheet, "Special Mask Mode").</summary>
    private int EndHighest()
    {
        int candidates = specialMaskMode ? inService & ~mask : inService;
        if (candidates == 0)
        {
            return -1;
        }

        int input = First(candidates);
        inService &= (byte)~(1 << input);
        return input;
    }

    private void WriteOcw3(Ocw3 word)
    {
        if ((word & Ocw3.EnableSpecialMaskMode) != 0)
        {
            specialMaskMode = (word & Ocw3.SpecialMaskMode) != 0;
        }

        poll = (word & Ocw3.Poll) != 0;
        if ((word & Ocw3.ReadRegister) != 0)
        {
            readsInService = (word & Ocw3.InServiceRegister) != 0;
        }
    }
}
