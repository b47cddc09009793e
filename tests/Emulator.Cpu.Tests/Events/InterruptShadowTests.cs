using static Iced.Intel.AssemblerRegisters;

namespace Emulator.Cpu.Tests.Events;

public class InterruptShadowTests
{
    [Fact]
    public void STI_holds_interrupts_off_for_one_instruction()
    {
        using var machine = new EventMachine(32);
        machine.Start(a =>
        {
            a.sti();
            a.nop();
            a.nop();
        });

        Assert.Equal(EventMachine.Code + 2, RunToWindow(machine));
    }

    [Fact]
    public void STI_with_interrupts_on_holds_nothing_off()
    {
        using var machine = new EventMachine(32);
        machine.Start(a =>
        {
            a.@in(al, 0x80);
            a.sti();
            a.nop();
        });
        machine.Change((ref VcpuState state) => state.Rflags |= Rflags.Interrupt);
        Assert.Equal(ExitReason.Io, machine.Vcpu.Run());
        machine.Vcpu.Kick();

        Assert.Equal(ExitReason.Intr, machine.Vcpu.Run());
        Assert.Equal(ExitReason.Hlt, machine.Vcpu.Run());
    }

    [Fact]
    public void Of_two_loads_of_SS_in_a_row_only_the_first_holds_interrupts_off()
    {
        using var machine = new EventMachine(32);
        machine.Start(a =>
        {
            a.mov(ss, eax);
            a.mov(ss, eax);
            a.nop();
        });
        StepFirst(machine);

        Assert.Equal(EventMachine.Code + 4, RunToWindow(machine));
    }

    [Fact]
    public void A_load_of_SS_holds_an_NMI_off()
    {
        using var machine = new EventMachine(32);
        machine.Start(a =>
        {
            a.mov(ss, eax);
            a.@in(al, 0x80);
            a.nop();
        });
        machine.Change((ref VcpuState state) => state.Gpr[0] = EventMachine.DataSelector);
        Assert.Equal(ExitReason.Io, machine.Vcpu.Run());
        machine.Vcpu.RaiseNmi();

        Assert.Equal(Vector.NonMaskable, machine.RunToHalt());

        Assert.Equal(EventMachine.Code + 4, machine.Frame(0));
    }

    [Fact]
    public void A_second_NMI_waits_for_IRET_and_no_longer()
    {
        using var machine = new EventMachine(32);
        machine.Start([0x90, 0xCF, 0x90, 0xF4]);
        machine.Vcpu.RaiseNmi();
        Assert.Equal(Vector.NonMaskable, machine.RunToHalt());
        machine.Vcpu.RaiseNmi();

        // The handler goes on behind its HLT: an IRET to its own frame.
        machine.Write(machine.State.Rip, 1, 0xCF);
        Assert.Equal(Vector.NonMaskable, machine.RunToHalt());

        Assert.Equal(EventMachine.Code, machine.Frame(0));
    }

    private static ulong RunToWindow(EventMachine machine)
    {
        machine.Vcpu.RequestInterruptWindow = true;
        Assert.Equal(ExitReason.IrqWindowOpen, machine.Vcpu.Run());
        return machine.State.Rip;
    }

    /// <summary>Puts STI before the code, and before that an IN that has exited: its value is the data selector.</summary>
    private static void StepFirst(EventMachine machine)
    {
        var code = machine.State.Rip;
        machine.Write(code - 4, 4, 0xFB80_E490); // NOP, IN AL, 80h, STI; the shadow is the first load's
        machine.Change((ref VcpuState state) => state.Rip = code - 4);
        Assert.Equal(ExitReason.Io, machine.Vcpu.Run());
        machine.Vcpu.Exit.Data = EventMachine.DataSelector;
    }
}
