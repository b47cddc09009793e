using Emulator.Memory;

namespace Emulator.Pci;

/// <summary>Sees what passes between a function and the processors beside memory. Takes no lock of the function's or the bus's.</summary>
public interface IFunctionObserver
{
    /// <summary>A read of a register behind a BAR begins. On the thread that reads, as is its end.</summary>
    /// <param name="address">The window's address plus the offset in it.</param>
    /// <param name="size">1, 2, 4 or 8 bytes.</param>
    void BeginRead(ulong address, int size);

    /// <summary>The read ends, behind the function's posted writes.</summary>
    /// <param name="value">What the register gave; anything unless the status is <see cref="BusStatus.Ok"/>.</param>
    /// <param name="status">What became of it.</param>
    void EndRead(ulong value, BusStatus status);

    /// <summary>A register behind a BAR is about to be written. On the thread that writes.</summary>
    /// <param name="address">The window's address plus the offset in it.</param>
    /// <param name="size">1, 2, 4 or 8 bytes.</param>
    /// <param name="value">What is written.</param>
    void Write(ulong address, int size, ulong value);

    /// <summary>The interrupt pin is about to change. Any thread, under the pin's lock.</summary>
    /// <param name="asserted">True if it is asserted.</param>
    void Pin(bool asserted);
}
