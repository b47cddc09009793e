namespace Emulator.Cpu;

// The local vector table: the timer, the two pins and errors.
public sealed partial class LocalApic
{
    private readonly uint[] _lvt = new uint[6];
    private readonly int[] _pins = new int[2];
    private readonly int[] _remoteRequests = new int[2];
    private int _errors;
    private uint _errorStatus;

    /// <summary>An event of this processor's own has happened. Any thread.</summary>
    private void DeliverLocal(LocalVector source)
    {
        var entry = Volatile.Read(ref _lvt[(int)source]);
        if ((entry & LvtBits.Masked) != 0)
        {
            return;
        }

        var mode = (DeliveryMode)(entry >> LvtBits.ModeShift & 7);
        switch (mode)
        {
            case DeliveryMode.Fixed when source is LocalVector.Lint0 or LocalVector.Lint1 && (entry & LvtBits.Level) != 0:
                RequestLevel(source - LocalVector.Lint0, (byte)entry);
                break;
            case DeliveryMode.Fixed or DeliveryMode.Nmi or DeliveryMode.Init:
                Deliver(mode, (byte)entry, false);
                break;
            default:
                break;      // ExtINT is LINT0's alone, and it is asked for by AcceptsExternal; no other mode is the table's
        }
    }

    /// <summary>A level-triggered pin asks again only when its interrupt has ended: its remote-IRR bit says so.</summary>
    private void RequestLevel(int pin, byte vector)
    {
        // A full fence between the bit and the pin; pairs with SetPin, which changes the pin and then looks at the bit.
        if (IsAccepting && Volatile.Read(ref _pins[pin]) != 0 && Interlocked.Exchange(ref _remoteRequests[pin], 1) == 0)
        {
            Accept(vector, true);
        }
    }

    private void EndLocal(byte vector)
    {
        for (var pin = 0; pin < _pins.Length; pin++)
        {
            if (_remoteRequests[pin] != 0 && (byte)_lvt[(int)LocalVector.Lint0 + pin] == vector)
            {
                Interlocked.Exchange(ref _remoteRequests[pin], 0);
                LookAtPin(pin);
            }
        }
    }

    /// <summary>Has a level-triggered pin that is on ask, after its entry changed or its interrupt ended.</summary>
    private void LookAtPin(int pin)
    {
        var entry = _lvt[(int)LocalVector.Lint0 + pin];
        var isLevel = (entry & (LvtBits.Level | 7u << LvtBits.ModeShift)) == LvtBits.Level;
        if (isLevel && (entry & LvtBits.Masked) == 0)
        {
            RequestLevel(pin, (byte)entry);
        }
    }

    private uint ReadLocal(int index)
    {
        var isPending = index is (int)LocalVector.Lint0 or (int)LocalVector.Lint1
            && Volatile.Read(ref _remoteRequests[index - (int)LocalVector.Lint0]) != 0;
        return _lvt[index] | (isPending ? LvtBits.RemoteRequest : 0);
    }

    private void WriteLocal(int index, uint value)
    {
        if (index == (int)LocalVector.Timer)
        {
            _timer.CatchUp();
        }

        value &= LvtBits.Writable[index];
        if ((_spuriousVector & SpuriousVectorBits.SoftwareEnable) == 0)
        {
            value |= LvtBits.Masked;
        }

        // Full: the entry, then the pin; pairs with SetPin, which changes the pin and then reads the entry.
        Interlocked.Exchange(ref _lvt[index], value);
        switch ((LocalVector)index)
        {
            case LocalVector.Timer:
                _timer.SetMode((value & LvtBits.Periodic) != 0, (value & LvtBits.Masked) != 0);
                break;
            case LocalVector.Lint0 or LocalVector.Lint1:
                LookAtPin(index - (int)LocalVector.Lint0);
                break;
            default:
                break;
        }
    }

    /// <summary>SVR: switched off by software, the APIC masks its whole table (SDM volume 3, 11.4.7.2).</summary>
    private void WriteSpuriousVector(uint value)
    {
        Volatile.Write(ref _spuriousVector, value & SpuriousVectorBits.Writable);
        if ((value & SpuriousVectorBits.SoftwareEnable) == 0)
        {
            for (var i = 0; i < _lvt.Length; i++)
            {
                WriteLocal(i, _lvt[i]);
            }
        }
    }

    /// <summary>Notes an error, and interrupts for it if that is new. Any thread.</summary>
    private void NoteError(int error)
    {
        if ((Interlocked.Or(ref _errors, error) & error) != 0)
        {
            return;
        }

        // An entry whose own vector is illegal is the one error that cannot be told.
        if ((byte)Volatile.Read(ref _lvt[(int)LocalVector.Error]) >= FirstLegalVector)
        {
            DeliverLocal(LocalVector.Error);
        }
    }

    /// <summary>Writing ESR, whatever the value, shows the errors noted since the last time (SDM volume 3, 11.5.3).</summary>
    private void LatchErrors() => _errorStatus = (uint)Interlocked.Exchange(ref _errors, 0);

    private void ResetLocal()
    {
        for (var i = 0; i < _lvt.Length; i++)
        {
            Volatile.Write(ref _lvt[i], LvtBits.Masked);
        }

        if (_isBootstrap)
        {
            // Firmware would do this before anything else: the 8259 pair reaches the first processor as if there were no APIC.
            Volatile.Write(ref _lvt[(int)LocalVector.Lint0], (uint)DeliveryMode.External << LvtBits.ModeShift);
        }

        Array.Clear(_remoteRequests);
        _errors = 0;
        _errorStatus = 0;
        (_commandLow, _commandHigh) = (0, 0);
    }
}
