using System.Runtime.InteropServices;

namespace Emulator.Devices;

/// <summary>A descriptor as it lies in memory, little-endian (virtio 1.2, 2.7.5).</summary>
[StructLayout(LayoutKind.Explicit, Size = Size)]
public readonly struct VirtqueueDescriptor
{
    /// <summary>Bytes.</summary>
    public const int Size = 16;

    /// <summary>Guest-physical address of the buffer.</summary>
    [FieldOffset(0)]
    public readonly ulong Address;

    /// <summary>Bytes of the buffer.</summary>
    [FieldOffset(8)]
    public readonly uint Length;

    /// <summary>What it is.</summary>
    [FieldOffset(12)]
    public readonly VirtqueueDescriptorBits Flags;

    /// <summary>The index of the next one, if there is one.</summary>
    [FieldOffset(14)]
    public readonly ushort Next;

    /// <summary>Puts one together.</summary>
    public VirtqueueDescriptor(ulong address, uint length, VirtqueueDescriptorBits flags, ushort next) =>
        (Address, Length, Flags, Next) = (address, length, flags, next);
}

/// <summary>Flags of a descriptor.</summary>
[Flags]
public enum VirtqueueDescriptorBits : ushort
{
    /// <summary>The chain goes on at <see cref="VirtqueueDescriptor.Next"/>.</summary>
    Next = 1,

    /// <summary>The device writes the buffer; otherwise it reads it.</summary>
    Write = 2,

    /// <summary>The buffer is a table of descriptors.</summary>
    Indirect = 4,
}
