using System.Buffers.Binary;

namespace Emulator.Devices;

// Block moves: MOVE and CHMOV (technical manual, 5.3).
internal sealed partial class LsiScripts
{
    private const int MostAtOnce = 64 << 10;

    private readonly byte[] _bytes = new byte[16];

    // The block move under way.
    private bool _isMoving;
    private ulong _data;
    private uint _left;

    // For a mismatch: what is above the count, and where both were fetched from.
    private uint _aboveCount;
    private ulong _entry;

    private Outcome ExecuteBlockMove()
    {
        if (_isSelecting)
        {
            return Outcome.Wait;
        }

        if (!_isMoving)
        {
            var outcome = BeginMove();
            if (outcome != Outcome.Done)
            {
                return outcome;
            }
        }

        while (true)
        {
            if (_left == 0 && IsWordComplete())
            {
                _isMoving = false;
                return TakeParityError() is not 0 and var parity ? Interrupt(parity) : Outcome.Done;
            }

            // A single byte that is in SWIDE already needs no target.
            var isResidue = _left == 1 && IsResidueEnough;
            if (!isResidue && !Bus.IsRequesting)
            {
                return Outcome.Wait;
            }

            var isOther = !isResidue && Bus.Phase != _instruction.Phase;
            if (isOther && !WantsPadding)
            {
                _isMoving = false;
                return Mismatch();
            }

            if (!(isOther ? MovePadding() : Move()))
            {
                _isMoving = false;
                return Fault();
            }

            var outcome = EndPiece();
            if (outcome != Outcome.Done)
            {
                return outcome;
            }
        }
    }

    private Outcome BeginMove()
    {
        bool isTarget, is64Direct;
        lock (_function.Lock)
        {
            isTarget = (Registers[LsiRegister.ScsiControl0] & (ulong)LsiScsiControl0.Target) != 0;
            is64Direct = ((LsiChipControl1)Registers[LsiRegister.ChipControl1] & LsiChipControl1.Direct64) != 0;
        }

        if (isTarget)
        {
            return Illegal();
        }

        // The count, with what is above it.
        var count = _instruction.First;
        _entry = _address;
        bool isFetched;
        if (_instruction.IsTable)
        {
            _entry = DataRelative(_instruction.Offset);
            isFetched = LoadEntry(_entry, out count);
        }
        else if (_instruction.IsIndirect)
        {
            isFetched = LoadAddress();
        }
        else
        {
            isFetched = TakeAddress(is64Direct);
        }

        if (!isFetched)
        {
            return Fault();
        }

        (_left, _aboveCount) = (count & 0xFFFFFF, count & 0xFF000000);
        lock (_function.Lock)
        {
            if (!IsCurrent)
            {
                return Outcome.Stopped;
            }

            const ulong Chained = (ulong)LsiScsiControl2.Chained;
            Registers[LsiRegister.ScsiControl2] = (Registers[LsiRegister.ScsiControl2] & ~Chained) | (_instruction.IsChained ? Chained : 0);
            Registers[LsiRegister.ScsiByteCount] = 0;
            ShowProgress(0);
        }

        if (_left == 0)
        {
            return Illegal();
        }

        Bus.Acknowledge();
        if (_instruction.Phase == LsiPhase.MessageOut && Bus is { IsFresh: true, IsRequesting: true, Phase: LsiPhase.Command })
        {
            // SeaBIOS selects without ATN and sends IDENTIFY; QEMU's targets take it.
            Bus.TakeMessageWithoutAttention();
        }

        _isMoving = true;
        return Outcome.Done;
    }

    // The count and the address of a table's entry.
    private bool LoadEntry(ulong address, out uint count)
    {
        Span<byte> entry = stackalloc byte[8];
        var isRead = _memory.Read(address, entry);
        count = BinaryPrimitives.ReadUInt32LittleEndian(entry);
        lock (_function.Lock)
        {
            var control = (LsiChipControl1)Registers[LsiRegister.ChipControl1];
            var upper = (control & (LsiChipControl1.Table64 | LsiChipControl1.TableMode40)) switch
            {
                LsiChipControl1.Table64 => Selected((int)(count >> 24) & 0x1F),
                LsiChipControl1.Table64 | LsiChipControl1.TableMode40 => count >> 24,
                _ => Registers[LsiRegister.StaticBlockMoveSelector],
            };
            _data = (upper << 32) | BinaryPrimitives.ReadUInt32LittleEndian(entry[4..]);
        }

        return isRead;
    }

    // The upper dword that an entry names by number (CCNTL1, 64TIMOD); 0 for a number that names none.
    private ulong Selected(int index) => index < 16
        ? Registers[LsiRegisters.Scratch(index)]
        : index < 22 ? Registers[LsiRegister.MemoryReadSelector + (ushort)((index - 16) * 4)] : 0;

    private bool LoadAddress()
    {
        ulong address, upper;
        lock (_function.Lock)
        {
            address = (Registers[LsiRegister.ScriptFetchSelector] << 32) | _instruction.Second;
            upper = Registers[LsiRegister.StaticBlockMoveSelector];
        }

        Span<byte> dword = stackalloc byte[4];
        var isRead = _memory.Read(address, dword);
        _data = (upper << 32) | BinaryPrimitives.ReadUInt32LittleEndian(dword);
        return isRead;
    }

    private bool TakeAddress(bool is64Bit)
    {
        uint more = 0;
        var isFetched = !is64Bit || FetchMore(out more);
        lock (_function.Lock)
        {
            if (is64Bit)
            {
                Registers[LsiRegister.DynamicBlockMoveSelector] = more;
            }

            var upper = is64Bit ? more : Registers[LsiRegister.StaticBlockMoveSelector];
            _data = (upper << 32) | _instruction.Second;
        }

        return isFetched;
    }

    // Some bytes, with the target asking for what the instruction moves. False if the bus has a fault.
    private bool Move() => _instruction.Phase switch
    {
        LsiPhase.DataIn => ReceiveData(),
        LsiPhase.DataOut => SendData(),
        LsiPhase.Command => SendCommand(),
        LsiPhase.Status => ReceiveStatus(),
        LsiPhase.MessageIn => ReceiveMessage(),
        _ => SendMessage(),
    };

    private bool SendCommand()
    {
        var bytes = _bytes.AsSpan(0, (int)Math.Min(_left, (uint)_bytes.Length));
        if (!_memory.Read(_data, bytes))
        {
            return false;
        }

        Progress(Bus.GiveCommand(bytes));
        return true;
    }

    private bool ReceiveStatus()
    {
        var address = _data;
        var status = Bus.TakeStatus();
        Received(status, status);
        Progress(1);
        CheckParity(1);
        return _memory.WriteStatus(address, status);
    }

    // All bytes but the last are acknowledged here.
    private bool ReceiveMessage()
    {
        var address = _data;
        var value = Bus.TakeMessage();
        Received(value, value);
        Progress(1);
        CheckParity(1);
        var isWritten = _memory.Write(address, [value]);
        if (_left > 0)
        {
            Bus.Acknowledge();
        }

        return isWritten;
    }

    private bool SendMessage()
    {
        Span<byte> value = stackalloc byte[1];
        if (!_memory.Read(_data, value))
        {
            return false;
        }

        Progress(1);
        Bus.GiveMessage(value[0], isLast: _left == 0);
        return true;
    }

    // SFBR and SIDL. Only the first byte of a block move gets into the first.
    private void Received(byte first, byte last)
    {
        lock (_function.Lock)
        {
            if (IsCurrent)
            {
                if (Registers[LsiRegister.ScsiByteCount] == 0)
                {
                    Registers[LsiRegister.FirstByteReceived] = first;
                }

                Registers[LsiRegister.InputDataLatch] = last;
            }
        }
    }

    private void Progress(int moved)
    {
        _left -= (uint)moved;
        _data += (ulong)moved;
        _patience = Patience;
        _hasShakenHands = true;
        lock (_function.Lock)
        {
            if (IsCurrent)
            {
                ShowProgress(moved);
            }
        }
    }

    // Under the lock.
    private void ShowProgress(int moved)
    {
        Registers[LsiRegister.ByteCounter] = (Registers[LsiRegister.ByteCounter] & 0xFF000000) | _left;
        Registers[LsiRegister.NextAddress] = _data;
        Registers[LsiRegister.NextAddressUpper] = _data >> 32;
        Registers[LsiRegister.ScsiByteCount] += (ulong)moved;
        if (_instruction.Phase is LsiPhase.DataIn or LsiPhase.DataOut)
        {
            Registers[LsiRegister.CumulativeByteCount] += (ulong)moved;
        }
    }

    // Another phase than the instruction's: a jump, with all that is needed to go on later, or an interrupt.
    private Outcome Mismatch()
    {
        var causes = TakeParityError();
        lock (_function.Lock)
        {
            if (!IsCurrent)
            {
                return Outcome.Stopped;
            }

            Registers[LsiRegister.RemainingByteCount] = _aboveCount | _left;
            Registers[LsiRegister.UpdatedAddress] = _data;
            Registers[LsiRegister.EntryStorageAddress] = _entry;
            Registers[LsiRegister.InstructionAddress] = _address;
            var control = (LsiChipControl0)Registers[LsiRegister.ChipControl0];
            var isData = _instruction.Phase is LsiPhase.DataIn or LsiPhase.DataOut;
            if ((control & LsiChipControl0.EnableJump) != 0 && (isData || (control & LsiChipControl0.EnableNonDataJump) != 0))
            {
                var isSecond = (control & LsiChipControl0.JumpByDirection) != 0
                    ? ((int)_instruction.Phase & 1) != 0
                    : (Registers[LsiRegister.ScsiControl2] & (ulong)LsiScsiControl2.WideReceive) != 0;
                Jump((uint)Registers[isSecond ? LsiRegister.PhaseMismatchJump2 : LsiRegister.PhaseMismatchJump1]);
                if (causes == 0)
                {
                    return Outcome.Done;
                }
            }
            else
            {
                causes |= LsiInterrupts.Of(LsiScsiCause.PhaseMismatch);
            }
        }

        return Interrupt(causes);
    }
}
