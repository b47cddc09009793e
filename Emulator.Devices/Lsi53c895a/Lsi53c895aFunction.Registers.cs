namespace Emulator.Devices;

// What registers do beyond their table.
public sealed partial class Lsi53c895aFunction
{
    /// <inheritdoc/>
    ulong IRegisterBehaviour<LsiRegister>.ReadRegister(LsiRegister register, ulong value, ulong lanes) => register switch
    {
        LsiRegister.ScsiControl1 => value | (IsConnected ? (ulong)LsiScsiControl1.Connected : 0),
        LsiRegister.GeneralPurpose => Pins(value),
        LsiRegister.OutputControlLatch => value | ((ulong)Lines & (ulong)(LsiControlLines.Attention | LsiControlLines.Acknowledge)),
        LsiRegister.BusControlLines => (byte)Lines,
        LsiRegister.ScsiStatus1 => (ulong)Lines & (ulong)LsiControlLines.Phase,
        LsiRegister.BusDataLines => (byte)(Lines >> 8),
        LsiRegister.DmaStatus => (ulong)(_interrupts.TakeDma() | LsiDmaStatus.FifoEmpty),
        LsiRegister.InterruptStatus0 => value | (ulong)_interrupts.Pending | (IsConnected ? (ulong)LsiInterruptStatus0.Connected : 0),
        LsiRegister.InterruptStatus1 => value | (_isRunning ? (ulong)LsiInterruptStatus1.ScriptsRunning : 0),
        LsiRegister.ChipTest2 => TakeSignalProcess(value),
        LsiRegister.DmaFifo => Registers[LsiRegister.ByteCounter] & 0xFF,
        LsiRegister.ChipTest5 => value | ((Registers[LsiRegister.ByteCounter] >> 8) & 3),
        LsiRegister.ScratchA when ShowsConfiguration => _memoryBar.Programmed,
        LsiRegister.ScratchB when ShowsConfiguration => _ramBar.Programmed,
        LsiRegister.ScsiInterruptStatus0 => (ulong)_interrupts.TakeScsi((LsiScsiCause)0xFF),
        LsiRegister.ScsiInterruptStatus1 => (ulong)_interrupts.TakeScsi((LsiScsiCause)0xFF00) >> 8,
        _ => value,
    };

    /// <inheritdoc/>
    void IRegisterBehaviour<LsiRegister>.WriteRegister(LsiRegister register, ulong written, ulong lanes)
    {
        switch (register)
        {
            case LsiRegister.ScsiControl1:
                FollowResetLine();
                break;
            case LsiRegister.InterruptStatus0:
                Obey((LsiInterruptStatus0)written);
                break;
            case LsiRegister.ScriptsPointer when lanes >> 24 != 0 && ((LsiDmaMode)Registers[LsiRegister.DmaMode] & LsiDmaMode.ManualStart) == 0:
                Start();
                break;
            case LsiRegister.DmaControl:
                UpdateMasks();
                if (((LsiDmaControl)written & LsiDmaControl.Start) != 0)
                {
                    Start();
                }

                break;
            case LsiRegister.InterruptStatus1 or LsiRegister.DmaInterruptEnable or LsiRegister.ScsiInterruptEnable0 or LsiRegister.ScsiInterruptEnable1:
                UpdateMasks();
                PostScripts();
                break;
            case LsiRegister.ScsiTimer0:
                PostScripts();
                break;
            case LsiRegister.ScsiTimer1:
                SetGeneralTimer((byte)written);
                break;
            default:
                break;
        }
    }

    // While it is being reset nobody drives the bus, whatever the I/O thread has shown last.
    private int Lines => _isBusReset || IsResetAsserted ? 0 : _lines;

    private bool IsConnected => ((LsiControlLines)Lines & LsiControlLines.Busy) != 0;

    private bool IsResetAsserted => (Registers[LsiRegister.ScsiControl1] & (ulong)LsiScsiControl1.AssertReset) != 0;

    private bool ShowsConfiguration => (Registers[LsiRegister.ChipTest2] & (ulong)LsiChipTest2.ConfigurationInfo) != 0;

    // Nothing is connected to the pins: an input is pulled up, and no EEPROM answers.
    private ulong Pins(ulong latch) => (latch | Registers[LsiRegister.GeneralPurposeControl]) & 0x1F;

    private ulong TakeSignalProcess(ulong value)
    {
        var status = (LsiInterruptStatus0)Registers[LsiRegister.InterruptStatus0];
        var test = LsiChipTest2.DataAcknowledge
            | (_memoryBar.Address is null ? 0 : LsiChipTest2.ConfiguredMemory)
            | (_ioBar.Address is null ? 0 : LsiChipTest2.ConfiguredIo);
        if ((status & LsiInterruptStatus0.SignalProcess) != 0)
        {
            Registers[LsiRegister.InterruptStatus0] = (ulong)(status & ~LsiInterruptStatus0.SignalProcess);
            _isSignalTaken = true;
            test |= LsiChipTest2.SignalProcess;
        }

        return value | (ulong)test;
    }

    private void Obey(LsiInterruptStatus0 written)
    {
        if ((written & LsiInterruptStatus0.OnTheFly) != 0)
        {
            _interrupts.ClearOnTheFly();
        }

        if ((written & LsiInterruptStatus0.SoftwareReset) != 0)
        {
            _isResetWritten = true;
        }
        else if ((written & LsiInterruptStatus0.Abort) != 0)
        {
            Ask(LsiRequests.Abort);
        }
        else if ((written & LsiInterruptStatus0.SignalProcess) != 0)
        {
            PostScripts();
        }
    }

    // SCNTL1.RST: the edge resets. SSTAT0 shows the line, and remembers it.
    private void FollowResetLine()
    {
        const ulong WasAsserted = (ulong)LsiScsiStatus0.Reset;
        var was = (Registers[LsiRegister.ScsiStatus0] & WasAsserted) != 0;
        if (IsResetAsserted == was)
        {
            return;
        }

        Registers[LsiRegister.ScsiStatus0] ^= WasAsserted;
        if (!was)
        {
            // The driver may look for the cause, and start SCRIPTS, before the I/O thread has reset the units.
            Epoch++;
            (_isRunning, _isBusReset) = (false, true);
            Ask(LsiRequests.ResetBus);
            _interrupts.Raise(_interrupts.Accept(LsiInterrupts.Of(LsiScsiCause.Reset)), isFenced: true);
        }
    }

    private void SetGeneralTimer(byte written)
    {
        var period = LsiTimer.Period(written & 0xF, ((LsiScsiTimer1)written & LsiScsiTimer1.GeneralScale) != 0);
        if (period == 0)
        {
            GeneralTimer.Cancel();
        }
        else
        {
            GeneralTimer.Arm(period);
        }
    }

    private void UpdateMasks()
    {
        var isPinOn = (Registers[LsiRegister.InterruptStatus1] & (ulong)LsiInterruptStatus1.InterruptDisable) == 0
            && (Registers[LsiRegister.DmaControl] & (ulong)LsiDmaControl.InterruptDisable) == 0;
        var scsi = (LsiScsiCause)(Registers[LsiRegister.ScsiInterruptEnable0] | (Registers[LsiRegister.ScsiInterruptEnable1] << 8));
        _interrupts.Enable((byte)Registers[LsiRegister.DmaInterruptEnable], scsi, isPinOn);
    }
}
