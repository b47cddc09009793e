using System.Diagnostics.CodeAnalysis;

namespace Emulator.Devices;

/// <summary>How a task takes its place among the others of its unit (SAM 8.6): the queue tag message that came with it.</summary>
[SuppressMessage("Naming", "CA1711:Identifiers should not have incorrect suffix", Justification = "SAM calls it the task attribute.")]
public enum ScsiTaskAttribute : byte
{
    /// <summary>No tag message: one at a time for this nexus.</summary>
    Untagged = 0,

    /// <summary>In any order.</summary>
    Simple = 0x20,

    /// <summary>Before all that wait.</summary>
    HeadOfQueue = 0x21,

    /// <summary>After all before it, before all after it.</summary>
    Ordered = 0x22,
}

/// <summary>A logical unit: takes commands and carries them out. Everything is on the controller's I/O thread.</summary>
public abstract class ScsiLogicalUnit
{
    /// <summary>Puts it on a bus, once, before the first command.</summary>
    /// <param name="bus">Tells it of its initiator and its neighbours (REPORT LUNS).</param>
    /// <param name="queue">The controller's: for the unit's own work.</param>
    /// <param name="target">0 to 15.</param>
    /// <param name="lun">0 to 7.</param>
    protected internal abstract void Attach(ScsiBus bus, IoQueue queue, int target, int lun);

    /// <summary>Begins a command. See <see cref="ScsiTask"/> for how it goes on.</summary>
    /// <param name="command">The command descriptor block as the COMMAND phase brought it, 1 to 16 bytes; copied.</param>
    /// <param name="attribute">Its place among the others.</param>
    /// <param name="context">The initiator's own.</param>
    public abstract ScsiTask Start(ReadOnlySpan<byte> command, ScsiTaskAttribute attribute, object? context);

    /// <summary>Aborts every task (ABORT TASK SET, CLEAR TASK SET).</summary>
    public abstract void AbortAll();

    /// <summary>LOGICAL UNIT RESET, and what a bus reset or a BUS DEVICE RESET does to each unit: aborts everything, ends reservations, restores the saved mode pages, leaves a unit attention condition (29h).</summary>
    public abstract void Reset();

    /// <summary>Power-on, by the machine's reset: as <see cref="Reset"/>. The controller's queue has been reset, and no work runs.</summary>
    public abstract void PowerOn();
}
