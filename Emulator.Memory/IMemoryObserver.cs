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
}
