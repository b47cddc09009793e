namespace Emulator.Memory;

/// <summary>Who keeps something derived from guest memory: decoded code, translations that name host addresses.</summary>
/// <remarks>Called on the thread that made the change. Must be quick, and must not change the map from inside.</remarks>
public interface IMemoryObserver
{
    /// <summary>A page of RAM whose <see cref="RamBlock.CodeMap"/> byte is set was written.</summary>
    /// <param name="physicalPage">Guest-physical address of the page, a multiple of 4096.</param>
    void CodeWritten(ulong physicalPage);

    /// <summary><see cref="GuestMemory.Map"/> is another one now.</summary>
    void MapChanged();

    /// <summary>
    /// A page of RAM is about to be decoded, its <see cref="RamBlock.CodeMap"/> byte set. On return no store of this
    /// observer's may reach the page any more without looking at that byte; those that did not are complete.
    /// </summary>
    /// <remarks>Called on a vCPU's thread; may wait for the observer's own thread, tens of microseconds as a rule.</remarks>
    /// <param name="physicalPage">Guest-physical address of the page, a multiple of 4096.</param>
    void CodeDecoded(ulong physicalPage);

    /// <summary>
    /// As <see cref="CodeDecoded"/>, for pages anywhere: no store of this observer's may go into RAM any more without
    /// looking at the page's byte, once. Called on the thread that collects dirty pages.
    /// </summary>
    void PagesWatched();
}
