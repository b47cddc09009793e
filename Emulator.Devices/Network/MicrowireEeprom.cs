namespace Emulator.Devices;

/// <summary>A serial EEPROM of 16-bit words, 93C46 (64 words) or 93C66 (256), as its four pins show it.</summary>
/// <remarks>
/// A command is a start bit, two bits of operation and the address, taken from DI at each rising edge of SK while CS is high. Data
/// leaves on DO behind a dummy 0, word after word as long as SK goes on. Writing takes no time. Not thread-safe; the contents outlive resets.
/// </remarks>
public sealed class MicrowireEeprom
{
    private readonly ushort[] _words;
    private readonly int _addressBits;
    private Phase _phase;
    private bool _clock;
    private bool _select;
    private bool _writable;
    private int _bits;
    private uint _shift;
    private int _address;
    private Operation _operation;

    /// <summary>An EEPROM that holds words.</summary>
    /// <param name="words">64 or 256 of them; it works on this array.</param>
    /// <exception cref="ArgumentException">Another number.</exception>
    public MicrowireEeprom(ushort[] words)
    {
        ArgumentNullException.ThrowIfNull(words);
        _addressBits = words.Length switch
        {
            64 => 6,
            256 => 8,
            _ => throw new ArgumentException("A 93C46 has 64 words, a 93C66 has 256.", nameof(words)),
        };
        _words = words;
    }

    private enum Phase
    {
        Start,
        Command,
        Reading,
        Writing,
        Done,
    }

    private enum Operation
    {
        Extended,
        Write,
        Read,
        Erase,
    }

    /// <summary>The pin DO: the bit that is read, or 1 for ready.</summary>
    public bool DataOut { get; private set; } = true;

    /// <summary>What it holds; what a controller loads at its reset, or reaches by a register of its own.</summary>
    /// <param name="index">Wraps at the size.</param>
    public ushort this[int index] => _words[index & (_words.Length - 1)];

    /// <summary>Brings the pins to levels, all at once: what is done is done at the rising edge of SK.</summary>
    /// <param name="select">CS.</param>
    /// <param name="clock">SK.</param>
    /// <param name="dataIn">DI.</param>
    public void SetPins(bool select, bool clock, bool dataIn)
    {
        if (!select || !_select)
        {
            (_phase, DataOut) = (Phase.Start, true);
        }

        var rises = select && clock && !_clock;
        (_select, _clock) = (select, clock);
        if (rises)
        {
            Clock(dataIn ? 1U : 0);
        }
    }

    private void Clock(uint bit)
    {
        switch (_phase)
        {
            case Phase.Start when bit != 0:
                (_phase, _bits, _shift) = (Phase.Command, 0, 0);
                break;
            case Phase.Command:
                _shift = (_shift << 1) | bit;
                if (++_bits == 2 + _addressBits)
                {
                    Begin();
                }

                break;
            case Phase.Reading:
                if (_bits == 0)
                {
                    (_shift, _bits) = (this[_address++], 16);
                }

                DataOut = ((_shift >> --_bits) & 1) != 0;
                break;
            case Phase.Writing:
                _shift = (_shift << 1) | bit;
                if (++_bits == 16)
                {
                    Store((ushort)_shift);
                }

                break;
            default:
                break;
        }
    }

    private void Begin()
    {
        _operation = (Operation)(_shift >> _addressBits);
        _address = (int)_shift & (_words.Length - 1);
        _phase = Phase.Done;
        (_bits, _shift) = (0, 0);
        switch (_operation)
        {
            case Operation.Read:
                (_phase, DataOut) = (Phase.Reading, false);
                break;
            case Operation.Write:
                _phase = Phase.Writing;
                break;
            case Operation.Erase:
                Store(0xFFFF);
                break;
            default:
                BeginExtended();
                break;
        }
    }

    // The two upper address bits say which: write enable and disable, erase all, write all.
    private void BeginExtended()
    {
        switch (_address >> (_addressBits - 2))
        {
            case 0b00:
                _writable = false;
                break;
            case 0b11:
                _writable = true;
                break;
            case 0b10:
                Store(0xFFFF);
                break;
            default:
                _phase = Phase.Writing;
                break;
        }
    }

    private void Store(ushort value)
    {
        _phase = Phase.Done;
        if (!_writable)
        {
            return;
        }

        if (_operation == Operation.Extended)
        {
            Array.Fill(_words, value);
        }
        else
        {
            _words[_address] = value;
        }
    }
}
