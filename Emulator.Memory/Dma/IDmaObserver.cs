namespace Emulator.Memory;

/// <summary>
/// Sees the fences and accesses of a context. Called on the initiator's thread, for a message on the one that sends it;
/// does no DMA of that context itself.
/// </summary>
public interface IDmaObserver
{
    /// <summary>An access begins: its fences, its site and its end follow on the same thread. Not told of one that a function may not make.</summary>
    /// <param name="relaxed">True if it asked for none of the bus's fences.</param>
    void Begin(bool relaxed)
    {
    }

    /// <summary>As <see cref="Begin"/>, of a message.</summary>
    /// <param name="data">The 32 bits.</param>
    void BeginMessage(uint data)
    {
    }

    /// <summary>A fence is about to be issued: the bus's before an access (<see cref="DmaFence.None"/> too), or the device's own.</summary>
    void Fence(DmaFence fence);

    /// <summary>What follows, until the access has ended, is an ordering site's.</summary>
    /// <param name="site">The site.</param>
    /// <param name="mutation">What has been done to it.</param>
    /// <param name="fence">The fence that the device asks for there, and gets if it was not dropped; none before the body of a swapped pair.</param>
    void At(OrderingSite site, SiteMutation mutation, DmaFence fence)
    {
    }

    /// <summary>What an access that is about to end has moved, of a read with 0xFF where it failed. A message and a mapping do not say.</summary>
    /// <param name="data">The bytes, until the method returns.</param>
    void Moved(ReadOnlySpan<byte> data)
    {
    }

    /// <summary>An access has ended.</summary>
    /// <param name="direction">Which way.</param>
    /// <param name="address">As the device gave it.</param>
    /// <param name="length">Bytes asked for.</param>
    /// <param name="status">What became of it.</param>
    void Accessed(DmaDirection direction, ulong address, int length, DmaStatus status);

    /// <summary>The guest has read a register of the initiator, behind everything it wrote. Called on the thread that read.</summary>
    void Flushed()
    {
    }
}

/// <summary>Stands between a function and memory, as an IOMMU does. Called on the initiator's thread, for a message on the one that sends it.</summary>
public interface IDmaTranslator
{
    /// <summary>Translates an address.</summary>
    /// <param name="address">As the device gave it.</param>
    /// <param name="direction">Which way the data goes.</param>
    /// <param name="physical">Guest-physical.</param>
    /// <returns><see cref="DmaStatus.Ok"/> if this and the rest of the 4 KiB page have it, else the reason.</returns>
    DmaStatus Translate(ulong address, DmaDirection direction, out ulong physical);
}
