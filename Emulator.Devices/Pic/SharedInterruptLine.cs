using Emulator.Pci;

namespace Emulator.Devices;

/// <summary>An interrupt wire with several sources, active while any of them drives it (the wired OR of an ISA or PCI line).</summary>
/// <remarks>Thread-safe: sources may be driven by different threads; the destination sees the changes in order.</remarks>
/// <param name="destination">What the wire drives. Called with this wire's lock held.</param>
public sealed class SharedInterruptLine(InterruptLine destination)
{
    private readonly Lock gate = new();
    private int active;

    /// <summary>Adds a source, inactive. While building the machine.</summary>
    public InterruptLine AddSource() => new Source(this);

    private void Change(int by)
    {
        // Only the first source to rise and the last to fall are seen by the destination.
        bool before = active > 0;
        active += by;
        if (active > 0 != before)
        {
            destination.Set(active > 0);
        }
    }

    private sealed class Source(SharedInterruptLine line) : InterruptLine
    {
        private bool asserted;

        public override void Set(bool asserted)
        {
            lock (line.gate)
            {
                if (this.asserted != asserted)
                {
                    this.asserted = asserted;
                    line.Change(asserted ? 1 : -1);
                }
            }
        }
    }
}
