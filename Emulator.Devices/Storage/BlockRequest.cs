namespace Emulator.Devices;

/// <summary>Something that is asked of a disk. A controller keeps a pool of these, with what it needs to answer the guest in a derived class.</summary>
/// <remarks>
/// Who starts it sets the first properties and does not touch it, or its buffer, until it has ended. The buffer is host memory and never the
/// guest's: guest memory is reached through <see cref="Emulator.Memory.DmaContext"/> only, on the device's I/O thread, before the start or after the end.
/// </remarks>
public class BlockRequest
{
    private int _status;

    /// <summary>What is asked for.</summary>
    public BlockOperation Operation { get; set; }

    /// <summary>Bytes from the beginning of the disk.</summary>
    public long Offset { get; set; }

    /// <summary>Bytes; for <see cref="BlockOperation.Read"/> and <see cref="BlockOperation.Write"/> the length of <see cref="Buffer"/>; 0 for <see cref="BlockOperation.Flush"/>.</summary>
    public long Length { get; set; }

    /// <summary>What is read into or written from. After a read that did not end with <see cref="BlockStatus.Ok"/> it holds nothing that the guest may see.</summary>
    public Memory<byte> Buffer { get; set; }

    /// <summary>A write, or zeroes, that are stable when it ends. <see cref="Disk"/> changes it as its cache has it: set it each time.</summary>
    public bool ForceUnitAccess { get; set; }

    /// <summary>Zeroes that may be a hole. <see cref="Disk"/> changes it: set it each time.</summary>
    public bool MayUnmap { get; set; }

    /// <summary>How it ended. Any thread.</summary>
    public BlockStatus Status => (BlockStatus)Volatile.Read(ref _status);

    /// <summary>Told of the end. <see cref="Disk"/> sets it; a filter between disk and back end puts a request of its own in place of this one.</summary>
    public IBlockCompletion? Completion { get; set; }

    // The disk's lists.
    internal BlockRequest? Next { get; set; }

    internal bool IsCancelled { get; set; }

    internal int Generation { get; set; }

    /// <summary>Says how it ended, exactly once. Any thread; on return the request belongs to its owner again.</summary>
    /// <param name="status">Anything but <see cref="BlockStatus.Pending"/>.</param>
    /// <exception cref="InvalidOperationException">It has ended before: a mistake in a back end.</exception>
    public void Complete(BlockStatus status)
    {
        if (Interlocked.CompareExchange(ref _status, (int)status, (int)BlockStatus.Pending) != (int)BlockStatus.Pending)
        {
            throw new InvalidOperationException($"A {Operation} at {Offset} ended twice: {Status}, then {status}.");
        }

        Completion!.Completed(this);
    }

    /// <summary>Makes it new, to be started (again).</summary>
    internal void Begin() => Volatile.Write(ref _status, (int)BlockStatus.Pending);

    /// <summary>Changes how it ended, before its owner sees it.</summary>
    internal void Override(BlockStatus status) => Volatile.Write(ref _status, (int)status);
}

/// <summary>Is told that a request has ended.</summary>
public interface IBlockCompletion
{
    /// <summary>It has ended. Any thread, under any of the back end's locks: posts work, and does not wait.</summary>
    /// <param name="request">Which.</param>
    void Completed(BlockRequest request);
}
