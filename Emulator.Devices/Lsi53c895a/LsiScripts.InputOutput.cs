namespace Emulator.Devices;

// SELECT, WAIT DISCONNECT, WAIT RESELECT, SET and CLEAR (technical manual, 5.4), and reselections.
internal sealed partial class LsiScripts
{
    // A selection that nobody answers, until it times out.
    private bool _isSelecting;

    // The handshake timer runs, or has run out since the last handshake; and there was one since it was started.
    private bool _isTiming;
    private bool _hasShakenHands;

    private Outcome ExecuteInputOutput()
    {
        if (_isSelecting && _instruction.InputOutput <= LsiInputOutput.WaitReselect)
        {
            return Outcome.Wait;
        }

        switch (_instruction.InputOutput)
        {
            case LsiInputOutput.Select:
                Bus.Acknowledge();
                return Select();
            case LsiInputOutput.WaitDisconnect:
                Bus.Acknowledge();
                return Bus.IsConnected ? Outcome.Wait : Outcome.Done;
            case LsiInputOutput.WaitReselect:
                Bus.Acknowledge();
                return WaitReselect();
            case LsiInputOutput.Set:
                return Set();
            default:
                return ClearLines();
        }
    }

    private uint Alternate => _instruction.IsAlternateRelative ? _next + (uint)_instruction.Offset : _instruction.Second;

    private Outcome Select()
    {
        var destination = _instruction.Destination;
        if (_instruction.IsSelectionTable && !LoadSelection(out destination))
        {
            return Fault();
        }

        var isLost = Bus.IsConnected || TryReselect();
        lock (_function.Lock)
        {
            if (!IsCurrent)
            {
                return Outcome.Stopped;
            }

            Registers[LsiRegister.NextAddress] = Alternate;
            Registers[LsiRegister.ScsiDestinationId] = (ulong)destination;
            if (isLost)
            {
                Jump(Alternate);
                return Outcome.Done;
            }

            Registers[LsiRegister.ScsiStatus0] |= (ulong)LsiScsiStatus0.WonArbitration;
            Registers[LsiRegister.ScsiControl1] &= ~(ulong)LsiScsiControl1.ImmediateArbitration;
        }

        _patience = Patience;
        if (_function.ScsiBus.HasTarget(destination))
        {
            Bus.Select(destination, _instruction.WithAttention);
        }
        else
        {
            BeginTimeout();
        }

        return Outcome.Done;
    }

    // SCNTL3, ID, SXFER: in the table from its fourth byte down.
    private bool LoadSelection(out int destination)
    {
        Span<byte> entry = stackalloc byte[4];
        var isRead = _memory.Read(DataRelative(_instruction.SelectionOffset), entry);
        destination = entry[2] & 0xF;
        if (isRead)
        {
            lock (_function.Lock)
            {
                if (IsCurrent)
                {
                    Registers[LsiRegister.ScsiControl3] = entry[3];
                    Registers[LsiRegister.ScsiTransfer] = entry[1];
                }
            }
        }

        return isRead;
    }

    // What is relative to DSA.
    private ulong DataRelative(int offset)
    {
        lock (_function.Lock)
        {
            return (Registers[LsiRegister.DataRelativeSelector] << 32) | (uint)(Registers[LsiRegister.DataStructureAddress] + (ulong)(long)offset);
        }
    }

    // With the timer off the real chip waits for ever; here, as in QEMU, nobody answers at once, and SeaBIOS counts on it.
    private void BeginTimeout()
    {
        _isSelecting = true;
        int code;
        lock (_function.Lock)
        {
            code = (int)Registers[LsiRegister.ScsiTimer0] & 0xF;
        }

        _function.BusTimer.Arm(LsiTimer.Period(code, false));
    }

    private void EndSelection()
    {
        if (_isSelecting)
        {
            _isSelecting = false;
            _function.BusTimer.Cancel();
        }
    }

    private Outcome WaitReselect()
    {
        bool isSignalled;
        lock (_function.Lock)
        {
            if (!IsCurrent)
            {
                return Outcome.Stopped;
            }

            Registers[LsiRegister.NextAddress] = Alternate;
            isSignalled = !Bus.IsConnected && ((LsiInterruptStatus0)Registers[LsiRegister.InterruptStatus0] & LsiInterruptStatus0.SignalProcess) != 0;
            if (isSignalled)
            {
                Jump(Alternate);
            }
        }

        if (isSignalled)
        {
            FenceSignal();
            return Outcome.Done;
        }

        return Bus.IsConnected || TryReselect() ? Outcome.Done : Outcome.Wait;
    }

    // lsi.sigp-before-queue: behind a look at SIGP. Pairs with the driver's write barrier between the queue and SIGP.
    private void FenceSignal() => _function.Dma.FullBarrier(LsiSites.SigpBeforeQueue);

    // A reselection, if a target wants one and the chip answers.
    private bool TryReselect()
    {
        if (!Bus.WantsReselection)
        {
            return false;
        }

        lock (_function.Lock)
        {
            if (!IsAnswering)
            {
                return false;
            }
        }

        Bus.Reselect();
        lock (_function.Lock)
        {
            const int Valid = 0x80;
            Registers[LsiRegister.SelectorId] = (ulong)(Valid | Bus.Target);
            if (((LsiDmaControl)Registers[LsiRegister.DmaControl] & LsiDmaControl.Compatibility) == 0)
            {
                Registers[LsiRegister.FirstByteReceived] = 1UL << (Bus.Target & 7);
            }
        }

        _patience = Patience;
        return true;
    }

    private bool IsAnswering => (Registers[LsiRegister.ScsiChipId] & (ulong)LsiChipId.EnableReselection) != 0;

    // Where SIST0.RSL interrupts, a target does not wait for an instruction; only for the driver to have done with what is pending.
    private void ServeReselection()
    {
        if (_isSelecting || !Bus.WantsReselection)
        {
            return;
        }

        lock (_function.Lock)
        {
            const LsiInterruptStatus0 Pending = LsiInterruptStatus0.ScsiPending | LsiInterruptStatus0.DmaPending;
            if ((_function.Interrupts.Enabled & LsiScsiCause.Reselected) == 0 || (_function.Interrupts.Pending & Pending) != 0)
            {
                return;
            }
        }

        if (TryReselect())
        {
            Raise(LsiInterrupts.Of(LsiScsiCause.Reselected));
        }
    }

    private Outcome Set()
    {
        if (_instruction.IsAttention)
        {
            Bus.SetAttention();
        }

        return SetRest(true);
    }

    private Outcome ClearLines()
    {
        if (_instruction.IsAttention)
        {
            Bus.ClearAttention();
        }

        if (_instruction.IsAcknowledge)
        {
            Bus.Acknowledge();
        }

        return SetRest(false);
    }

    private Outcome SetRest(bool value)
    {
        if (_instruction.IsCarry)
        {
            _carry = value;
        }

        lock (_function.Lock)
        {
            if (!IsCurrent || !_function.IsRunning)
            {
                return Outcome.Stopped;
            }

            if (_instruction.IsTarget)
            {
                SetBits(LsiRegister.ScsiControl0, (ulong)LsiScsiControl0.Target, value);
            }

            if (_instruction.IsAcknowledge)
            {
                SetBits(LsiRegister.OutputControlLatch, (ulong)LsiControlLines.Acknowledge, value);
            }

            return Outcome.Done;
        }
    }

    // Under the lock.
    private void SetBits(LsiRegister register, ulong bits, bool value) =>
        Registers[register] = (Registers[register] & ~bits) | (value ? bits : 0);

    // HTH: from each handshake to the next, whether or not SCRIPTS run meanwhile.
    private void TimeHandshakes()
    {
        if (_isSelecting)
        {
            return;
        }

        long period = 0;
        if (Bus.IsConnected)
        {
            lock (_function.Lock)
            {
                var isScaled = ((LsiScsiTimer1)Registers[LsiRegister.ScsiTimer1] & LsiScsiTimer1.HandshakeScale) != 0;
                period = LsiTimer.Period((int)Registers[LsiRegister.ScsiTimer0] >> 4, isScaled);
            }
        }

        if (period == 0 && _isTiming)
        {
            _function.BusTimer.Cancel();
        }
        else if (period != 0 && (!_isTiming || _hasShakenHands))
        {
            _function.BusTimer.Arm(period);
        }

        (_isTiming, _hasShakenHands) = (period != 0, false);
    }
}
