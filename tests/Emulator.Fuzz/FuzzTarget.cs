using Emulator.Pci;

namespace Emulator.Fuzz;

/// <summary>A device as the fuzzer and the sweep of registers know it: how to make one, and what a driver does with it.</summary>
public abstract class FuzzTarget
{
    /// <summary>What the command line calls it.</summary>
    public abstract string Name { get; }

    /// <summary>Its windows of registers, those that have a table.</summary>
    public abstract IReadOnlyList<RegisterWindow> Windows { get; }

    /// <summary>True if a guest may well have it work for ever: then only that each piece of work ends is looked at.</summary>
    public virtual bool MayRunForever => false;

    /// <summary>Bytes that may be allocated on the device's thread in one input: what it needs once, with all of it in use. A packet needs nothing.</summary>
    public virtual long MostAllocated => 256 << 10;

    /// <summary>Makes the function, to be put on the board's bus.</summary>
    /// <param name="board">Has the thread, the clock and the wire.</param>
    public abstract PciFunction Create(FuzzBoard board);

    /// <summary>What a driver does first: it resets the device, gives it memory and turns it on.</summary>
    /// <param name="driver">Makes an input of it, or does it.</param>
    public virtual void SetUp(FuzzDriver driver)
    {
    }

    /// <summary>One act of a driver at work, or of its surroundings.</summary>
    /// <param name="writer">Makes an input of it.</param>
    public virtual void Act(FuzzWriter writer)
    {
    }

    /// <summary>Sets the device up and has it do its work once.</summary>
    /// <param name="driver">Does it.</param>
    /// <returns>What is wrong, or null.</returns>
    public virtual string? Check(LiveDriver driver) => null;
}
