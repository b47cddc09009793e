using Emulator.Pci;

namespace Emulator.Devices;

/// <summary>A wire to two destinations, such as a PC's ISA interrupt to the 8259 pair and to the I/O APIC. Any thread.</summary>
/// <param name="first">Sees a change first.</param>
/// <param name="second">Sees it next.</param>
public sealed class ForkedInterruptLine(InterruptLine first, InterruptLine second) : InterruptLine
{
    /// <inheritdoc/>
    public override void Set(bool asserted)
    {
        first.Set(asserted);
        second.Set(asserted);
    }
}
