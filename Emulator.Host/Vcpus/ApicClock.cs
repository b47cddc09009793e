using Emulator.Cpu;
using Emulator.Devices;

namespace Emulator.Host.Vcpus;

/// <summary>The machine's clock as local APIC timers see it.</summary>
internal sealed class ApicClock(IClock clock) : IApicClock
{
    public long NowNanoseconds => clock.NowNanoseconds;

    public IApicAlarm CreateAlarm(string name, Action callback) => new Alarm(clock.CreateTimer(name, callback));

    private sealed class Alarm(Devices.ITimer timer) : IApicAlarm
    {
        public void Set(long dueNanoseconds) => timer.Arm(dueNanoseconds);

        public void Cancel() => timer.Cancel();

        public void Dispose() => timer.Dispose();
    }
}
