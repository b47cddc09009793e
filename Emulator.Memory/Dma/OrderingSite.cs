namespace Emulator.Memory;

/// <summary>A place where a device owes its driver an order between two accesses, and asks for it by name.</summary>
/// <param name="Name">Device, object, and what comes before what.</param>
/// <param name="Obligation">What the device does there.</param>
/// <param name="Driver">The other side of the pair: what the driver does and relies on.</param>
/// <param name="Shape">The litmus shape that shows it broken.</param>
public sealed record OrderingSite(string Name, string Obligation, string Driver, string Shape)
{
    /// <summary>True if there is a pair of accesses that can be swapped: writes go through <see cref="DmaContext.WriteThenPublish"/>, others ask <see cref="DmaContext.IsSwapped"/>.</summary>
    public bool HasPair { get; init; }

    /// <summary>True if the device makes its accesses there without the bus's fences: then no bus makes up for a fence that is left out.</summary>
    public bool IsRelaxed { get; init; }

    /// <inheritdoc/>
    public override string ToString() => Name;
}

/// <summary>What is done to a site on purpose, so that a test can show that it notices.</summary>
public enum SiteMutation : byte
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>The device's own fence there is left out; the bus's stays.</summary>
    Dropped,

    /// <summary>The pair of writes is made in the wrong order.</summary>
    Swapped,
}

/// <summary>The sites of every function that are in no device: where a message is sent, and where a register read ends.</summary>
public static class BusSites
{
    /// <summary>In <see cref="DmaContext.SendMessage"/>, which MSI and MSI-X send by.</summary>
    public static OrderingSite MessageAfterData { get; } = new(
        "msi.after-data",
        "stores the message behind everything the function wrote",
        "reads data in the handler, with no register read",
        "ISA2");

    /// <summary>In <see cref="DmaContextOwner.FlushPostedWrites"/>, at each register read through a BAR.</summary>
    public static OrderingSite FlushedByRead { get; } = new(
        "intx.flushed-by-read",
        "a register read returns only when the writes before it are visible",
        "reads the cause register first",
        "ISA2");
}
