using Emulator.Devices;
using Emulator.Host.Vcpus;
using Emulator.Memory;

namespace Emulator.Host.Machine;

/// <summary>How the threads of a machine run.</summary>
public enum ScheduleKind
{
    /// <summary>All at once, as the host has them.</summary>
    Parallel,

    /// <summary>One at a time, as a seed has them, and time is the count of instructions.</summary>
    Deterministic,
}

/// <summary>A machine's deterministic schedule: who is next, and what time it is.</summary>
/// <remarks>
/// A nanosecond is an instruction of any vCPU; a DMA access takes <see cref="AccessNanoseconds"/>. While everybody waits, time moves on to the
/// next timer. Timers run on the thread that moves time, which has the baton and holds no lock.
/// </remarks>
internal sealed class MachineSchedule
{
    /// <summary>What a DMA access takes, so that time goes on while a device polls.</summary>
    public const long AccessNanoseconds = 100;

    // The most instructions of a vCPU between two switch points; a register access is one in any case.
    private const int MostInstructions = 1 << 14;

    // A machine in which nothing happens any more but its timers leaves the host's processor alone.
    private const int TimersBeforeNap = 10_000;
    private static readonly TimeSpan s_nap = TimeSpan.FromMilliseconds(1);

    private readonly MachineControl _control;
    private readonly List<VcpuPace> _paces = [];
    private int _idleTimers;

    /// <summary>A schedule of nobody yet.</summary>
    /// <param name="choices">Decide it.</param>
    /// <param name="control">Tells when the machine ends or is stopped: then time stands still.</param>
    public MachineSchedule(IChoices choices, MachineControl control)
    {
        (Choices, _control) = (choices, control);
        Baton = new Baton(choices) { Idle = SkipToTimer };
    }

    /// <summary>The date at which every machine of a schedule is switched on: another one would be another run.</summary>
    public static DateTime SwitchedOn { get; } = new(2000, 1, 1, 0, 0, 0, DateTimeKind.Utc);

    /// <summary>What the threads pass on.</summary>
    public Baton Baton { get; }

    /// <summary>The devices' time, which stands still while a vCPU runs.</summary>
    public ManualClock Clock { get; } = new();

    /// <summary>The time with what vCPUs have run since their last switch point: for time-stamp counters.</summary>
    public ulong Now
    {
        get
        {
            var now = Clock.NowNanoseconds;
            foreach (var pace in _paces)
            {
                now += pace.Since;
            }

            return (ulong)now;
        }
    }

    private IChoices Choices { get; }

    /// <summary>Adds a vCPU's pace. Before the start.</summary>
    public VcpuPace Add(IVcpu vcpu)
    {
        var pace = new VcpuPace(this, vcpu);
        _paces.Add(pace);
        return pace;
    }

    /// <summary>A DMA access has begun.</summary>
    public void TakeAccessTime()
    {
        _idleTimers = 0;
        Clock.Advance(AccessNanoseconds);
    }

    private bool SkipToTimer()
    {
        var due = Clock.NextDueNanoseconds;
        if (due == long.MaxValue || _control.IsEnding || _control.IsStopped)
        {
            return false;
        }

        if (++_idleTimers > TimersBeforeNap)
        {
            Thread.Sleep(s_nap);
        }

        Clock.AdvanceTo(due);
        return true;
    }

    /// <summary>A vCPU's part in the time.</summary>
    internal sealed class VcpuPace(MachineSchedule schedule, IVcpu vcpu)
    {
        private long _counted = vcpu.InstructionCount;

        /// <summary>Instructions that are no time yet.</summary>
        public long Since => vcpu.InstructionCount - _counted;

        /// <summary>Before a run: says how far it may go, at most to the next timer.</summary>
        public void Begin()
        {
            var most = schedule.Clock.NextDueNanoseconds - schedule.Clock.NowNanoseconds;
            vcpu.RunLimit = Math.Clamp(most, 1, schedule.Choices.Quantum(MostInstructions));
        }

        /// <summary>Behind it: makes what was run time, and lets the timers run that are due.</summary>
        public void End()
        {
            var since = Since;
            _counted += since;
            schedule._idleTimers = 0;
            schedule.Clock.Advance(since);
        }
    }
}
