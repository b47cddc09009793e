namespace Emulator.Devices;

/// <summary>Where a <see cref="ScsiTask"/> stands.</summary>
public enum ScsiTaskState : byte
{
    /// <summary>The unit works on it, and tells the initiator when that changes.</summary>
    Busy,

    /// <summary>There is data for the initiator in <see cref="ScsiTask.Data"/>.</summary>
    DataIn,

    /// <summary>There is room for the initiator's data in <see cref="ScsiTask.Data"/>.</summary>
    DataOut,

    /// <summary>It has ended with <see cref="ScsiTask.Status"/>.</summary>
    Ended,
}

/// <summary>One command on its way through a logical unit (SAM's task). Knows nothing of the bus: the controller moves the data in phases as it likes.</summary>
/// <remarks>
/// <para>After <see cref="ScsiLogicalUnit.Start"/> and after each <see cref="Continue"/> the initiator looks at <see cref="State"/>. While it is
/// <see cref="ScsiTaskState.Busy"/> it waits for <see cref="IScsiInitiator.TaskReady"/>, and may disconnect. In the data states it moves all or
/// part of <see cref="Data"/>, then calls <see cref="Continue"/> with how much that was; less than there is ends the data phase early, as an
/// initiator does that has no more room or no more data.</para>
/// <para>Everything is on the controller's I/O thread. A unit keeps its tasks in a pool: after the end, or after an abort, the initiator forgets the object.</para>
/// </remarks>
public abstract class ScsiTask
{
    /// <summary>Where it stands.</summary>
    public ScsiTaskState State { get; protected set; }

    /// <summary>In <see cref="ScsiTaskState.DataIn"/> the data, in <see cref="ScsiTaskState.DataOut"/> the room: a piece of the transfer, never empty.</summary>
    public Memory<byte> Data { get; protected set; }

    /// <summary>The status byte (SAM 5.3), once it has ended.</summary>
    public ScsiStatus Status { get; protected set; }

    /// <summary>The initiator's own, from the start on.</summary>
    public object? Context { get; set; }

    /// <summary>Goes on after the initiator has moved data.</summary>
    /// <param name="moved">Bytes of <see cref="Data"/>.</param>
    public abstract void Continue(int moved);

    /// <summary>Ends it with CHECK CONDITION, as the initiator has found its data to be wrong: at once, or when the disk is done with what it has of it.</summary>
    /// <param name="sense">Why.</param>
    public abstract void Terminate(ScsiSense sense);

    /// <summary>Gives it up (ABORT TASK): nobody is told of anything any more, and what it had under way on the disk is cancelled.</summary>
    public abstract void Abort();
}
