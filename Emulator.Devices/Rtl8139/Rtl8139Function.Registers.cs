namespace Emulator.Devices;

// What the registers do. All of it under the device's lock.
public sealed partial class Rtl8139Function
{
    // CR's RST leaves these as they are.
    private static readonly Rtl8139Register[] s_kept =
    [
        Rtl8139Register.Address, Rtl8139Register.MulticastFilter, Rtl8139Register.EepromCommand, Rtl8139Register.Config1,
        Rtl8139Register.Config3, Rtl8139Register.Config4, Rtl8139Register.Config5, Rtl8139Register.MediaStatus,
        Rtl8139Register.LinkConfiguration, Rtl8139Register.PhyParameter1, Rtl8139Register.TwisterParameter, Rtl8139Register.PhyParameter2,
    ];

    private readonly ulong[] _keptValues = new ulong[s_kept.Length];

    // TE and RE as they were before the write that is under way.
    private Rtl8139Command _enabled;

    // DTCCR.
    private ulong _dump;
    private bool _clockHalted;
    private int _receiveEpoch;
    private int _transmitEpoch;
    private int _ringShift;

    private bool IsConfigWritable => Is(Rtl8139EepromCommand.ConfigWrite);

    private Rtl8139CPlusCommand CPlusCommand => IsCPlus ? (Rtl8139CPlusCommand)_registers[Rtl8139Register.CPlusCommand] : 0;

    // Offsets of TSD0–1 are DTCCR's while C+ transmits.
    private bool HasDump => (CPlusCommand & Rtl8139CPlusCommand.Transmit) != 0;

    private Rtl8139ReceiveConfiguration ReceiveConfiguration => (Rtl8139ReceiveConfiguration)_registers[Rtl8139Register.ReceiveConfiguration];

    private Rtl8139TransmitConfiguration TransmitConfiguration => (Rtl8139TransmitConfiguration)_registers[Rtl8139Register.TransmitConfiguration];

    private int RingSize => 0x2000 << ((int)(ReceiveConfiguration & Rtl8139ReceiveConfiguration.BufferLength) >> 11);

    private int WriteOffset => (int)_registers[Rtl8139Register.WritePointer];

    // CAPR is 16 behind what it means.
    private int ReadOffset => ((int)_registers[Rtl8139Register.ReadPointer] + 16) & (RingSize - 1);

    /// <inheritdoc/>
    ulong IRegisterBehaviour<Rtl8139Register>.ReadRegister(Rtl8139Register register, ulong value, ulong lanes) => register switch
    {
        Rtl8139Register.Command => (value & ~(ulong)Rtl8139Command.BufferEmpty) | (ulong)ReadCommand(),
        Rtl8139Register.InterruptStatus => _causes.Cause,
        Rtl8139Register.TimerCount => _timer.Count,
        Rtl8139Register.EepromCommand when Is(Rtl8139EepromCommand.Program) && _eeprom.DataOut => value | (ulong)Rtl8139EepromCommand.DataOut,
        Rtl8139Register.MediaStatus => value & (ulong)Rtl8139MediaStatus.FlowControl | (ulong)_media.Status,
        Rtl8139Register.LinkConfiguration => value | (ulong)_media.ReadLink(),
        Rtl8139Register.BasicModeControl => _media.Read(MiiRegister.Control),
        Rtl8139Register.BasicModeStatus => _media.Read(MiiRegister.Status),
        Rtl8139Register.Advertisement => _media.Read(MiiRegister.Advertisement),
        Rtl8139Register.PartnerAbility => _media.Read(MiiRegister.PartnerAbility),
        Rtl8139Register.Expansion => _media.Read(MiiRegister.Expansion),
        Rtl8139Register.TransmitSummary => Summary(),
        Rtl8139Register.TransmitStatus when HasDump => (uint)_dump,
        Rtl8139Register.TransmitStatus + 4 when HasDump => _dump >> 32,
        _ => value,
    };

    /// <inheritdoc/>
    void IRegisterBehaviour<Rtl8139Register>.WriteRegister(Rtl8139Register register, ulong written, ulong lanes)
    {
        switch (register)
        {
            case Rtl8139Register.Address:
                WriteLocked(register, written, lanes & Rtl8139Registers.WritableAddress);
                break;
            case Rtl8139Register.Config1:
                WriteLocked(register, written, lanes & Rtl8139Registers.WritableConfig1);
                break;
            case Rtl8139Register.Config3:
                WriteLocked(register, written, lanes & Rtl8139Registers.WritableConfig3);
                break;
            case Rtl8139Register.Config4:
                WriteLocked(register, written, lanes & Rtl8139Registers.WritableConfig4);
                break;
            case Rtl8139Register.Command:
                WriteCommand((Rtl8139Command)written);
                break;
            case Rtl8139Register.ReadPointer:
                Post(_receiver);
                break;
            case Rtl8139Register.ReceiveConfiguration:
                WriteReceiveConfiguration();
                break;
            case Rtl8139Register.InterruptMask:
                _causes.SetMask((uint)_registers[register]);
                break;
            case Rtl8139Register.InterruptStatus:
                _causes.Clear((uint)written);
                break;
            case Rtl8139Register.TransmitConfiguration:
                WriteTransmitConfiguration((Rtl8139TransmitConfiguration)written);
                break;
            case Rtl8139Register.TimerCount:
                _timer.Restart();
                break;
            case Rtl8139Register.TimerInterrupt:
                _timer.SetLimit((uint)_registers[register]);
                break;
            case Rtl8139Register.MissedPackets:
                _registers[register] = 0;
                break;
            case Rtl8139Register.EepromCommand:
                WriteEeprom((Rtl8139EepromCommand)_registers[register]);
                break;
            case Rtl8139Register.HaltClock:
                WriteHaltClock((char)written);
                break;
            case Rtl8139Register.BasicModeControl:
                WritePhy(MiiRegister.Control, written, lanes & ~(IsConfigWritable ? 0UL : Rtl8139Registers.LockedMode));
                break;
            case Rtl8139Register.Advertisement:
                WritePhy(MiiRegister.Advertisement, written, lanes);
                break;
            case Rtl8139Register.CPlusCommand:
                Post(_transmitter);
                Post(_receiver);
                break;
            case Rtl8139Register.TransmitPoll:
                WritePoll((Rtl8139TransmitPoll)written);
                break;
            case >= Rtl8139Register.TransmitStatus and < Rtl8139Register.TransmitAddress:
                WriteTransmitStatus(register, written, lanes);
                break;
            default:
                break;
        }
    }

    private bool Is(Rtl8139EepromCommand mode) => ((Rtl8139EepromCommand)_registers[Rtl8139Register.EepromCommand] & Rtl8139EepromCommand.ConfigWrite) == mode;

    private void Post(IoWork work)
    {
        if (_resets == 0)
        {
            Queue.Post(work);
        }
    }

    // RE and TE read as 1 until what they switch off has come to its end.
    private Rtl8139Command ReadCommand() =>
        (_receiver.IsBusy ? Rtl8139Command.ReceiveEnable : 0)
        | (_transmitter.IsBusy ? Rtl8139Command.TransmitEnable : 0)
        | (WriteOffset == ReadOffset ? Rtl8139Command.BufferEmpty : 0);

    private void WriteCommand(Rtl8139Command written)
    {
        if ((written & Rtl8139Command.Reset) != 0)
        {
            _resetWritten = _resetWritten == Reset.Full ? Reset.Full : Reset.Soft;
        }

        var now = (Rtl8139Command)_registers[Rtl8139Register.Command] & (Rtl8139Command.ReceiveEnable | Rtl8139Command.TransmitEnable);
        var begins = now & ~_enabled;
        _enabled = now;
        if ((begins & Rtl8139Command.ReceiveEnable) != 0)
        {
            RestartRing();
        }

        if ((begins & Rtl8139Command.TransmitEnable) != 0)
        {
            _transmitEpoch++;
            Post(_transmitter);
        }
    }

    private void RestartRing()
    {
        _receiveEpoch++;
        _registers[Rtl8139Register.WritePointer] = 0;
        _registers[Rtl8139Register.ReadPointer] = 0xFFF0;
        Post(_receiver);
    }

    // Drivers write RCR while packets come, to change the filter: only another length begins another ring.
    private void WriteReceiveConfiguration()
    {
        var shift = (int)(ReceiveConfiguration & Rtl8139ReceiveConfiguration.BufferLength);
        if (shift != _ringShift)
        {
            _ringShift = shift;
            RestartRing();
        }

        Post(_receiver);
    }

    private void WriteTransmitConfiguration(Rtl8139TransmitConfiguration written)
    {
        if ((written & Rtl8139TransmitConfiguration.ClearAbort) != 0)
        {
            for (var i = 0; i < Rtl8139Registers.Transmits; i++)
            {
                var status = TransmitStatus(i);
                if ((status & Rtl8139TransmitStatus.Aborted) != 0)
                {
                    _registers[TransmitStatusOf(i)] = (ulong)(status & ~(Rtl8139TransmitStatus.Aborted | Rtl8139TransmitStatus.Own));
                }
            }

            Post(_transmitter);
        }
    }

    private void WriteEeprom(Rtl8139EepromCommand command)
    {
        switch (command & Rtl8139EepromCommand.ConfigWrite)
        {
            case Rtl8139EepromCommand.AutoLoad:
                _resetWritten = Reset.Full;
                break;
            case Rtl8139EepromCommand.Program:
                _eeprom.SetPins(
                    (command & Rtl8139EepromCommand.Select) != 0, (command & Rtl8139EepromCommand.Clock) != 0, (command & Rtl8139EepromCommand.DataIn) != 0);
                break;
            default:
                // The pins are the controller's again, which does not select the EEPROM.
                _eeprom.SetPins(false, false, false);
                break;
        }
    }

    private void WriteHaltClock(char key)
    {
        if (key is 'H' or 'R')
        {
            _clockHalted = key == 'H';
            Post(_receiver);
            Post(_transmitter);
        }
    }

    private void WritePhy(MiiRegister register, ulong written, ulong mask)
    {
        if (_media.Write(register, (ushort)written, (ushort)mask))
        {
            _causes.Raise((uint)Rtl8139Cause.LinkChange);
        }
    }

    private void WritePoll(Rtl8139TransmitPoll written)
    {
        _registers[Rtl8139Register.TransmitPoll] |= (ulong)(written & (Rtl8139TransmitPoll.Normal | Rtl8139TransmitPoll.High));
        Post(_transmitter);
        if ((written & Rtl8139TransmitPoll.SoftwareInterrupt) != 0)
        {
            _causes.Raise((uint)Rtl8139Cause.Software);
        }
    }

    private void WriteTransmitStatus(Rtl8139Register register, ulong written, ulong lanes)
    {
        if (HasDump)
        {
            WriteDump(register, written, lanes);
            return;
        }

        // A driver writes all four bytes; what it leaves out is as it was. Everything but size, owner and threshold is cleared.
        const Rtl8139TransmitStatus Written = Rtl8139TransmitStatus.Size | Rtl8139TransmitStatus.Own | Rtl8139TransmitStatus.EarlyThreshold;
        _registers[register] = ((_registers[register] & ~lanes) | written) & (ulong)Written;
        Post(_transmitter);
    }

    private void WriteDump(Rtl8139Register register, ulong written, ulong lanes)
    {
        var shift = (register - Rtl8139Register.TransmitStatus) * 8;
        if (shift > 32)
        {
            return;
        }

        const ulong Written = ~0x3FUL | (ulong)Rtl8139DumpTally.Command;
        _dump = ((_dump & ~(lanes << shift)) | (written << shift)) & Written;
        if ((_dump & (ulong)Rtl8139DumpTally.Command) != 0)
        {
            Post(_tallyDump);
        }
    }

    private void WriteLocked(Rtl8139Register register, ulong written, ulong mask)
    {
        if (IsConfigWritable)
        {
            _registers[register] = (_registers[register] & ~mask) | (written & mask);
        }
    }

    private static Rtl8139Register TransmitStatusOf(int descriptor) => Rtl8139Register.TransmitStatus + (ushort)(descriptor * 4);

    private Rtl8139TransmitStatus TransmitStatus(int descriptor) => (Rtl8139TransmitStatus)_registers[TransmitStatusOf(descriptor)];

    // TSAD: OWN in bits 3:0, TABT in 7:4, TUN in 11:8, TOK in 15:12.
    private ulong Summary()
    {
        ulong summary = 0;
        for (var i = 0; i < Rtl8139Registers.Transmits; i++)
        {
            var status = TransmitStatus(i);
            summary |= ((status & Rtl8139TransmitStatus.Own) != 0 ? 0x1UL << i : 0)
                | ((status & Rtl8139TransmitStatus.Aborted) != 0 ? 0x10UL << i : 0)
                | ((status & Rtl8139TransmitStatus.Underrun) != 0 ? 0x100UL << i : 0)
                | ((status & Rtl8139TransmitStatus.Ok) != 0 ? 0x1000UL << i : 0);
        }

        return summary;
    }

    private void ResetRegistersButKept()
    {
        for (var i = 0; i < s_kept.Length; i++)
        {
            _keptValues[i] = _registers[s_kept[i]];
        }

        _registers.Reset();
        for (var i = 0; i < s_kept.Length; i++)
        {
            _registers[s_kept[i]] = _keptValues[i];
        }
    }
}
