using Emulator.Pci;

namespace Emulator.Devices.Tests;

/// <summary>An interrupt line that remembers its level and how often it rose.</summary>
internal sealed class RecordingLine : InterruptLine
{
    public bool Level { get; private set; }

    public int Rises { get; private set; }

    public override void Set(bool asserted)
    {
        Rises += asserted && !Level ? 1 : 0;
        Level = asserted;
    }
}
