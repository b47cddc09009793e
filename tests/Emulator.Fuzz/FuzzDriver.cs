namespace Emulator.Fuzz;

/// <summary>A driver's hands: <see cref="FuzzWriter"/> makes an input of what is done, <see cref="LiveDriver"/> does it.</summary>
public abstract class FuzzDriver
{
    private readonly int[] _numbers = new int[8];

    /// <summary>Anything that can happen.</summary>
    public abstract void Do(FuzzOperation operation);

    /// <summary>An address that a driver gives its device. Now and then a writer has another one.</summary>
    /// <param name="valid">What a driver that is right would give.</param>
    public virtual ulong Address(ulong valid) => valid;

    /// <summary>A length, a count, an index or flags: as <see cref="Address"/>.</summary>
    /// <param name="valid">What a driver that is right would give.</param>
    /// <param name="bits">How many bits the device has for it.</param>
    public virtual ulong Number(ulong valid, int bits = 16) => valid;

    /// <summary>Says that the device has no business to write there. A writer that breaks rules does not ask.</summary>
    /// <param name="address">From here.</param>
    /// <param name="length">Bytes.</param>
    public virtual void Guard(ulong address, ulong length) => Do(new FuzzOperation(FuzzVerb.Guard, address, length));

    /// <summary>What a driver keeps in mind: the next descriptor, the next block.</summary>
    /// <param name="which">0 to 7, as its target likes.</param>
    public ref int Mind(int which) => ref _numbers[which];

    /// <summary>Writes a register.</summary>
    /// <param name="bar">Behind which BAR.</param>
    /// <param name="offset">Bytes from the start of the window.</param>
    /// <param name="size">1, 2, 4 or 8 bytes.</param>
    /// <param name="value">What.</param>
    public void Write(int bar, int offset, int size, ulong value) => Do(new FuzzOperation(FuzzVerb.Write, (ulong)bar, (ulong)offset, (ulong)size, value));

    /// <summary>Writes guest memory.</summary>
    /// <param name="address">Where.</param>
    /// <param name="size">1, 2, 4 or 8 bytes.</param>
    /// <param name="value">What.</param>
    public void Store(ulong address, int size, ulong value) => Do(new FuzzOperation(FuzzVerb.Store, address, (ulong)size, value));

    /// <summary>Lets time pass.</summary>
    /// <param name="nanoseconds">How much.</param>
    public void Advance(ulong nanoseconds) => Do(new FuzzOperation(FuzzVerb.Advance, nanoseconds));

    /// <summary>Lets the device's thread run until it has nothing to do.</summary>
    public void Run() => Do(new FuzzOperation(FuzzVerb.Run));
}
