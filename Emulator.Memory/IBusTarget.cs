namespace Emulator.Memory;

/// <summary>What an access to a bus target did; the initiator decides what its side then sees.</summary>
public enum BusStatus : byte
{
    /// <summary>The target served the access.</summary>
    Ok,

    /// <summary>Nothing claims the address: a read floats to all ones, a write is dropped.</summary>
    Unassigned,

    /// <summary>The target has no register at this offset.</summary>
    InvalidRegister,

    /// <summary>The target has the register, but not at this access size or alignment.</summary>
    InvalidSize,

    /// <summary>The target can be read but not written (ROM).</summary>
    ReadOnly,
}

/// <summary>A window of registers on a bus: a memory BAR, an I/O BAR or a range of ports.</summary>
/// <remarks>
/// Called on the thread that made the access, several vCPU threads at once if the guest does so; the target
/// takes its own lock. Neither method throws, whatever the guest asks.
/// </remarks>
public interface IBusTarget
{
    /// <summary>Reads a register.</summary>
    /// <param name="offset">Bytes from the start of the window; <paramref name="offset"/> + <paramref name="size"/> lies inside it.</param>
    /// <param name="size">1, 2, 4 or 8 bytes.</param>
    /// <param name="value">The value, little-endian, zero-extended; ignored unless the status is <see cref="BusStatus.Ok"/>.</param>
    BusStatus Read(ulong offset, int size, out ulong value);

    /// <summary>Writes a register.</summary>
    /// <param name="offset">Bytes from the start of the window; <paramref name="offset"/> + <paramref name="size"/> lies inside it.</param>
    /// <param name="size">1, 2, 4 or 8 bytes.</param>
    /// <param name="value">The value, zero-extended from <paramref name="size"/> bytes.</param>
    BusStatus Write(ulong offset, int size, ulong value);
}
