namespace Emulator.Devices;

// JUMP, CALL, RETURN, INT and INTFLY (technical manual, 5.6), and the ALU (5.5).
internal sealed partial class LsiScripts
{
    private Outcome ExecuteTransfer()
    {
        if (_instruction is { TestsPhase: true, WaitsForPhase: true } && (_isSelecting || !Bus.IsRequesting))
        {
            return Outcome.Wait;
        }

        lock (_function.Lock)
        {
            if (!IsCurrent)
            {
                return Outcome.Stopped;
            }

            if (!IsTaken)
            {
                return Outcome.Done;
            }

            var target = _instruction.IsRelative ? _next + (uint)_instruction.Offset : _instruction.Second;
            switch (_instruction.Transfer)
            {
                case LsiTransfer.Jump:
                    Registers[LsiRegister.AdderSum] = target;
                    Jump(target);
                    return Outcome.Done;
                case LsiTransfer.Call:
                    Registers[LsiRegister.Temporary] = _next;
                    Jump(target);
                    return Outcome.Done;
                case LsiTransfer.Return:
                    Jump((uint)Registers[LsiRegister.Temporary]);
                    return Outcome.Done;
                default:
                    break;
            }
        }

        if (_instruction.Transfer != LsiTransfer.Interrupt)
        {
            return Illegal();
        }

        _patience = Patience;
        if (!_instruction.IsOnTheFly)
        {
            return Interrupt(LsiInterrupts.Of(LsiDmaStatus.ScriptInterrupt));
        }

        Raise(LsiInterrupts.OnTheFly);
        return Outcome.Done;
    }

    // Of what is looked at, all has to be true, or all false.
    private bool IsTaken
    {
        get
        {
            var wanted = _instruction.IsIfTrue;
            if (_instruction is { TestsCarry: false, TestsPhase: false, TestsData: false })
            {
                return wanted;
            }

            var difference = ((byte)Registers[LsiRegister.FirstByteReceived] ^ _instruction.Data) & ~_instruction.Mask & 0xFF;
            return (!_instruction.TestsCarry || _carry == wanted)
                && (!_instruction.TestsPhase || (Bus.Phase == _instruction.Phase) == wanted)
                && (!_instruction.TestsData || (difference == 0) == wanted);
        }
    }

    private Outcome ExecuteArithmetic()
    {
        bool isSignalTaken;
        lock (_function.Lock)
        {
            if (!IsCurrent)
            {
                return Outcome.Stopped;
            }

            var first = (byte)Registers[LsiRegister.FirstByteReceived];
            var isFromFirst = _instruction.InputOutput == LsiInputOutput.FromFirstByte;
            var operand = _instruction.UsesFirstByte ? first : _instruction.Immediate;

            // MOVE of an immediate byte does not read the register, which for some has effects.
            var value = isFromFirst || _instruction.Operator == LsiOperator.Move ? first : ReadRegister(_instruction.Register);
            var result = Calculate(_instruction.Operator, value, operand);
            if (_instruction.InputOutput == LsiInputOutput.ToFirstByte)
            {
                Registers[LsiRegister.FirstByteReceived] = result;
            }
            else
            {
                WriteRegister(_instruction.Register, result);
            }

            isSignalTaken = _function.TakeSignal();
        }

        if (isSignalTaken)
        {
            FenceSignal();
        }

        return Outcome.Done;
    }

    private byte Calculate(LsiOperator operation, byte value, byte operand)
    {
        switch (operation)
        {
            case LsiOperator.Move:
                return operand;
            case LsiOperator.ShiftLeft:
                var left = (value << 1) | (_carry ? 1 : 0);
                _carry = (value & 0x80) != 0;
                return (byte)left;
            case LsiOperator.Or:
                return (byte)(value | operand);
            case LsiOperator.Xor:
                return (byte)(value ^ operand);
            case LsiOperator.And:
                return (byte)(value & operand);
            case LsiOperator.ShiftRight:
                var right = (value >> 1) | (_carry ? 0x80 : 0);
                _carry = (value & 1) != 0;
                return (byte)right;
            default:
                var sum = value + operand + (operation == LsiOperator.AddWithCarry && _carry ? 1 : 0);
                _carry = sum > 0xFF;
                return (byte)sum;
        }
    }

    // Under the lock. Of SFBR the processor's window is read-only, and SCRIPTS' own accesses are not.
    private byte ReadRegister(int offset)
    {
        Registers.Read((ulong)offset, 1, out var value);
        return (byte)value;
    }

    private void WriteRegister(int offset, byte value)
    {
        if (offset == (int)LsiRegister.FirstByteReceived)
        {
            Registers[LsiRegister.FirstByteReceived] = value;
        }
        else
        {
            Registers.Write((ulong)offset, 1, value);
        }
    }
}
