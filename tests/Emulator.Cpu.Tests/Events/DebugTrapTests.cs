using static Iced.Intel.AssemblerRegisters;

namespace Emulator.Cpu.Tests.Events;

public class DebugTrapTests
{
    private const ulong SingleStep = 0x4000;
    private const uint Watched = (uint)EventMachine.Data;

    [Fact]
    public void STI_does_not_put_a_single_step_off()
    {
        using var machine = new EventMachine(32);
        machine.Start(a =>
        {
            a.sti();
            a.nop();
        });
        SetTrap(machine);

        Assert.Equal(Vector.Debug, machine.RunToHalt());

        Assert.Equal((EventMachine.Code + 1, SingleStep), (machine.Frame(0), machine.State.Dr[6] & SingleStep));
    }

    [Fact]
    public void HLT_under_TF_traps_instead_of_halting()
    {
        using var machine = new EventMachine(32);
        machine.Start(a =>
        {
            a.hlt();
            a.nop();
        });
        SetTrap(machine);

        Assert.Equal(Vector.Debug, machine.RunToHalt());

        Assert.Equal(EventMachine.Code + 1, machine.Frame(0));
    }

    [Theory]
    [InlineData(16)]
    [InlineData(32)]
    [InlineData(64)]
    public void IRET_that_sets_TF_traps_behind_the_first_instruction_it_returns_to(int bits)
    {
        using var machine = new EventMachine(bits);
        machine.Start([(byte)(bits == 64 ? 0x48 : 0x90), 0xCF, 0x90, 0x90, 0xF4]);
        var size = bits / 8;
        var pointer = machine.State.Gpr[4] - (ulong)(5 * size);
        var cs = machine.State.Segments[(int)SegmentName.Cs];
        ulong[] frame = [EventMachine.Code - cs.Base + 2, cs.Selector, Rflags.Fixed | Rflags.Trap, EventMachine.StackTop, EventMachine.DataSelector];
        for (var i = 0; i < 5; i++)
        {
            machine.Write(pointer + (ulong)(i * size), size, frame[i]);
        }

        machine.Change((ref VcpuState state) => state.Gpr[4] = pointer);

        Assert.Equal(Vector.Debug, machine.RunToHalt());

        Assert.Equal((EventMachine.Code - cs.Base + 3, SingleStep), (machine.Frame(0), machine.State.Dr[6] & SingleStep));
    }

    [Fact]
    public void SYSCALL_that_masks_TF_is_not_stepped_into()
    {
        using var machine = Caller();
        machine.Vcpu.SetFlagMask(Rflags.Trap);
        SetTrap(machine);

        Assert.Equal(-1, machine.RunToHalt());

        Assert.Equal(EventMachine.SystemCallTarget + 1, machine.State.Rip);
        Assert.NotEqual(0UL, machine.State.Gpr[11] & Rflags.Trap);
    }

    [Fact]
    public void SYSCALL_that_leaves_TF_traps_at_its_target()
    {
        using var machine = Caller();
        SetTrap(machine);

        Assert.Equal(Vector.Debug, machine.RunToHalt());

        Assert.Equal(EventMachine.SystemCallTarget, machine.Frame(0));
    }

    [Fact]
    public void SYSRET_that_restores_TF_traps_at_once()
    {
        using var machine = Caller();
        machine.Start(a => a.sysretq());
        machine.Change((ref VcpuState state) =>
        {
            state.Gpr[1] = EventMachine.Data;
            state.Gpr[11] = Rflags.Trap;
            state.Segments[(int)SegmentName.Tr] = new Segment { Base = 0x7000, Limit = 0x67, Attributes = 0x8B };
        });
        machine.Write(0x7004, 8, EventMachine.StackTop);

        Assert.Equal(Vector.Debug, machine.RunToHalt());

        Assert.Equal((EventMachine.Data, EventMachine.UserCodeSelector), (machine.Frame(0), (ushort)machine.Frame(1)));
    }

    [Fact]
    public void A_breakpoint_that_a_load_of_SS_hits_traps_behind_the_next_instruction()
    {
        using var machine = new EventMachine(32);
        machine.Write(Watched, 2, EventMachine.DataSelector);
        machine.Start(a =>
        {
            a.mov(ss, __word_ptr[Watched]);
            a.nop();
            a.nop();
        });
        Arm(machine, Watched, access: 3);
        var length = 6U;

        Assert.Equal(Vector.Debug, machine.RunToHalt());

        Assert.Equal((EventMachine.Code + length + 1, 1UL), (machine.Frame(0), machine.State.Dr[6] & 0xE00F));
    }

    [Theory]
    [InlineData(0x60, 1, 0x8FF0)] // PUSHA
    [InlineData(0xA5, 1, Watched)] // MOVSD
    [InlineData(0xE8, 5, 0x8FFC)] // CALL
    public void Slow_code_in_the_middle_of_a_block_traps_behind_itself(byte opcode, uint length, uint watched)
    {
        using var machine = new EventMachine(32);
        machine.Start([opcode, 0, 0, 0, 0, 0x90, 0x90, 0xF4]);
        machine.Change((ref VcpuState state) =>
        {
            state.Gpr[6] = Watched + 0x100;
            state.Gpr[7] = Watched;
        });
        Arm(machine, watched, access: 1);

        Assert.Equal(Vector.Debug, machine.RunToHalt());

        Assert.Equal((EventMachine.Code + length, 1UL), (machine.Frame(0), machine.State.Dr[6] & 0xE00F));
    }

    [Theory]
    [InlineData(Cr4.DebuggingExtensions, Vector.Debug)]
    [InlineData(0UL, -1)]
    public void Only_CR4_DE_lets_a_breakpoint_watch_a_port(ulong cr4, int expected)
    {
        using var machine = new EventMachine(32);
        machine.Start(a =>
        {
            a.@in(al, 0x81);
            a.nop();
        });
        machine.Change((ref VcpuState state) => state.Cr4 = cr4);
        Arm(machine, 0x80, access: 2);

        Assert.Equal(ExitReason.Io, machine.Vcpu.Run());
        machine.Vcpu.Exit.Data = 0x5A;

        Assert.Equal(expected, machine.RunToHalt());
        Assert.Equal(0x5AUL, machine.State.Gpr[0]);
    }

    [Fact]
    public void A_repeated_string_instruction_is_left_between_iterations_with_RF_in_the_frame()
    {
        using var machine = new EventMachine(32);
        machine.Start([0xF3, 0xAA, 0xF4]);
        machine.Change((ref VcpuState state) =>
        {
            state.Gpr[1] = 3;
            state.Gpr[7] = Watched;
        });
        SetTrap(machine);

        Assert.Equal(Vector.Debug, machine.RunToHalt());

        Assert.Equal((EventMachine.Code, 2UL, Rflags.Resume), (machine.Frame(0), machine.State.Gpr[1], machine.Frame(2) & Rflags.Resume));
    }

    [Fact]
    public void RF_lets_a_repeated_string_instruction_with_a_breakpoint_finish()
    {
        using var machine = new EventMachine(32);
        machine.Start([0xF3, 0xAA, 0xF4]);
        machine.Change((ref VcpuState state) =>
        {
            state.Gpr[1] = 3;
            state.Gpr[7] = Watched;
            state.Rflags |= Rflags.Resume;
            state.Dr[0] = EventMachine.Code;
            state.Dr[7] = 0x401;
        });

        Assert.Equal(-1, machine.RunToHalt());

        Assert.Equal((0UL, 0UL), (machine.State.Gpr[1], machine.State.Rflags & Rflags.Resume));
    }

    private static EventMachine Caller()
    {
        var machine = new EventMachine(64);
        machine.Write(EventMachine.SystemCallTarget, 1, 0xF4);
        machine.Start(a => a.syscall());
        machine.Vcpu.SetSystemCall((ulong)EventMachine.CodeSelector << 32 | 0x18UL << 48, EventMachine.SystemCallTarget);
        return machine;
    }

    private static void SetTrap(EventMachine machine) => machine.Change((ref VcpuState state) => state.Rflags |= Rflags.Trap);

    private static void Arm(EventMachine machine, uint address, ulong access) => machine.Change((ref VcpuState state) =>
    {
        state.Dr[0] = address;
        state.Dr[7] = 0x401 | access << 16 | 3 << 18;
    });
}

internal static unsafe class SystemCallRegisters
{
    public static void SetSystemCall(this Vcpu vcpu, ulong star, ulong lstar)
    {
        vcpu.State->Star = star;
        vcpu.State->Lstar = lstar;
    }

    public static void SetFlagMask(this Vcpu vcpu, ulong mask) => vcpu.State->Sfmask = mask;
}
