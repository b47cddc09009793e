namespace Emulator.Pci;

/// <summary>A wire from a device to an interrupt controller's input. May be driven from any thread.</summary>
public abstract class InterruptLine
{
    /// <summary>Drives the wire.</summary>
    /// <param name="asserted">True for the active level, whatever the electrical polarity.</param>
    public abstract void Set(bool asserted);

    /// <summary>A wire that ends nowhere.</summary>
    public static InterruptLine Unconnected { get; } = new Nowhere();

    private sealed class Nowhere : InterruptLine
    {
        public override void Set(bool asserted)
        {
        }
    }
}
