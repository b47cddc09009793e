using static Iced.Intel.AssemblerRegisters;

namespace Emulator.Cpu.Tests.Interpreter;

/// <summary>A vCPU that waits for another with PAUSE.</summary>
public class PauseTests
{
    private const uint Loop = 0x1000;
    private const uint BehindInc = Loop + 1;

    // What a run executes at least before it looks what others want, unless something has it look earlier.
    private const long Quantum = 20_000;

    [Fact]
    public unsafe void What_comes_while_PAUSE_gives_way_is_looked_at_then_and_every_instruction_is_counted_once()
    {
        using var machine = new CodeMachine();
        var vcpu = machine.Vcpu;
        vcpu.State->ModelSpecific->ProcessorCount = 2;
        machine.Start(Loop, a =>
        {
            var again = a.CreateLabel();
            a.Label(ref again);
            a.inc(eax);
            a.pause();
            a.jmp(again);
        });

        var isOver = false;
        var kicker = new Thread(() =>
        {
            while (!Volatile.Read(ref isOver))
            {
                vcpu.Kick();
                Thread.SpinWait(2000);
            }
        });
        kicker.Start();
        var early = 0;
        for (var run = 0; run < 300; run++)
        {
            var before = vcpu.InstructionCount;
            Assert.Equal(ExitReason.Intr, vcpu.Run());
            early += vcpu.InstructionCount - before is > 0 and < Quantum ? 1 : 0;
            var state = vcpu.GetState();
            var unfinished = state.Rip == Loop ? 0 : state.Rip == BehindInc ? 2 : 1;
            Assert.Equal((3 * (long)state.Gpr[0]) - unfinished, vcpu.InstructionCount);
        }

        Volatile.Write(ref isOver, true);
        kicker.Join();
        Assert.NotEqual(0, early);
    }
}
