using Emulator.Memory;

namespace Emulator.Pci;

/// <summary>A function's registers behind a BAR, as the guest reaches them: a read completes behind the function's DMA.</summary>
/// <remarks>
/// Here, once, and not in the devices: a read completion does not pass the posted writes before it (PCI 2.2, appendix E),
/// and it is what a driver that takes INTx relies on. Hides what else the target may be: no DMA reaches it.
/// </remarks>
internal sealed class BarRegisters(PciFunction function, IBusTarget registers) : IBusTarget
{
    /// <summary>The window.</summary>
    public PciBar? Bar { get; set; }

    public BusStatus Read(ulong offset, int size, out ulong value)
    {
        var observer = function.Observer;
        observer?.BeginRead(Address(offset), size);
        var status = registers.Read(offset, size, out value);
        function.CompleteRead();
        observer?.EndRead(value, status);
        return status;
    }

    public BusStatus Write(ulong offset, int size, ulong value)
    {
        function.Observer?.Write(Address(offset), size, value);
        return registers.Write(offset, size, value);
    }

    private ulong Address(ulong offset) => Bar is { Address: { } first } ? first + offset : offset;
}
