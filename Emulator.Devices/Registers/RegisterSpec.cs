namespace Emulator.Devices;

/// <summary>A register as its data sheet describes it: one row of a device's table.</summary>
/// <typeparam name="TRegister">The device's enumeration of offsets, of underlying type ushort.</typeparam>
/// <param name="Register">Its offset, which is also its name.</param>
/// <param name="Size">1, 2, 4 or 8 bytes.</param>
public readonly record struct RegisterSpec<TRegister>(TRegister Register, int Size = 4)
    where TRegister : unmanaged, Enum
{
    /// <summary>The value after a reset.</summary>
    public ulong Reset { get; init; }

    /// <summary>The bits that keep what the guest writes.</summary>
    public ulong Writable { get; init; }

    /// <summary>The bits that a written 1 clears.</summary>
    public ulong ClearedByOne { get; init; }

    /// <summary>The bits that are cleared once they have been read.</summary>
    public ulong ClearedByReading { get; init; }

    /// <summary>How many of the kind there are, one behind the other; they are named with a number.</summary>
    public int Count { get; init; } = 1;

    /// <summary>True if what it reads as, or what a write does, is the device's to say: a sweep expects nothing of its value.</summary>
    public bool IsLive { get; init; }
}
