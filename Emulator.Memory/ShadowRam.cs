namespace Emulator.Memory;

/// <summary>RAM that takes the writes where something else is read, as a chipset does while firmware copies itself into its shadow.</summary>
/// <param name="block">The memory.</param>
/// <param name="blockOffset">Where in the block the window starts, in bytes.</param>
/// <remarks>Reads are all ones, for a window behind which nothing is read. Nobody holds decoded code of what cannot be read here.</remarks>
public sealed unsafe class ShadowRam(RamBlock block, ulong blockOffset) : IBusTarget
{
    /// <inheritdoc/>
    public BusStatus Read(ulong offset, int size, out ulong value)
    {
        value = ulong.MaxValue;
        return BusStatus.Unassigned;
    }

    /// <inheritdoc/>
    public BusStatus Write(ulong offset, int size, ulong value)
    {
        GuestWords.Store(block.Host + blockOffset + offset, size, value);
        return BusStatus.Ok;
    }
}
