namespace Emulator.Devices;

/// <summary>The controller, as the units on its bus see it.</summary>
public interface IScsiInitiator
{
    /// <summary>A task that was <see cref="ScsiTaskState.Busy"/> is not any longer. On the I/O thread, from the unit's own work; never from within the initiator's calls.</summary>
    /// <param name="task">Which.</param>
    void TaskReady(ScsiTask task);
}
