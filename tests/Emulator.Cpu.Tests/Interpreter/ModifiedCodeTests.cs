using static Iced.Intel.AssemblerRegisters;

namespace Emulator.Cpu.Tests.Interpreter;

public class ModifiedCodeTests
{
    private const uint Code = 0x1000;
    private const uint Flag = 0x4000;

    [Fact]
    public void A_device_that_writes_code_is_noticed_by_a_vCPU_that_has_decoded_it()
    {
        using var machine = new CodeMachine();
        machine.Start(Code, a =>
        {
            a.mov(eax, 1);
            a.hlt();
            a.jmp(Code);
        });
        Assert.Equal(ExitReason.Hlt, machine.Vcpu.Run());
        Assert.Equal(1UL, machine.Vcpu.GetState().Gpr[0]);

        machine.Memory.Write(Code + 1, 4, 0x55);
        var state = machine.Vcpu.GetState();
        state.Rip = Code;
        machine.Vcpu.SetState(state);

        Assert.Equal(ExitReason.Hlt, machine.Vcpu.Run());
        Assert.Equal(0x55UL, machine.Vcpu.GetState().Gpr[0]);
    }

    [Fact]
    public void A_device_that_writes_into_a_running_loop_ends_it()
    {
        using var machine = new CodeMachine();
        machine.Start(Code, a =>
        {
            var loop = a.CreateLabel();
            a.Label(ref loop);
            a.mov(__dword_ptr[Flag], 1);
            a.jmp(loop);
        });
        var thread = new Thread(() => machine.Vcpu.Run());
        thread.Start();
        WaitFor(machine, Flag, 1);

        machine.Assemble(Code, a =>
        {
            a.hlt();
            a.nop();
        });

        Assert.True(thread.Join(Patience), "the old code runs on");
    }

    [Fact]
    public void A_vCPU_that_patches_what_another_runs_is_noticed_every_time()
    {
        // P0 writes a new immediate into P1's code and then bumps a number; P1, having seen the number, serialises and
        // runs the patched instruction: it must see at least the value of that number (SDM volume 3, 8.1.3).
        const uint Patched = 0x2000;
        const uint Rounds = 400;
        using var machine = new CodeMachine(2);
        machine.Assemble(Patched, a =>
        {
            a.mov(edx, 0);
            a.ret();
        });
        machine.Start(Code, a =>
        {
            var next = a.CreateLabel();
            var wait = a.CreateLabel();
            a.mov(ecx, 1);
            a.Label(ref next);
            a.mov(__dword_ptr[Patched + 1], ecx);
            a.mov(__dword_ptr[Flag], ecx);
            a.Label(ref wait);
            a.cmp(__[Flag + 64], ecx);
            a.jne(wait);
            a.inc(ecx);
            a.cmp(ecx, Rounds);
            a.jbe(next);
            a.hlt();
        });
        machine.Start(
            0x3000,
            a =>
            {
                var next = a.CreateLabel();
                var wrong = a.CreateLabel();
                a.mov(edi, 1);
                a.Label(ref next);
                a.cmp(__[Flag], edi);
                a.jne(next);
                a.xor(eax, eax);
                a.cpuid();
                a.call(Patched);
                a.cmp(edx, edi);
                a.jne(wrong);
                a.mov(__dword_ptr[Flag + 64], edi);
                a.inc(edi);
                a.cmp(edi, Rounds);
                a.jbe(next);
                a.hlt();
                a.Label(ref wrong);
                a.mov(__dword_ptr[Flag + 64], uint.MaxValue);
                a.hlt();
            },
            processor: 1);
        var threads = machine.Vcpus.Select(vcpu => new Thread(() => vcpu.Run())).ToArray();
        Array.ForEach(threads, thread => thread.Start());

        Assert.True(threads[1].Join(Patience), "P1 waits for ever");
        var last = machine.Vcpus[1].GetState();
        Assert.True((uint)last.Gpr[7] == Rounds + 1, $"round {(uint)last.Gpr[7]}: P1 ran code that loads {(uint)last.Gpr[2]}");
        Assert.True(threads[0].Join(Patience));
    }

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private static void WaitFor(CodeMachine machine, ulong address, ulong value)
    {
        var deadline = DateTime.UtcNow + Patience;
        var spin = default(SpinWait);
        while (machine.Memory.Read(address, 4, out var seen) != 0 || seen != value)
        {
            Assert.True(DateTime.UtcNow < deadline, "the guest does not get there");
            spin.SpinOnce();
        }
    }
}
