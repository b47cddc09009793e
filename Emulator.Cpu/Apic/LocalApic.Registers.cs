namespace Emulator.Cpu;

// The registers as the processor sees them in the APIC's page.
public sealed partial class LocalApic
{
    /// <summary>The low byte of the version register: one of those inside a processor.</summary>
    public const byte Version = 0x14;

    private const uint LastLocalVector = 5 << 16;

    private const int RegisterMask = 0xFF0;

    private uint _commandLow;
    private uint _commandHigh;

    /// <summary>Reads from the APIC's page. The vCPU's own thread.</summary>
    /// <param name="offset">Bytes from the start of the page, 0–4095.</param>
    /// <param name="size">1, 2, 4 or 8 bytes.</param>
    /// <returns>The bytes of the register that lie there; 0 beyond its four, and where no register is, which ESR notes.</returns>
    public ulong Read(int offset, int size)
    {
        // Any access but an aligned one of 32 bits is undefined. This is what the processors do as a rule.
        var first = offset & 15;
        if (first > 3)
        {
            return 0;
        }

        var value = (ulong)ReadRegister(offset & RegisterMask) >> (first * 8);
        return size >= 8 ? value : value & ((1UL << (size * 8)) - 1);
    }

    /// <summary>Writes into the APIC's page. The vCPU's own thread.</summary>
    /// <param name="offset">Bytes from the start of the page, 0–4095.</param>
    /// <param name="size">1, 2, 4 or 8 bytes; what is narrower than a register, or does not start with one, is dropped.</param>
    /// <param name="value">The value; only the low 32 bits matter.</param>
    public void Write(int offset, int size, ulong value)
    {
        if (size >= 4 && (offset & 15) == 0)
        {
            WriteRegister(offset & RegisterMask, (uint)value);
        }
    }

    private uint ReadRegister(int offset)
    {
        switch ((ApicRegister)offset)
        {
            case ApicRegister.Id: return _id << 24;
            case ApicRegister.Version: return LastLocalVector | Version;
            case ApicRegister.TaskPriority: return _taskPriority;
            case ApicRegister.ArbitrationPriority: return ArbitrationPriority;
            case ApicRegister.ProcessorPriority: return ProcessorPriority;
            case ApicRegister.EndOfInterrupt or ApicRegister.RemoteRead: return 0;
            case ApicRegister.LogicalDestination: return _logicalDestination;
            case ApicRegister.DestinationFormat: return _destinationFormat | 0x0FFF_FFFF;
            case ApicRegister.SpuriousVector: return _spuriousVector;
            case >= ApicRegister.InService and < ApicRegister.TriggerMode: return _inService.Register((offset >> 4) & 7);
            case >= ApicRegister.TriggerMode and < ApicRegister.InterruptRequest: return _levels.Register((offset >> 4) & 7);
            case >= ApicRegister.InterruptRequest and < ApicRegister.ErrorStatus: return _requests.Register((offset >> 4) & 7);
            case ApicRegister.ErrorStatus: return _errorStatus;
            case ApicRegister.InterruptCommandLow: return _commandLow;
            case ApicRegister.InterruptCommandHigh: return _commandHigh;
            case >= ApicRegister.LvtTimer and <= ApicRegister.LvtError: return ReadLocal((offset - (int)ApicRegister.LvtTimer) >> 4);
            case ApicRegister.TimerInitialCount: return _timer.InitialCount;
            case ApicRegister.TimerCurrentCount:
                _timer.CatchUp();
                return _timer.CurrentCount;
            case ApicRegister.TimerDivide: return _timer.DivideRegister;
            default:
                NoteError(ApicErrors.IllegalRegister);
                return 0;
        }
    }

    private void WriteRegister(int offset, uint value)
    {
        switch ((ApicRegister)offset)
        {
            case ApicRegister.Id:
                Volatile.Write(ref _id, value >> 24);
                break;
            case ApicRegister.TaskPriority:
                Volatile.Write(ref _taskPriority, value & 0xFF);
                break;
            case ApicRegister.EndOfInterrupt:
                EndInterrupt();
                break;
            case ApicRegister.LogicalDestination:
                Volatile.Write(ref _logicalDestination, value & 0xFF00_0000);
                break;
            case ApicRegister.DestinationFormat:
                Volatile.Write(ref _destinationFormat, value & 0xF000_0000);
                break;
            case ApicRegister.SpuriousVector:
                WriteSpuriousVector(value);
                break;
            case ApicRegister.ErrorStatus:
                LatchErrors();
                break;
            case ApicRegister.InterruptCommandHigh:
                _commandHigh = value & 0xFF00_0000;
                break;
            case ApicRegister.InterruptCommandLow:
                _commandLow = value & CommandBits.Writable;
                SendCommand();
                break;
            case >= ApicRegister.LvtTimer and <= ApicRegister.LvtError:
                WriteLocal((offset - (int)ApicRegister.LvtTimer) >> 4, value);
                break;
            case ApicRegister.TimerInitialCount:
                _timer.CatchUp();
                _timer.InitialCount = value;
                break;
            case ApicRegister.TimerDivide:
                _timer.CatchUp();
                _timer.DivideRegister = value;
                break;
            case ApicRegister.Version or ApicRegister.ArbitrationPriority or ApicRegister.ProcessorPriority
                or ApicRegister.RemoteRead or ApicRegister.TimerCurrentCount
                or (>= ApicRegister.InService and < ApicRegister.ErrorStatus):
                break;      // read-only
            default:
                NoteError(ApicErrors.IllegalRegister);
                break;
        }
    }

    private void SendCommand()
    {
        var message = InterruptMessage.FromCommand(_commandLow, _commandHigh);
        switch (message.Mode)
        {
            case DeliveryMode.Init when (_commandLow & (CommandBits.Level | CommandBits.Assert)) == CommandBits.Level:
                return;     // INIT level de-assert: for the arbitration IDs of processors of old
            case DeliveryMode.Fixed or DeliveryMode.LowestPriority when message.Vector < FirstLegalVector:
                NoteError(ApicErrors.SendIllegalVector);
                return;
            case DeliveryMode.External:
                return;     // not a message that one processor can send another
            default:
                _bus.Send(this, (DestinationShorthand)(_commandLow >> CommandBits.ShorthandShift & 3), message);
                break;
        }
    }
}
