using System.Globalization;
using Emulator.Memory;

namespace Emulator.Host.Machine;

/// <summary>What the machine's initiators see of each other's stores.</summary>
internal sealed partial class PcMachine
{
    // What traces call a vCPU.
    private static string NameOf(int vcpu) => string.Create(CultureInfo.InvariantCulture, $"cpu{vcpu}");

    // Null where there is nothing but the host's own memory and nobody takes turns.
    private SimulatedMemory? Simulate(MemoryModel model, IChoices choices)
    {
        if (model == MemoryModel.Host && _schedule is null)
        {
            return null;
        }

        var simulation = new SimulatedMemory(Memory, model, choices) { IsScheduled = _schedule is not null };
        if (model == MemoryModel.Host)
        {
            simulation.CoverNothing();
        }

        if (_schedule is not null)
        {
            simulation.AccessBegins = _schedule.TakeAccessTime;
            _schedule.Baton.Memory = simulation;
        }

        return simulation;
    }
}
