namespace Emulator.Devices;

// The data phases, and what sixteen bits of data make of an odd number of bytes (technical manual, 2.2.15).
internal sealed partial class LsiScripts
{
    private bool ReceiveData()
    {
        if (TakeResidue(LsiScsiControl2.WideReceive, LsiRegister.WideResidue) is { } residue)
        {
            var address = _data;
            Progress(1);
            return _memory.Write(address, [residue]);
        }

        var data = Bus.Data[..(int)Math.Min(_left, (uint)Math.Min(Bus.Data.Length, MostAtOnce))];
        if (!_memory.Write(_data, data))
        {
            return false;
        }

        Received(data[0], data[^1]);
        _budget -= data.Length / PieceOfTurn;
        Progress(data.Length);
        CheckParity(data.Length);
        Bus.Advance(data.Length);
        return true;
    }

    private bool SendData()
    {
        if (TakeResidue(LsiScsiControl2.WideSend, LsiRegister.OutputDataLatch) is { } residue)
        {
            Bus.Data[0] = residue;
            Bus.Advance(1);
            return true;
        }

        var data = Bus.Data[..(int)Math.Min(_left, (uint)Math.Min(Bus.Data.Length, MostAtOnce))];
        if (!_memory.Read(_data, data))
        {
            return false;
        }

        _budget -= data.Length / PieceOfTurn;
        Progress(data.Length);
        if (_left == 0 && _instruction.IsChained && IsWide && Bus.IsOdd == ((data.Length & 1) == 0))
        {
            // Half a word: it waits for the next block move.
            LeaveResidue(LsiScsiControl2.WideSend, LsiRegister.OutputDataLatch, data[^1]);
            data = data[..^1];
        }

        if (!data.IsEmpty)
        {
            Bus.Advance(data.Length);
        }

        return true;
    }

    // At the end of a block move: true unless the other half of the last word is still to come over the bus.
    private bool IsWordComplete()
    {
        if (!Bus.IsOdd || !IsWide)
        {
            return true;
        }

        if (!Bus.IsRequesting)
        {
            return false;
        }

        if (Bus.Phase == _instruction.Phase && _instruction.Phase == LsiPhase.DataOut)
        {
            Bus.Data[0] = 0;
            Bus.Advance(1);
        }
        else if (_instruction.Phase == LsiPhase.DataIn)
        {
            ReceiveOtherHalf();
        }

        Bus.CompleteWord();
        return true;
    }

    // The target's next byte, or nothing in particular behind its last.
    private void ReceiveOtherHalf()
    {
        byte half = 0;
        if (Bus.Phase == LsiPhase.DataIn)
        {
            half = Bus.Data[0];
            CheckParity(1);
            Bus.Advance(1);
        }

        if (_instruction.IsChained)
        {
            LeaveResidue(LsiScsiControl2.WideReceive, LsiRegister.WideResidue, half);
        }
    }

    // The target's last byte was half a word, and there is more in the move: the other half is taken out of it, or gets into memory, and
    // IGNORE WIDE RESIDUE has the driver step back over it.
    private bool WantsPadding => _left > 0 && _instruction.Phase is LsiPhase.DataOut or LsiPhase.DataIn && Bus.IsOdd && IsWide;

    private bool MovePadding()
    {
        var address = _data;
        Progress(1);
        Bus.CompleteWord();
        return _instruction.Phase != LsiPhase.DataIn || _memory.Write(address, [0]);
    }

    private bool IsWide
    {
        get
        {
            lock (_function.Lock)
            {
                return Bus.IsWide && (Registers[LsiRegister.ScsiControl3] & (ulong)LsiScsiControl3.EnableWide) != 0;
            }
        }
    }

    private bool IsResidueEnough
    {
        get
        {
            if (_instruction is not { Phase: LsiPhase.DataIn, IsChained: true })
            {
                return false;
            }

            lock (_function.Lock)
            {
                return (Registers[LsiRegister.ScsiControl2] & (ulong)LsiScsiControl2.WideReceive) != 0;
            }
        }
    }

    // The half word that a chained block move left; one that is not chained has no use for it.
    private byte? TakeResidue(LsiScsiControl2 flag, LsiRegister register)
    {
        lock (_function.Lock)
        {
            if ((Registers[LsiRegister.ScsiControl2] & (ulong)flag) == 0)
            {
                return null;
            }

            Registers[LsiRegister.ScsiControl2] &= ~(ulong)flag;
            return _instruction.IsChained ? (byte)Registers[register] : null;
        }
    }

    private void LeaveResidue(LsiScsiControl2 flag, LsiRegister register, byte value)
    {
        lock (_function.Lock)
        {
            if (IsCurrent)
            {
                Registers[LsiRegister.ScsiControl2] |= (ulong)flag;
                Registers[register] = value;
            }
        }
    }
}
