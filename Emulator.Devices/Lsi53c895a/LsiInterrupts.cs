using Emulator.Pci;

namespace Emulator.Devices;

/// <summary>DSTAT, SIST0, SIST1 and INTF, what is stacked behind them, and the pin (technical manual, 2.2.16).</summary>
/// <remarks>
/// A cause is a bit of <see cref="InterruptCause"/>: DSTAT from bit 0, SIST0 and SIST1 from bit 8, INTF is bit 24. The I/O thread
/// asks under the device's lock which causes may be seen (<see cref="Accept"/>) and sets them without it, as
/// <see cref="InterruptCause"/> wants. What a register access raises, or lets up from the second level, is set under the lock.
/// </remarks>
/// <param name="pin">What it drives.</param>
internal sealed class LsiInterrupts(InterruptLine pin)
{
    private const uint Dma = 0x7F;
    private const int ScsiShift = 8;
    private const uint OnTheFlyBit = 1U << 24;

    private readonly InterruptCause _causes = new(pin);

    // Under the device's lock.
    private uint _stacked;
    private uint _enabled;

    /// <summary>A cause of DSTAT.</summary>
    public static uint Of(LsiDmaStatus status) => (uint)status & Dma;

    /// <summary>A cause of SIST0 or SIST1.</summary>
    public static uint Of(LsiScsiCause cause) => (uint)cause << ScsiShift;

    /// <summary>INTF.</summary>
    public static uint OnTheFly => OnTheFlyBit;

    /// <summary>DSTAT.</summary>
    public LsiDmaStatus DmaStatus => (LsiDmaStatus)(_causes.Cause & Dma);

    /// <summary>SIST0 and SIST1.</summary>
    public LsiScsiCause ScsiStatus => (LsiScsiCause)(ushort)(_causes.Cause >> ScsiShift);

    /// <summary>DIP, SIP and INTF of ISTAT0. Under the device's lock.</summary>
    public LsiInterruptStatus0 Pending =>
        ((_causes.Cause & Dma) != 0 ? LsiInterruptStatus0.DmaPending : 0)
        | ((ScsiStatus & (~LsiScsiCause.NonFatal | Enabled)) != 0 ? LsiInterruptStatus0.ScsiPending : 0)
        | ((_causes.Cause & OnTheFlyBit) != 0 ? LsiInterruptStatus0.OnTheFly : 0);

    /// <summary>SIEN0 and SIEN1, as they were set last.</summary>
    public LsiScsiCause Enabled => (LsiScsiCause)(ushort)(_enabled >> ScsiShift);

    private bool IsPending => (Pending & ~LsiInterruptStatus0.OnTheFly) != 0;

    /// <summary>True if a cause stops SCRIPTS: all of DSTAT's, and of the others those that are fatal or enabled. Under the device's lock.</summary>
    public bool Stops(uint causes) =>
        (causes & Dma) != 0 || ((LsiScsiCause)(ushort)(causes >> ScsiShift) & (~LsiScsiCause.NonFatal | Enabled)) != 0;

    /// <summary>Which of the causes are to be raised now; the others wait behind what is pending. Under the device's lock.</summary>
    public uint Accept(uint causes)
    {
        if (!IsPending)
        {
            return causes;
        }

        _stacked |= causes & ~OnTheFlyBit;
        return causes & OnTheFlyBit;
    }

    /// <summary>Raises what <see cref="Accept"/> let through.</summary>
    /// <param name="causes">Which; none does nothing.</param>
    /// <param name="isFenced">False to break it on purpose, on the I/O thread and without the device's lock.</param>
    public void Raise(uint causes, bool isFenced)
    {
        if (causes == 0)
        {
            return;
        }

        if (isFenced)
        {
            _causes.Raise(causes);
        }
        else
        {
            _causes.RaiseUnfenced(causes);
        }
    }

    /// <summary>Reads DSTAT, and clears it. Under the device's lock.</summary>
    public LsiDmaStatus TakeDma() => (LsiDmaStatus)(Take(Dma) & Dma);

    /// <summary>Reads SIST0 or SIST1, and clears it. Under the device's lock.</summary>
    /// <param name="which">All bits of the one or the other.</param>
    public LsiScsiCause TakeScsi(LsiScsiCause which) => (LsiScsiCause)(ushort)(Take(Of(which)) >> ScsiShift) & which;

    /// <summary>Clears INTF.</summary>
    public void ClearOnTheFly() => _causes.Clear(OnTheFlyBit);

    /// <summary>DIEN and SIEN, and whether the pin may be driven at all. Under the device's lock.</summary>
    public void Enable(byte dma, LsiScsiCause scsi, bool isPinOn)
    {
        _enabled = (dma & Dma) | Of(scsi) | OnTheFlyBit;
        _causes.SetMask(isPinOn ? _enabled : 0);
    }

    /// <summary>Everything cleared and disabled. Under the device's lock.</summary>
    public void Reset()
    {
        (_stacked, _enabled) = (0, 0);
        _causes.Reset();
    }

    private uint Take(uint bits)
    {
        var before = _causes.Clear(bits);
        if (_stacked != 0 && !IsPending)
        {
            var stacked = _stacked;
            _stacked = 0;
            _causes.Raise(stacked);
        }

        return before;
    }
}
