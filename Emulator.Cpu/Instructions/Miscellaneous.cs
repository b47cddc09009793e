using System.Numerics;
using Emulator.Cpu.Interpreter;

namespace Emulator.Cpu;

/// <summary>CRC32 of SSE4.2: the Castagnoli polynomial over one operand; the source's width is the type argument.</summary>
internal readonly unsafe struct AccumulateCrc32<TW> : IInstruction
    where TW : IWidth
{
    public static bool Execute(CpuState* cpu, Op* op)
    {
        if (!Operand.ReadSecond<TW>(cpu, op, out var value))
        {
            return false;
        }

        var crc = (uint)W32.Get(cpu, op->Dst);
        W64.Set(cpu, op->Dst, TW.Bytes switch
        {
            1 => BitOperations.Crc32C(crc, (byte)value),
            2 => BitOperations.Crc32C(crc, (ushort)value),
            4 => BitOperations.Crc32C(crc, (uint)value),
            _ => BitOperations.Crc32C(crc, value),
        });
        return true;
    }
}

/// <summary>CLFLUSH and its like: there is no cache to write back, but the address is checked as a byte read.</summary>
internal readonly unsafe struct FlushLine : IInstruction
{
    public static bool Execute(CpuState* cpu, Op* op) => Operand.ReadMemory(cpu, op, 1, out _);
}

/// <summary>WAIT: #NM while CR0 says that the coprocessor's state is another task's; there is no coprocessor to wait for.</summary>
internal readonly unsafe struct WaitForCoprocessor : IInstruction
{
    private const ulong Both = Cr0.MonitorCoprocessor | Cr0.TaskSwitched;

    public static bool Execute(CpuState* cpu, Op* op) =>
        (cpu->Cr0 & Both) != Both || Fault.Raise(cpu, Vector.DeviceNotAvailable);
}
