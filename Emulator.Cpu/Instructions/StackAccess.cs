namespace Emulator.Cpu;

/// <summary>The stack of slow instructions: RSP, ESP or SP, by mode and SS.B.</summary>
internal static unsafe class StackAccess
{
    private const int Rsp = 4;

    /// <summary>All ones of the stack pointer's width.</summary>
    public static ulong Mask(CpuState* cpu) =>
        (cpu->Mode & (uint)CodeMode.Code64) != 0 ? ulong.MaxValue
        : (cpu->Mode & (uint)CodeMode.Stack32) != 0 ? uint.MaxValue
        : ushort.MaxValue;

    /// <summary>Sets the stack pointer: 16 bits are merged, 32 bits clear the upper half.</summary>
    public static void SetPointer(CpuState* cpu, ulong pointer)
    {
        var mask = Mask(cpu);
        cpu->Gpr[Rsp] = mask == ushort.MaxValue ? (cpu->Gpr[Rsp] & ~mask) | (pointer & mask) : pointer & mask;
    }

    /// <summary>Pushes one value; nothing changes if it cannot be written.</summary>
    public static bool Push(CpuState* cpu, ulong value, int size)
    {
        var pointer = (cpu->Gpr[Rsp] - (ulong)size) & Mask(cpu);
        if (!Segmentation.Linear(cpu, SegmentName.Ss, pointer, size, true, out var linear)
            || !GuestAccess.Write(cpu, linear, size, value & BusLog.SizeMask(size), false))
        {
            return false;
        }

        SetPointer(cpu, pointer);
        return true;
    }

    /// <summary>Reads a value at an offset in bytes from the top of the stack.</summary>
    public static bool Peek(CpuState* cpu, int offset, int size, out ulong value)
    {
        value = 0;
        var pointer = (cpu->Gpr[Rsp] + (ulong)offset) & Mask(cpu);
        return Segmentation.Linear(cpu, SegmentName.Ss, pointer, size, false, out var linear)
            && GuestAccess.Read(cpu, linear, size, false, out value);
    }

    /// <summary>Moves the stack pointer up.</summary>
    public static void Drop(CpuState* cpu, int bytes) => SetPointer(cpu, cpu->Gpr[Rsp] + (ulong)bytes);
}
