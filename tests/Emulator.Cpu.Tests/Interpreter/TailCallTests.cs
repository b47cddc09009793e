using System.Diagnostics;
using System.Reflection;
using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace Emulator.Cpu.Tests.Interpreter;

public class TailCallTests
{
    /// <summary>
    /// Far less than one frame for each instruction would need: were a single kind of handler to call the next one
    /// instead of jumping to it, the thread would die of it within the first block of a hundred thousand.
    /// </summary>
    private const int StackBytes = 192 * 1024;

    private const uint Function = 0x2000;
    private const uint JumpsBack = 0x3000;
    private const uint Rounds = 4_000_000;

    private static bool IsUnoptimised =>
        typeof(Vcpu).Assembly.GetCustomAttribute<DebuggableAttribute>() is { IsJITOptimizerDisabled: true };

    [Fact]
    public void A_hundred_million_instructions_run_on_a_small_stack()
    {
        Assert.SkipWhen(IsUnoptimised, "Emulator.Cpu is a Debug build: only optimised code makes tail calls");
        using var machine = new CodeMachine();
        machine.Assemble(Function, a =>
        {
            a.lea(ebx, __[ebx + 1]);
            a.ret();
        });
        machine.Assemble(JumpsBack, a =>
        {
            a.pop(edx);
            a.jmp(edx);
        });
        machine.Start(0x1000, EveryKind);
        var reason = default(ExitReason);
        var thread = new Thread(
            () =>
            {
                do
                {
                    reason = machine.Vcpu.Run();
                }
                while (reason == ExitReason.Intr);
            },
            StackBytes);
        thread.Start();
        thread.Join();

        Assert.Equal(ExitReason.Hlt, reason);
        Assert.True(machine.Vcpu.InstructionCount > 100_000_000, $"{machine.Vcpu.InstructionCount} instructions");
        var state = machine.Vcpu.GetState();
        Assert.Equal(0UL, state.Gpr[1]);
        Assert.Equal(CodeMachine.Stack, state.Gpr[4]);
        Assert.Equal(Rounds * 3, (uint)state.Gpr[3]);
    }

    /// <summary>A loop over handlers of each template, so that each is shown to be a tail call.</summary>
    private static void EveryKind(Assembler a)
    {
        var loop = a.CreateLabel();
        a.mov(ecx, Rounds);
        a.xor(ebx, ebx);
        a.mov(esi, 0x4000);
        a.Label(ref loop);
        a.mov(eax, ecx);
        a.add(eax, 5);
        a.mov(__dword_ptr[esi], eax);
        a.add(__dword_ptr[esi], 1);
        a.add(__dword_ptr[esi], eax);
        a.sub(eax, __[esi]);
        a.imul(eax, eax, 3);
        a.shl(eax, 4);
        a.rol(eax, 7);
        a.movzx(edx, al);
        a.movsx(edx, __word_ptr[esi]);
        a.test(edx, edx);
        a.sete(dl);
        a.cmovne(edi, eax);
        a.push(eax);
        a.pop(eax);
        a.xchg(eax, edi);
        a.bswap(eax);
        a.@lock.xadd(__dword_ptr[esi + 4], eax);
        a.cmp(__dword_ptr[esi], 7);
        a.call(Function);
        a.mov(eax, Function);
        a.call(eax);
        a.call(JumpsBack);
        a.inc(ebx);
        a.dec(ecx);
        a.jne(loop);
        a.hlt();
    }
}
