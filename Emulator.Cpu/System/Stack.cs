namespace Emulator.Cpu;

/// <summary>The stack as slow code sees it: its width by mode, and checked reads above the stack pointer.</summary>
internal static unsafe class Stack
{
    /// <summary>Number of RSP in <see cref="CpuState.Gpr"/>.</summary>
    public const int Pointer = 4;

    /// <summary>The bits of RSP that address the stack in the present mode.</summary>
    public static ulong Mask(CpuState* cpu)
    {
        var mode = (CodeMode)cpu->Mode;
        return (mode & CodeMode.Code64) != 0 ? ulong.MaxValue
            : (mode & CodeMode.Stack32) != 0 ? uint.MaxValue
            : ushort.MaxValue;
    }

    /// <summary>RSP after its addressing bits have become those of <paramref name="pointer"/>: 16-bit stacks leave the rest alone.</summary>
    public static ulong Merge(ulong rsp, ulong pointer, ulong mask) =>
        mask == ushort.MaxValue ? (rsp & ~mask) | (pointer & mask) : pointer & mask;

    /// <summary>Sets the stack pointer, as wide as the present mode has it.</summary>
    public static void SetPointer(CpuState* cpu, ulong pointer) =>
        cpu->Gpr[Pointer] = Merge(cpu->Gpr[Pointer], pointer, Mask(cpu));

    /// <summary>Reads <paramref name="size"/> bytes at a displacement above the stack pointer, which does not move.</summary>
    public static bool Read(CpuState* cpu, int displacement, int size, out ulong value)
    {
        value = 0;
        var offset = (cpu->Gpr[Pointer] + (ulong)displacement) & Mask(cpu);
        return Segmentation.Linear(cpu, SegmentName.Ss, offset, size, write: false, out var linear)
            && GuestAccess.Read(cpu, linear, size, system: false, out value);
    }

    /// <summary>Pushes one value of 2, 4 or 8 bytes; nothing changes if it cannot be written.</summary>
    public static bool Push(CpuState* cpu, ulong value, int size)
    {
        var pointer = (cpu->Gpr[Pointer] - (ulong)size) & Mask(cpu);
        if (!Segmentation.Linear(cpu, SegmentName.Ss, pointer, size, write: true, out var linear)
            || !GuestAccess.Write(cpu, linear, size, value & BusLog.SizeMask(size), system: false))
        {
            return false;
        }

        SetPointer(cpu, pointer);
        return true;
    }

    /// <summary>Moves the stack pointer up by a number of bytes; down where it is negative.</summary>
    public static void Drop(CpuState* cpu, int bytes) => SetPointer(cpu, cpu->Gpr[Pointer] + (ulong)bytes);

    /// <summary>Pops one value of 2, 4 or 8 bytes.</summary>
    public static bool Pop(CpuState* cpu, int size, out ulong value)
    {
        if (!Read(cpu, 0, size, out value))
        {
            return false;
        }

        Drop(cpu, size);
        return true;
    }
}
