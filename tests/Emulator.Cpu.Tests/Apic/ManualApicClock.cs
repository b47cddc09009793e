namespace Emulator.Cpu.Tests.Apic;

/// <summary>Time moved by hand; alarms run on the thread that moves it.</summary>
internal sealed class ManualApicClock : IApicClock
{
    private readonly List<Alarm> _alarms = [];

    public long NowNanoseconds { get; private set; }

    /// <summary>How often any alarm has run.</summary>
    public int Calls { get; private set; }

    public IApicAlarm CreateAlarm(string name, Action callback)
    {
        var alarm = new Alarm(callback);
        _alarms.Add(alarm);
        return alarm;
    }

    /// <summary>Moves time on without running what becomes due: the host is late.</summary>
    public void AdvanceSilently(long nanoseconds) => NowNanoseconds += nanoseconds;

    public void Advance(long nanoseconds)
    {
        var target = NowNanoseconds + nanoseconds;
        while (_alarms.MinBy(a => a.Due) is { } next && next.Due <= target)
        {
            NowNanoseconds = Math.Max(NowNanoseconds, next.Due);
            next.Due = long.MaxValue;
            Calls++;
            next.Callback();
        }

        NowNanoseconds = target;
    }

    private sealed class Alarm(Action callback) : IApicAlarm
    {
        public long Due { get; set; } = long.MaxValue;

        public Action Callback => callback;

        public void Set(long dueNanoseconds) => Due = dueNanoseconds;

        public void Cancel() => Due = long.MaxValue;

        public void Dispose() => Cancel();
    }
}
