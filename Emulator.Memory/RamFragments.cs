namespace Emulator.Memory;

/// <summary>RAM or ROM in a page that it shares with another region, reached like registers.</summary>
internal sealed unsafe class RamFragments(GuestMemory memory, RamBlock block, ulong blockOffset, IBusTarget? romWrites) : IBusTarget
{
    /// <summary>The region whose fragments these are; set once, before the first access.</summary>
    public MemoryRegion? Whole { get; set; }

    public BusStatus Read(ulong offset, int size, out ulong value)
    {
        value = GuestWords.Load(block.Host + blockOffset + offset, size);
        return BusStatus.Ok;
    }

    public BusStatus Write(ulong offset, int size, ulong value)
    {
        if (Whole!.Kind == RegionKind.Rom)
        {
            return romWrites is null ? BusStatus.ReadOnly : BusAccess.Write(romWrites, offset, size, value);
        }

        GuestWords.Store(block.Host + blockOffset + offset, size, value);
        var pageByte = block.CodeMap + ((blockOffset + offset) / RamBlock.PageSize);
        if (Volatile.Read(ref *pageByte) != 0)
        {
            memory.NotifyWritten(pageByte, Whole.Base + offset);
        }

        return BusStatus.Ok;
    }
}
