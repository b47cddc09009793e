namespace Emulator.Host.Console;

/// <summary>The outside of a character back end: a descriptor to watch for input, and somewhere to write.</summary>
internal abstract class Channel : IDisposable
{
    /// <summary>True if a person types: bytes that find no room are dropped, so that an escape is always seen.</summary>
    public virtual bool IsInteractive => false;

    /// <summary>How long the end of a run waits for bytes that the far end does not take.</summary>
    public virtual TimeSpan Patience => Timeout.InfiniteTimeSpan;

    /// <summary>Input that comes by the machine's clock instead of from outside; empty as a rule.</summary>
    public virtual IReadOnlyList<ScriptedInput> Script => [];

    /// <summary>The descriptor that <see cref="Read"/> waits for, or -1 if no more input can come.</summary>
    public virtual int InputDescriptor => -1;

    /// <summary>True if the far end has hung up for now; it is asked again after a while.</summary>
    public virtual bool IsHungUp => false;

    /// <summary>Takes input when <see cref="InputDescriptor"/> is readable; 0 if there is none after all. The input thread only.</summary>
    public virtual int Read(Span<byte> buffer) => 0;

    /// <summary>Writes all bytes, waiting for a slow far end; they are lost if there is none. The output thread only.</summary>
    public abstract void Write(ReadOnlySpan<byte> data);

    /// <inheritdoc/>
    public void Dispose() => Close();

    /// <summary>Closes what is open; a <see cref="Write"/> that waits may go on to wait.</summary>
    protected virtual void Close()
    {
    }
}

/// <summary>Nobody there.</summary>
internal sealed class NullChannel : Channel
{
    public override void Write(ReadOnlySpan<byte> data)
    {
    }
}
