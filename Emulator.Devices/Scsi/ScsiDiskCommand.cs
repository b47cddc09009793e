namespace Emulator.Devices;

/// <summary>What a command does in each step of its task. Keeps nothing: what there is to keep is in the task.</summary>
internal abstract class ScsiDiskCommand
{
    /// <summary>The task's turn has come, and the CDB has the right shape.</summary>
    public abstract void Begin(ScsiDiskTask task);

    /// <summary>The initiator has moved data.</summary>
    /// <param name="task">Whose.</param>
    /// <param name="moved">Bytes of its <see cref="ScsiTask.Data"/>, which is still set.</param>
    public virtual void Moved(ScsiDiskTask task, int moved) => task.Good();

    /// <summary>What the task asked of the disk has ended well.</summary>
    public virtual void Ended(ScsiDiskTask task) => task.Good();

    /// <summary>What the task asked of the disk has failed, which it is about to say.</summary>
    public virtual void Failed(ScsiDiskTask task)
    {
    }
}

/// <summary>A command that says something.</summary>
/// <param name="reply">Writes it into the zeroes it gets, and calls <see cref="ScsiDiskTask.Reply(int)"/> or <see cref="ScsiDiskTask.Fail"/>.</param>
internal sealed class ScsiReplyCommand(ScsiReplyCommand.Writer reply) : ScsiDiskCommand
{
    /// <summary>Writes a reply.</summary>
    public delegate void Writer(ScsiDiskTask task, Span<byte> reply);

    /// <inheritdoc/>
    public override void Begin(ScsiDiskTask task)
    {
        var buffer = task.Buffer.Span[..ScsiDiskTask.ReplyLength];
        buffer.Clear();
        reply(task, buffer);
    }
}

/// <summary>A command without data that ends at once.</summary>
/// <param name="act">Calls <see cref="ScsiDiskTask.Good"/> or <see cref="ScsiDiskTask.Fail"/>.</param>
internal sealed class ScsiPlainCommand(Action<ScsiDiskTask> act) : ScsiDiskCommand
{
    /// <inheritdoc/>
    public override void Begin(ScsiDiskTask task) => act(task);
}
