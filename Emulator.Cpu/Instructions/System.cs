using Emulator.Cpu.Interpreter;

namespace Emulator.Cpu;

/// <summary>Raises #UD: UD2 and its like, and every instruction this processor does not have; those are named in the log.</summary>
internal readonly unsafe struct UndefinedInstruction : IInstruction
{
    public static bool Execute(CpuState* cpu, Op* op)
    {
        if (op->Imm != 0)
        {
            Vcpu.Of(cpu).ReportUnknown(op);
        }

        return Fault.InvalidOpcode(cpu);
    }
}

/// <summary>An instruction of more than 15 bytes: #GP(0), whatever it would have been.</summary>
internal readonly unsafe struct OverlongInstruction : IInstruction
{
    public static bool Execute(CpuState* cpu, Op* op) => Fault.GeneralProtection(cpu);
}

/// <summary>
/// An instruction of the x87: #NM where CR0 asks for emulation or another task owns the registers (SDM volume 3,
/// 2.5). Otherwise #UD, as there is no x87; the manual leaves open what a processor without one does.
/// </summary>
internal readonly unsafe struct CoprocessorInstruction : IInstruction
{
    public static bool Execute(CpuState* cpu, Op* op) =>
        (cpu->Cr0 & (Cr0.Emulation | Cr0.TaskSwitched)) != 0
            ? Fault.Raise(cpu, Vector.DeviceNotAvailable)
            : UndefinedInstruction.Execute(cpu, op);
}

/// <summary>RDPMC: there are no counters, so that no index is valid, at any CPL.</summary>
internal readonly unsafe struct ReadCounter : IInstruction
{
    public static bool Execute(CpuState* cpu, Op* op) => Fault.GeneralProtection(cpu);
}

/// <summary>HLT.</summary>
internal readonly unsafe struct HaltInstruction : IInstruction
{
    public static bool Execute(CpuState* cpu, Op* op)
    {
        if (cpu->Cpl != 0)
        {
            return Fault.GeneralProtection(cpu);
        }

        Vcpu.Of(cpu).Halt();
        return true;
    }
}

/// <summary>IN: the port is an immediate or DX.</summary>
internal readonly unsafe struct InputInstruction<TW> : IInstruction
    where TW : IWidth
{
    public static bool Execute(CpuState* cpu, Op* op)
    {
        var port = Operand.HasSecond(op) ? (ushort)cpu->Gpr[2] : (byte)op->Imm;
        ulong value = 0;
        if (!IoPermission.Check(cpu, port, TW.Bytes) || !Vcpu.Of(cpu).PortAccess(op, false, port, TW.Bytes, ref value))
        {
            return false;
        }

        TW.Set(cpu, 0, value);
        return true;
    }
}

/// <summary>OUT: the port is an immediate or DX.</summary>
internal readonly unsafe struct OutputInstruction<TW> : IInstruction
    where TW : IWidth
{
    public static bool Execute(CpuState* cpu, Op* op)
    {
        var port = op->Dst == RegisterOffset.Zero ? (byte)op->Imm : (ushort)cpu->Gpr[2];
        var value = TW.Get(cpu, 0);
        return IoPermission.Check(cpu, port, TW.Bytes) && Vcpu.Of(cpu).PortAccess(op, true, port, TW.Bytes, ref value);
    }
}

/// <summary>CPUID.</summary>
internal readonly unsafe struct CpuidInstruction : IInstruction
{
    public static bool Execute(CpuState* cpu, Op* op)
    {
        Vcpu.Of(cpu).Memory.Drain();
        Cpuid.Execute(cpu);
        return true;
    }
}

/// <summary>RDTSC.</summary>
internal readonly unsafe struct ReadTimeStamp : IInstruction
{
    public static bool Execute(CpuState* cpu, Op* op)
    {
        if (!TimeStampCounter.Read(cpu, out var value))
        {
            return false;
        }

        cpu->Gpr[0] = (uint)value;
        cpu->Gpr[2] = value >> 32;
        return true;
    }
}

/// <summary>RDTSCP: and the processor's number in ECX.</summary>
internal readonly unsafe struct ReadTimeStampAndProcessor : IInstruction
{
    public static bool Execute(CpuState* cpu, Op* op)
    {
        if (!ReadTimeStamp.Execute(cpu, op))
        {
            return false;
        }

        cpu->Gpr[1] = (uint)cpu->TscAux;
        return true;
    }
}

/// <summary>RDMSR.</summary>
internal readonly unsafe struct ReadMsr : IInstruction
{
    public static bool Execute(CpuState* cpu, Op* op)
    {
        if (cpu->Cpl != 0)
        {
            return Fault.GeneralProtection(cpu);
        }

        if (!ModelSpecificRegisters.Read(cpu, (uint)cpu->Gpr[1], out var value))
        {
            return false;
        }

        cpu->Gpr[0] = (uint)value;
        cpu->Gpr[2] = value >> 32;
        return true;
    }
}

/// <summary>WRMSR.</summary>
internal readonly unsafe struct WriteMsr : IInstruction
{
    public static bool Execute(CpuState* cpu, Op* op)
    {
        Vcpu.Of(cpu).Memory.Drain();
        return cpu->Cpl != 0
            ? Fault.GeneralProtection(cpu)
            : ModelSpecificRegisters.Write(cpu, (uint)cpu->Gpr[1], cpu->Gpr[2] << 32 | (uint)cpu->Gpr[0]);
    }
}

/// <summary>MOV to and from control and debug registers: the operand is 64 bits wide in 64-bit mode, else 32.</summary>
internal readonly unsafe struct MoveControl<TKind> : IInstruction
    where TKind : IControlMove
{
    public static bool Execute(CpuState* cpu, Op* op) => TKind.Move(cpu, op, (cpu->Mode & (uint)CodeMode.Code64) != 0);
}

internal unsafe interface IControlMove
{
    static abstract bool Move(CpuState* cpu, Op* op, bool wide);
}

internal readonly unsafe struct FromControl : IControlMove
{
    public static bool Move(CpuState* cpu, Op* op, bool wide)
    {
        if (!ControlRegisters.ReadControl(cpu, op->Src, out var value))
        {
            return false;
        }

        W64.Set(cpu, op->Dst, wide ? value : (uint)value);
        return true;
    }
}

internal readonly unsafe struct ToControl : IControlMove
{
    public static bool Move(CpuState* cpu, Op* op, bool wide)
    {
        Vcpu.Of(cpu).Memory.Drain();
        var value = W64.Get(cpu, op->Src);
        return ControlRegisters.WriteControl(cpu, Vcpu.Of(cpu).GuestMemory, op->Dst, wide ? value : (uint)value);
    }
}

internal readonly unsafe struct FromDebug : IControlMove
{
    public static bool Move(CpuState* cpu, Op* op, bool wide)
    {
        if (!DebugControl.ReadDebug(cpu, op->Src, out var value))
        {
            return false;
        }

        W64.Set(cpu, op->Dst, wide ? value : (uint)value);
        return true;
    }
}

internal readonly unsafe struct ToDebug : IControlMove
{
    public static bool Move(CpuState* cpu, Op* op, bool wide)
    {
        Vcpu.Of(cpu).Memory.Drain();
        var value = W64.Get(cpu, op->Src);
        return DebugControl.WriteDebug(cpu, op->Dst, wide ? value : (uint)value);
    }
}

/// <summary>LMSW.</summary>
internal readonly unsafe struct LoadMachineStatus : IInstruction
{
    public static bool Execute(CpuState* cpu, Op* op) =>
        cpu->Cpl != 0
            ? Fault.GeneralProtection(cpu)
            : Operand.ReadFirst<W16>(cpu, op, out var value)
                && ControlRegisters.LoadMachineStatusWord(cpu, Vcpu.Of(cpu).GuestMemory, (ushort)value);
}

/// <summary>SMSW: a register takes more of CR0 than the word.</summary>
internal readonly unsafe struct StoreMachineStatus : IInstruction
{
    public static bool Execute(CpuState* cpu, Op* op) =>
        (cpu->Cr4 & Cr4.UserModeInstructionPrevention) != 0 && cpu->Cpl != 0
            ? Fault.GeneralProtection(cpu)
            : SelectorOperand.Write(cpu, op, ControlRegisters.StoreMachineStatusWord(cpu));
}

/// <summary>CLTS.</summary>
internal readonly unsafe struct ClearTaskSwitched : IInstruction
{
    public static bool Execute(CpuState* cpu, Op* op) => ControlRegisters.ClearTaskSwitched(cpu);
}

/// <summary>INVLPG.</summary>
internal readonly unsafe struct InvalidatePage : IInstruction
{
    public static bool Execute(CpuState* cpu, Op* op)
    {
        Vcpu.Of(cpu).Memory.Drain();
        var segment = op->ScaleSegment >> 2 & 7;
        var offset = AddressOf.Offset(cpu, op);
        var linear = (cpu->Mode & (uint)CodeMode.Code64) != 0
            ? offset + (segment >= 4 ? cpu->Segments[segment].Base : 0)
            : (uint)(offset + cpu->Segments[segment].Base);
        return ControlRegisters.InvalidatePage(cpu, linear);
    }
}

/// <summary>INVD and WBINVD: there is no cache to write back.</summary>
internal readonly unsafe struct FlushCaches : IInstruction
{
    public static bool Execute(CpuState* cpu, Op* op)
    {
        Vcpu.Of(cpu).Memory.Drain();
        return cpu->Cpl == 0 || Fault.GeneralProtection(cpu);
    }
}

/// <summary>CLAC and STAC.</summary>
internal readonly unsafe struct AccessFlag<TChange> : IInstruction
    where TChange : IBitChange
{
    public static bool Execute(CpuState* cpu, Op* op)
    {
        if (cpu->Cpl != 0)
        {
            return Fault.InvalidOpcode(cpu);
        }

        cpu->SystemFlags = TChange.Apply(cpu->SystemFlags, Rflags.AlignmentCheck);
        ModeTracker.Update(cpu);
        return true;
    }
}

/// <summary>INT n.</summary>
internal readonly unsafe struct SoftwareInterrupt : IInstruction
{
    public static bool Execute(CpuState* cpu, Op* op) => Interrupts.SoftwareInterrupt(cpu, (byte)op->Imm, Handlers.NextIpOf(cpu, op));
}

/// <summary>INT3.</summary>
internal readonly unsafe struct Breakpoint : IInstruction
{
    public static bool Execute(CpuState* cpu, Op* op) => Interrupts.SoftwareException(cpu, Vector.Breakpoint, Handlers.NextIpOf(cpu, op));
}

/// <summary>INT1, also known as ICEBP.</summary>
internal readonly unsafe struct DebugBreak : IInstruction
{
    public static bool Execute(CpuState* cpu, Op* op) => Interrupts.DebugInterrupt(cpu, Handlers.NextIpOf(cpu, op));
}

/// <summary>INTO.</summary>
internal readonly unsafe struct InterruptOnOverflow : IInstruction
{
    public static bool Execute(CpuState* cpu, Op* op)
    {
        var next = Handlers.NextIpOf(cpu, op);
        if (Flags.Overflow(cpu))
        {
            return Interrupts.SoftwareException(cpu, Vector.Overflow, next);
        }

        cpu->Rip = next;
        return true;
    }
}

/// <summary>BOUND: #BR unless the index lies between the two words.</summary>
internal readonly unsafe struct CheckBound<TW> : IInstruction
    where TW : IWidth
{
    public static bool Execute(CpuState* cpu, Op* op)
    {
        var offset = AddressOf.Offset(cpu, op);
        if (!Operand.Linear(cpu, op, offset, TW.Bytes, false, out var low)
            || !Operand.Linear(cpu, op, AddressOf.Wrap(op, offset + (ulong)TW.Bytes), TW.Bytes, false, out var high)
            || !GuestAccess.Read(cpu, low, TW.Bytes, false, out var lower)
            || !GuestAccess.Read(cpu, high, TW.Bytes, false, out var upper))
        {
            return false;
        }

        var index = (long)TW.SignExtend(TW.Get(cpu, op->Dst));
        return (index >= (long)TW.SignExtend(lower) && index <= (long)TW.SignExtend(upper)) || Fault.Raise(cpu, Vector.BoundRange);
    }
}

/// <summary>SYSCALL.</summary>
internal readonly unsafe struct SystemCall : IInstruction
{
    public static bool Execute(CpuState* cpu, Op* op) => SystemCalls.SysCall(cpu, Handlers.NextIpOf(cpu, op));
}

/// <summary>SYSRET.</summary>
internal readonly unsafe struct SystemReturn<TW> : IInstruction
    where TW : IWidth
{
    public static bool Execute(CpuState* cpu, Op* op) => SystemCalls.SysReturn(cpu, TW.Bytes);
}

/// <summary>SYSENTER.</summary>
internal readonly unsafe struct SystemEnter : IInstruction
{
    public static bool Execute(CpuState* cpu, Op* op) => SystemCalls.SysEnter(cpu);
}

/// <summary>SYSEXIT.</summary>
internal readonly unsafe struct SystemExit<TW> : IInstruction
    where TW : IWidth
{
    public static bool Execute(CpuState* cpu, Op* op) => SystemCalls.SysExit(cpu, TW.Bytes);
}

/// <summary>SWAPGS.</summary>
internal readonly unsafe struct SwapGs : IInstruction
{
    public static bool Execute(CpuState* cpu, Op* op) => SystemCalls.SwapGs(cpu);
}

/// <summary>RDFSBASE and RDGSBASE.</summary>
internal readonly unsafe struct ReadSegmentBase<TName, TW> : IInstruction
    where TName : ISelectorSource
    where TW : IWidth
{
    public static bool Execute(CpuState* cpu, Op* op)
    {
        if (!SystemCalls.ReadBase(cpu, TName.Name, out var value))
        {
            return false;
        }

        TW.Set(cpu, op->Dst, value);
        return true;
    }
}

/// <summary>WRFSBASE and WRGSBASE.</summary>
internal readonly unsafe struct WriteSegmentBase<TName, TW> : IInstruction
    where TName : ISelectorSource
    where TW : IWidth
{
    public static bool Execute(CpuState* cpu, Op* op) => SystemCalls.WriteBase(cpu, TName.Name, TW.Get(cpu, op->Dst));
}

internal readonly struct FsName : ISelectorSource
{
    public static SegmentName Name => SegmentName.Fs;
}

internal readonly struct GsName : ISelectorSource
{
    public static SegmentName Name => SegmentName.Gs;
}
