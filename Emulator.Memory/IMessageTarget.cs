namespace Emulator.Memory;

/// <summary>A window that takes posted messages, as the local APICs' does at 0xFEE00000 (PCI 3.0, 6.8).</summary>
/// <remarks>
/// Implemented by the <see cref="MemoryRegion.Target"/> of a region. Only <c>DmaContext.SendMessage</c> delivers;
/// any other DMA access to the region is refused like one to registers.
/// </remarks>
public interface IMessageTarget
{
    /// <summary>Takes a message. Any thread, also one that holds a device's lock; does no DMA, takes no device lock, waits for nobody.</summary>
    /// <param name="address">Guest-physical, a multiple of 4.</param>
    /// <param name="data">The 32 bits written.</param>
    void Message(ulong address, uint data);
}
