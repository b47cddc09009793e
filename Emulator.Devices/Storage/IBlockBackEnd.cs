namespace Emulator.Devices;

/// <summary>What is behind a disk: a file, a server, memory. It carries out requests in any order, several at once, and ends each exactly once.</summary>
public interface IBlockBackEnd : IDisposable
{
    /// <summary>Bytes, a multiple of 512.</summary>
    long Length { get; }

    /// <summary>True if nothing can be changed.</summary>
    bool IsReadOnly { get; }

    /// <summary>True if a discard gives room back to the host; it ends well in any case.</summary>
    bool CanDiscard { get; }

    /// <summary>Starts a request, which is within the disk and of whole sectors of 512 bytes. Any thread. It may end before this returns, on this thread, and does not wait for the host if that may be long.</summary>
    /// <param name="request">Ends by <see cref="BlockRequest.Complete"/>.</param>
    /// <remarks>
    /// What of it the disk promises: a read after the end of a write sees it; overlapping requests that are under way together have no order; a
    /// flush waits for what ended before it was started, and for no other; once one flush has failed, all later ones do, unless the back end still has what
    /// was to be flushed.
    /// </remarks>
    void Start(BlockRequest request);
}
