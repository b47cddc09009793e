namespace Emulator.Devices;

/// <summary>What registers ask of the I/O thread, beside running SCRIPTS.</summary>
[Flags]
internal enum LsiRequests
{
    /// <summary>Give up every command: the chip was reset.</summary>
    Purge = 1 << 0,

    /// <summary>Reset the SCSI bus.</summary>
    ResetBus = 1 << 1,

    /// <summary>Say that SCRIPTS were aborted.</summary>
    Abort = 1 << 2,
}

// What the SCRIPTS processor and the registers tell each other.
public sealed partial class Lsi53c895aFunction
{
    // All under the lock.
    private LsiRequests _requests;
    private bool _isRunning;
    private bool _isSignalTaken;
    private bool _isResetWritten;
    private bool _isBusReset;
    private int _resets;

    // SBCL and SBDL; written by the I/O thread.
    private volatile int _lines;

    /// <summary>Counts starts and stops that are not the SCRIPTS' own: an instruction of an old one changes nothing any more. Under the lock.</summary>
    internal int Epoch { get; private set; }

    /// <summary>SRUN. Under the lock.</summary>
    internal bool IsRunning => _isRunning;

    /// <summary>True while the chip is reset, by SRST or the machine: nothing that is raised counts. Under the lock.</summary>
    internal bool IsResetting => _resets > 0;

    /// <summary>The interrupts.</summary>
    internal LsiInterrupts Interrupts => _interrupts;

    /// <summary>Has the I/O thread look. Any thread.</summary>
    internal void PostScripts() => Queue.Post(_scripts);

    /// <summary>What the I/O thread is asked for. Under the lock.</summary>
    internal LsiRequests TakeRequests()
    {
        var requests = _requests;
        _requests = 0;
        return requests;
    }

    /// <summary>Stops SCRIPTS, which have come to an interrupt. Under the lock.</summary>
    internal void StopScripts() => _isRunning = false;

    /// <summary>Shows what the SCSI bus is like. On the I/O thread.</summary>
    internal void Show(int lines) => _lines = lines;

    /// <summary>The units have been reset, and the bus is free. On the I/O thread.</summary>
    internal void BusIsReset()
    {
        lock (Lock)
        {
            (_lines, _isBusReset) = (0, false);
        }
    }

    /// <summary>Acts on a reset that SCRIPTS have written. On the I/O thread, without the lock.</summary>
    internal void ActOnOwnReset()
    {
        if (!_isResetWritten)
        {
            return;   // By another thread it acts on it itself.
        }

        bool isReset;
        lock (Lock)
        {
            isReset = TakeReset();
        }

        if (isReset)
        {
            ResetChip();
        }
    }

    /// <summary>True, once, if a read of CTEST2 has taken SIGP. Under the lock.</summary>
    internal bool TakeSignal()
    {
        var isTaken = _isSignalTaken;
        _isSignalTaken = false;
        return isTaken;
    }

    /// <summary>A target is connected. On the I/O thread.</summary>
    internal void Connected()
    {
        lock (Lock)
        {
            Registers[LsiRegister.ScsiControl2] |= (ulong)LsiScsiControl2.DisconnectUnexpected;
            Registers[LsiRegister.ScsiStatus2] &= ~(ulong)LsiScsiStatus2.LastDisconnect;
        }
    }

    /// <summary>The bus is free. On the I/O thread.</summary>
    /// <param name="isLegal">True behind DISCONNECT and COMMAND COMPLETE.</param>
    internal void Disconnected(bool isLegal)
    {
        bool isUnexpected;
        lock (Lock)
        {
            isUnexpected = !isLegal && (Registers[LsiRegister.ScsiControl2] & (ulong)LsiScsiControl2.DisconnectUnexpected) != 0;
            Registers[LsiRegister.ScsiStatus2] |= (ulong)LsiScsiStatus2.LastDisconnect;
        }

        if (isUnexpected)
        {
            _scripts.Raise(LsiInterrupts.Of(LsiScsiCause.UnexpectedDisconnect));
        }
    }

    // Under the lock.
    private void Start()
    {
        if (_resets == 0)
        {
            Epoch++;
            _isRunning = true;
            PostScripts();
        }
    }

    // Under the lock.
    private void Ask(LsiRequests request)
    {
        _requests |= request;
        PostScripts();
    }

    // Under the lock.
    private bool TakeReset()
    {
        var isReset = _isResetWritten;
        _isResetWritten = false;
        return isReset;
    }

    // ISTAT0.SRST: what runs notices the new epoch and ends, the I/O thread gives up the commands of the targets before it does anything
    // else, and only then the registers go back: nobody shows what the bus was like in them afterwards. The units' own work goes on, so
    // nothing of the queue is dropped, and a reset of the bus that was asked for is still one. On the I/O thread itself, whose SCRIPTS have
    // reset themselves, giving up comes next.
    private void ResetChip()
    {
        lock (Lock)
        {
            _resets++;
            Epoch++;
            _isRunning = false;
            _requests &= ~LsiRequests.Abort;
            Ask(LsiRequests.Purge);
        }

        Queue.Drain();
        lock (Lock)
        {
            ClearChip();
            _requests &= ~LsiRequests.Abort;
            _resets--;
        }
    }

    // Under the lock.
    private void ClearChip()
    {
        Epoch++;
        (_isRunning, _isSignalTaken, _isResetWritten, _isBusReset, _lines) = (false, false, false, false, 0);
        Registers.Reset();
        _interrupts.Reset();
        UpdateMasks();
        GeneralTimer.Cancel();
        BusTimer.Cancel();
        PauseTimer.Cancel();
    }
}
