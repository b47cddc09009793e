namespace Emulator.Devices;

/// <summary>A place where a device owes its driver an order between two accesses, and asks for it by name.</summary>
/// <param name="Name">Device, object, and what comes before what.</param>
/// <param name="Obligation">What the device does there.</param>
/// <param name="Driver">The other side of the pair: what the driver does and relies on.</param>
/// <param name="Shape">The litmus shape that shows it broken.</param>
public sealed record OrderingSite(string Name, string Obligation, string Driver, string Shape)
{
    /// <inheritdoc/>
    public override string ToString() => Name;
}
