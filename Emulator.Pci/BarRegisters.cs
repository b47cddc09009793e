using Emulator.Memory;

namespace Emulator.Pci;

/// <summary>A function's registers behind a BAR, as the guest reaches them: a read completes behind the function's DMA.</summary>
/// <remarks>
/// Here, once, and not in the devices: a read completion does not pass the posted writes before it (PCI 2.2, appendix E),
/// and it is what a driver that takes INTx relies on. Hides what else the target may be: no DMA reaches it.
/// </remarks>
internal sealed class BarRegisters(PciFunction function, IBusTarget registers) : IBusTarget
{
    public BusStatus Read(ulong offset, int size, out ulong value)
    {
        var status = registers.Read(offset, size, out value);
        function.CompleteRead();
        return status;
    }

    public BusStatus Write(ulong offset, int size, ulong value) => registers.Write(offset, size, value);
}
