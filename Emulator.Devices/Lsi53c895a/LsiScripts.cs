namespace Emulator.Devices;

/// <summary>The SCRIPTS processor: fetches instructions and executes them, on the I/O thread (technical manual, chapter 5).</summary>
/// <remarks>
/// <para>An instruction that has to wait, for a phase, a reselection, a disconnect, stays in <c>_instruction</c>; whatever may let it go on
/// posts this work, which then tries again. Between instructions, and before one changes a register, it looks whether it is still wanted:
/// a start, a stop or a reset from outside makes a new epoch.</para>
/// <para>SCRIPTS may run for ever. So much at a time, then other work has its turn; and SCRIPTS that for a long time do nothing on the SCSI
/// bus but look at memory and registers are given pauses, so that they do not take a host processor for themselves.</para>
/// </remarks>
internal sealed partial class LsiScripts : IoWork
{
    // Of a turn: instructions, and pieces of 4 KiB that are moved.
    private const int Turn = 200;
    private const int PieceOfTurn = 4096;

    // Instructions with nothing done before the first pause, and between two.
    private const int Patience = 5000;
    private const int LittlePatience = 100;
    private const long Pause = 500_000;

    private readonly Lsi53c895aFunction _function;
    private readonly LsiMemory _memory;

    // The instruction under way, its address, and where the next one is.
    private LsiInstruction _instruction;
    private ulong _address;
    private uint _next;
    private bool _isWaiting;

    private int _epoch;
    private int _budget;
    private int _patience = Patience;
    private bool _isPausing;
    private bool _carry;

    /// <summary>A processor that does not run.</summary>
    /// <param name="function">The chip.</param>
    public LsiScripts(Lsi53c895aFunction function)
    {
        _function = function;
        _memory = new LsiMemory(function);
        Bus = new LsiBus(function);
    }

    private enum Outcome
    {
        /// <summary>The instruction is over.</summary>
        Done,

        /// <summary>It has to wait for something that posts this work.</summary>
        Wait,

        /// <summary>It has to be gone on with, once others have had their turn.</summary>
        Yield,

        /// <summary>SCRIPTS have stopped, or are others.</summary>
        Stopped,
    }

    /// <summary>The SCSI bus.</summary>
    public LsiBus Bus { get; }

    private RegisterFile<LsiRegister> Registers => _function.Registers;

    // No data sheet has it; QEMU's chip takes a dword of zeroes for half an instruction that does nothing, and SeaBIOS counts on it.
    private bool IsEmpty => _instruction.First == 0;

    // Under the lock.
    private bool IsCurrent => _epoch == _function.Epoch && !_function.Queue.IsStale;

    /// <summary>After the machine's reset, with no work of the queue running.</summary>
    public void PowerOn()
    {
        Clear();
        Bus.PowerOn();
    }

    /// <summary>Raises causes, and stops SCRIPTS if they are to be stopped by them.</summary>
    public void Raise(uint causes)
    {
        _memory.ReleaseStatus();
        lock (_function.Lock)
        {
            if (_function.Queue.IsStale || _function.IsResetting)
            {
                return;
            }

            // The driver reads the bus's lines when it sees why, and starts others at once: both are ready before.
            _function.Show(Bus.Lines);
            if (_epoch == _function.Epoch && _function.Interrupts.Stops(causes))
            {
                _function.StopScripts();
            }

            causes = _function.Interrupts.Accept(causes);
        }

        _function.Interrupts.Raise(causes, isFenced: !_function.Dma.IsDropped(InterruptSites.MaskRecheck));
    }

    /// <inheritdoc/>
    protected internal override void Run()
    {
        _budget = Turn;
        var goesOn = true;
        while (goesOn && _budget > 0)
        {
            goesOn = Serve() && Execute();
            _function.Show(Bus.Lines);
            _function.ActOnOwnReset();
        }

        TimeHandshakes();
        if (goesOn)
        {
            _function.PostScripts();
        }
    }

    // What was asked for from outside; then true if there are SCRIPTS to run.
    private bool Serve()
    {
        LsiRequests requests;
        bool isNew;
        lock (_function.Lock)
        {
            if (_function.Queue.IsStale)
            {
                return false;
            }

            requests = _function.TakeRequests();
            isNew = _function.IsRunning && _epoch != _function.Epoch;
            if (isNew)
            {
                Begin();
            }
        }

        if (isNew)
        {
            // lsi.start-before-script. Pairs with the driver's write barrier before it writes DSP.
            _function.Dma.ReadBarrier(LsiSites.StartBeforeScript);
        }

        if (requests != 0)
        {
            Carry(requests);
        }

        ServeTimers();
        ServeReselection();
        lock (_function.Lock)
        {
            return IsCurrent && _function.IsRunning && !_isPausing;
        }
    }

    // Under the lock.
    private void Begin()
    {
        (_epoch, _isWaiting, _isPausing, _patience) = (_function.Epoch, false, false, Patience);
        EndMoves();
        _function.PauseTimer.Cancel();
    }

    private void Clear()
    {
        (_isWaiting, _isPausing, _carry) = (false, false, false);
        (_isSelecting, _isTiming) = (false, false);
        _memory.Reset();
        EndMoves();
    }

    private void Carry(LsiRequests requests)
    {
        if ((requests & LsiRequests.Purge) != 0)
        {
            Clear();
            Bus.Purge();
        }

        if ((requests & LsiRequests.ResetBus) != 0)
        {
            EndSelection();
            Bus.ResetBus();
            _function.BusIsReset();
        }

        if ((requests & LsiRequests.Abort) != 0)
        {
            _isWaiting = false;
            Raise(LsiInterrupts.Of(LsiDmaStatus.Aborted));
        }
    }

    private void ServeTimers()
    {
        if (_function.GeneralTimer.TakeExpired())
        {
            Raise(LsiInterrupts.Of(LsiScsiCause.GeneralTimer));
        }

        if (_function.PauseTimer.TakeExpired())
        {
            (_isPausing, _patience) = (false, LittlePatience);
        }

        if (_function.BusTimer.TakeExpired())
        {
            if (_isSelecting)
            {
                _isSelecting = false;
                Raise(LsiInterrupts.Of(LsiScsiCause.SelectionTimeout));
            }
            else
            {
                Raise(LsiInterrupts.Of(LsiScsiCause.HandshakeTimer));
            }
        }
    }

    // One instruction, or more of the one that is under way; false if there is no more to do for now.
    private bool Execute()
    {
        if (!_isWaiting && !Fetch())
        {
            return false;
        }

        _budget--;
        var outcome = _instruction.Kind switch
        {
            _ when IsEmpty => Outcome.Done,
            LsiInstructionKind.BlockMove => ExecuteBlockMove(),
            LsiInstructionKind.InputOutput when _instruction.InputOutput < LsiInputOutput.FromFirstByte => ExecuteInputOutput(),
            LsiInstructionKind.InputOutput => ExecuteArithmetic(),
            LsiInstructionKind.TransferControl => ExecuteTransfer(),
            LsiInstructionKind.MemoryMove => ExecuteMemoryMove(),
            _ => ExecuteLoadStore(),
        };
        _isWaiting = outcome is Outcome.Wait or Outcome.Yield;
        if (outcome == Outcome.Wait)
        {
            _patience = Patience;
            return false;
        }

        return outcome switch
        {
            Outcome.Done => EndInstruction(),
            Outcome.Yield => true,
            _ => false,
        };
    }

    private bool EndInstruction()
    {
        bool isStep;
        lock (_function.Lock)
        {
            isStep = IsCurrent && _function.IsRunning && ((LsiDmaControl)Registers[LsiRegister.DmaControl] & LsiDmaControl.SingleStep) != 0;
        }

        if (isStep)
        {
            Raise(LsiInterrupts.Of(LsiDmaStatus.SingleStep));
        }
        else if (--_patience <= 0)
        {
            _isPausing = true;
            _function.PauseTimer.Arm(Pause);
        }

        return true;
    }

    // The first two dwords. DSP is behind them from then on, whatever comes of them.
    private bool Fetch()
    {
        uint pointer;
        lock (_function.Lock)
        {
            pointer = (uint)Registers[LsiRegister.ScriptsPointer] & ~3U;
            _address = (Registers[LsiRegister.ScriptFetchSelector] << 32) | pointer;
        }

        if (!_memory.Fetch(_address, out _instruction))
        {
            Raise(LsiInterrupts.Of(LsiDmaStatus.BusFault));
            return false;
        }

        lock (_function.Lock)
        {
            if (!IsCurrent)
            {
                return false;
            }

            _next = pointer + (IsEmpty ? 4U : 8);
            Registers[LsiRegister.ScriptsPointer] = _next;
            Registers[LsiRegister.ScriptsPointerSave] = _instruction.Second;
            Registers[LsiRegister.ByteCounter] = _instruction.First;
            return true;
        }
    }

    // A third dword of the instruction.
    private bool FetchMore(out uint dword)
    {
        if (!_memory.Fetch(_address + 8, out dword))
        {
            return false;
        }

        lock (_function.Lock)
        {
            if (IsCurrent)
            {
                _next += 4;
                Registers[LsiRegister.ScriptsPointer] = _next;
            }
        }

        return true;
    }

    private void Jump(uint address) => Registers[LsiRegister.ScriptsPointer] = address;

    private Outcome Fault() => Interrupt(LsiInterrupts.Of(LsiDmaStatus.BusFault));

    private Outcome Illegal() => Interrupt(LsiInterrupts.Of(LsiDmaStatus.IllegalInstruction));

    private Outcome Interrupt(uint causes)
    {
        Raise(causes);
        return Outcome.Stopped;
    }
}
