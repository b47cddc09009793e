namespace Emulator.Devices;

/// <summary>A command's place between the chip and a target (SCSI-2's I_T_L_Q nexus): who it is, and how far its data has come.</summary>
internal sealed class LsiNexus
{
    /// <summary>The tag of a command that has none.</summary>
    public const int Untagged = -1;

    /// <summary>The target.</summary>
    public int Target { get; private set; }

    /// <summary>The logical unit that IDENTIFY named.</summary>
    public int Lun { get; set; }

    /// <summary>The tag, or <see cref="Untagged"/>.</summary>
    public int Tag { get; set; }

    /// <summary>The queue tag message.</summary>
    public ScsiTaskAttribute Attribute { get; set; }

    /// <summary>True once there was an IDENTIFY.</summary>
    public bool IsIdentified { get; set; }

    /// <summary>True if IDENTIFY gave the target the right to disconnect.</summary>
    public bool MayDisconnect { get; set; }

    /// <summary>The command, once there is one and until it has ended: after that its unit may use the object for another.</summary>
    public ScsiTask? Task { get; set; }

    /// <summary>How it has ended, or null.</summary>
    public ScsiStatus? Status { get; set; }

    /// <summary>Bytes of the task's piece of data that have been moved.</summary>
    public int Offset { get; set; }

    /// <summary>True if data was moved since the pointers were saved.</summary>
    public bool HasMoved { get; set; }

    /// <summary>True if an odd number of bytes has gone over the bus in the data phase that is under way.</summary>
    public bool IsOdd { get; set; }

    /// <summary>True while it waits to reselect.</summary>
    public bool IsReady { get; set; }

    /// <summary>The next of the same list: disconnected ones of a target, or free ones.</summary>
    public LsiNexus? Next { get; set; }

    /// <summary>The next that is ready.</summary>
    public LsiNexus? NextReady { get; set; }

    /// <summary>True if all of the task's piece of data has been moved, and the task does not know yet.</summary>
    public bool IsPieceMoved => Task is { State: ScsiTaskState.DataIn or ScsiTaskState.DataOut } task && Offset == task.Data.Length;

    /// <summary>Has the task go on behind a piece that was moved.</summary>
    public void GoOn()
    {
        if (IsPieceMoved)
        {
            Offset = 0;
            Task!.Continue(Task.Data.Length);
            NoteEnd();
        }
    }

    /// <summary>Notes how the task has ended, if it has.</summary>
    public void NoteEnd()
    {
        if (Task is { State: ScsiTaskState.Ended } task)
        {
            (Status, Task) = (task.Status, null);
        }
    }

    /// <summary>A new connection to a target, of which nothing else is known.</summary>
    public void Begin(int target)
    {
        (Target, Lun, Tag, Attribute) = (target, 0, Untagged, ScsiTaskAttribute.Untagged);
        (IsIdentified, MayDisconnect) = (false, false);
        (Task, Status, Offset, HasMoved, IsOdd, IsReady, Next, NextReady) = (null, null, 0, false, false, false, null, null);
    }
}
