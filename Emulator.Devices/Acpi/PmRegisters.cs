using Emulator.Memory;
using Emulator.Pci;

namespace Emulator.Devices;

/// <summary>The power management ports of the PIIX4: events, control, timer, and the system control interrupt.</summary>
/// <remarks>
/// Thread-safe. The timer is worked out when somebody looks; a clock's timer runs only while an overflow would
/// interrupt. Nothing on this board raises an event but the timer, so GPSTS reads as zero. Sleeping states other than
/// soft off are not declared to guests and not entered. Not implemented, and answered by nobody: throttling, C2 and
/// C3, the device monitors and general-purpose pins from offset 0x10 up.
/// </remarks>
public sealed class PmRegisters : IBusTarget, IResettable, IDisposable
{
    /// <summary>How many ports there are.</summary>
    public const int Length = 64;

    /// <summary>What a guest writes to the APM control port (0xB2) to have SCI_EN set (the FADT's ACPI_ENABLE).</summary>
    public const byte AcpiEnable = 0xF1;

    /// <summary>What a guest writes there to have it cleared (the FADT's ACPI_DISABLE).</summary>
    public const byte AcpiDisable = 0xF0;

    private const PmControl Kept = PmControl.SciEnable | PmControl.BusMasterReload | PmControl.SuspendType;

    private readonly Lock gate = new();
    private readonly IClock clock;
    private readonly InterruptLine sci;
    private readonly ITimer timer;

    private PmEvents status;
    private PmEvents enable;
    private PmControl control;
    private ushort generalEnable;
    private long overflows;
    private bool lineLevel;

    /// <summary>Makes the registers, all zero.</summary>
    /// <param name="clock">What the timer counts.</param>
    /// <param name="sci">The system control interrupt.</param>
    public PmRegisters(IClock clock, InterruptLine sci)
    {
        this.clock = clock;
        this.sci = sci;
        timer = clock.CreateTimer("pm timer", OnTimer);
        overflows = Overflows;
    }

    /// <summary>The guest asked for soft off. On the thread that wrote, no lock held; asks for it and returns.</summary>
    public Action? PowerOffRequested { get; set; }

    private long Overflows => PmTimer.CountAt(clock.NowNanoseconds) >> PmTimer.OverflowBit;

    /// <summary>What the handler behind the APM control port would do: hand the interrupt to the guest, or take it back.</summary>
    /// <param name="command">The byte written to 0xB2; other than the two above nothing happens.</param>
    public void HandOver(byte command)
    {
        if (command is AcpiEnable or AcpiDisable)
        {
            lock (gate)
            {
                CatchUp();
                control = command == AcpiEnable ? control | PmControl.SciEnable : control & ~PmControl.SciEnable;
                Settle();
            }
        }
    }

    /// <summary>Events forgotten and disabled; the timer counts on.</summary>
    public void Reset()
    {
        lock (gate)
        {
            overflows = Overflows;
            (status, enable, control, generalEnable) = (PmEvents.None, PmEvents.None, PmControl.None, 0);
            Settle();
        }
    }

    /// <summary>Gives the timer back to the clock.</summary>
    public void Dispose() => timer.Dispose();

    /// <inheritdoc/>
    public BusStatus Read(ulong offset, int size, out ulong value)
    {
        value = 0;
        var answer = Check(offset, size);
        if (answer == BusStatus.Ok)
        {
            value = (ReadDword((PmRegister)(offset & ~3UL)) >> Shift(offset)) & Ones(size);
        }

        return answer;
    }

    /// <inheritdoc/>
    public BusStatus Write(ulong offset, int size, ulong value)
    {
        var answer = Check(offset, size);
        if (answer == BusStatus.Ok)
        {
            WriteDword((PmRegister)(offset & ~3UL), Ones(size) << Shift(offset), (uint)value << Shift(offset));
        }

        return answer;
    }

    private static BusStatus Check(ulong offset, int size) =>
        offset >= (ulong)PmRegister.GeneralStatus + 4 ? BusStatus.InvalidRegister
        : (offset & 3) + (ulong)size > 4 ? BusStatus.InvalidSize
        : BusStatus.Ok;

    private static int Shift(ulong offset) => (int)(offset & 3) * 8;

    private static uint Ones(int size) => uint.MaxValue >> (32 - (size * 8));

    private uint ReadDword(PmRegister register)
    {
        if (register == PmRegister.Timer)
        {
            return (uint)PmTimer.CountAt(clock.NowNanoseconds) & PmTimer.Mask;
        }

        lock (gate)
        {
            CatchUp();
            return register switch
            {
                PmRegister.Status => (uint)status | ((uint)enable << 16),
                PmRegister.Control => (uint)control,
                _ => (uint)generalEnable << 16,
            };
        }
    }

    private void WriteDword(PmRegister register, uint lanes, uint value)
    {
        bool off;
        lock (gate)
        {
            CatchUp();
            off = Change(register, lanes, value & lanes);
            Settle();
        }

        if (off)
        {
            PowerOffRequested?.Invoke();
        }
    }

    /// <summary>Returns true if that was the request for soft off.</summary>
    private bool Change(PmRegister register, uint lanes, uint value)
    {
        switch (register)
        {
            case PmRegister.Status:
                status &= ~(PmEvents)value;
                enable = ((enable & ~(PmEvents)(lanes >> 16)) | (PmEvents)(value >> 16)) & PmEvents.All;
                return false;

            case PmRegister.Control:
                control = ((control & ~(PmControl)lanes) | (PmControl)value) & Kept;
                return ((PmControl)value & PmControl.SuspendEnable) != 0 && (control & PmControl.SuspendType) == 0;

            case PmRegister.GeneralStatus:
                generalEnable = (ushort)((generalEnable & ~(lanes >> 16)) | (value >> 16));
                return false;

            default:
                return false;
        }
    }

    /// <summary>Lets the overflow that has passed since the last look happen.</summary>
    private void CatchUp()
    {
        var now = Overflows;
        if (now != overflows)
        {
            overflows = now;
            status |= PmEvents.TimerOverflow;
        }
    }

    /// <summary>Drives the interrupt by the registers and sets the timer if the next overflow will raise it.</summary>
    private void Settle()
    {
        var level = (control & PmControl.SciEnable) != 0 && (status & enable) != 0;
        if (level != lineLevel)
        {
            lineLevel = level;
            sci.Set(level);
        }

        if ((enable & ~status & PmEvents.TimerOverflow) != 0)
        {
            timer.Arm(PmTimer.TimeOf((overflows + 1) << PmTimer.OverflowBit));
        }
        else
        {
            timer.Cancel();
        }
    }

    private void OnTimer()
    {
        lock (gate)
        {
            CatchUp();
            Settle();
        }
    }
}
