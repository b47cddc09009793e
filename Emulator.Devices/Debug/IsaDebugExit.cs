using Emulator.Memory;

namespace Emulator.Devices;

/// <summary>A port that ends the emulator with an exit status of the guest's choice.</summary>
/// <remarks>Stateless and thread-safe. Reads give zero.</remarks>
/// <param name="exit">Called with the status on the thread that wrote; it asks for the end and returns.</param>
/// <param name="size">iosize: how many ports the window has, at least 1.</param>
/// <param name="rawStatus">The status is the value written and not <c>(value &lt;&lt; 1) | 1</c>.</param>
public sealed class IsaDebugExit(Action<int> exit, int size = 4, bool rawStatus = false) : IBusTarget, IResettable
{
    /// <summary>iosize: how many ports the window has.</summary>
    public int Size => size;

    /// <summary>Nothing to reset.</summary>
    public void Reset()
    {
    }

    /// <inheritdoc/>
    public BusStatus Read(ulong offset, int size, out ulong value)
    {
        value = 0;
        return offset < (ulong)Size ? BusStatus.Ok : BusStatus.InvalidRegister;
    }

    /// <inheritdoc/>
    public BusStatus Write(ulong offset, int size, ulong value)
    {
        if (offset >= (ulong)Size)
        {
            return BusStatus.InvalidRegister;
        }

        exit(unchecked(rawStatus ? (int)value : (int)(value << 1) | 1));
        return BusStatus.Ok;
    }
}
