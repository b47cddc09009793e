using Emulator.Cpu;
using Emulator.Devices;
using Emulator.Host.Machine;
using Emulator.Host.Vcpus;
using Emulator.Memory;

namespace Emulator.Host.Tests.Vcpus;

public sealed class VcpuThreadTests : IDisposable
{
    private readonly GuestMemory _memory = new();
    private readonly PortSpace _ports = new();
    private readonly I8259Pair _pic = new();
    private readonly ApicBus _apics = new(2, new ApicClock(new ManualClock()));
    private readonly MachineControl _control = new(noReboot: false);

    public void Dispose()
    {
        _control.Dispose();
        _memory.Dispose();
    }

    [Fact]
    public async Task A_triple_fault_ends_with_status_4_and_the_registers()
    {
        var end = await RunAsync(new ScriptedVcpu().Then(_ => ExitReason.Shutdown));
        Assert.Equal(ExitStatus.TripleFault, end.ExitStatus);
        Assert.StartsWith("triple fault\n", end.Message, StringComparison.Ordinal);
        Assert.Contains("RIP=0000000000001234", end.Message, StringComparison.Ordinal);
        Assert.Contains("CR2=", end.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_broken_engine_ends_with_status_70_and_its_message()
    {
        var end = await RunAsync(new ScriptedVcpu().Then(_ => ExitReason.InternalError));
        Assert.Equal(ExitStatus.InternalError, end.ExitStatus);
        Assert.Contains("broken by hand", end.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_exception_in_the_emulator_ends_with_status_70()
    {
        var end = await RunAsync(new ScriptedVcpu().Then(_ => throw new InvalidOperationException("a bug")));
        Assert.Equal(ExitStatus.InternalError, end.ExitStatus);
        Assert.Contains("a bug", end.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_halted_vcpu_runs_on_after_an_interrupt_only()
    {
        using var halts = new ManualResetEventSlim();
        var vcpu = new ScriptedVcpu { ReadyForInterrupt = true }
            .Then(_ =>
            {
                Unmask(0x20);
                halts.Set();
                return ExitReason.Hlt;
            })
            .Then(_ => ExitReason.Shutdown);
        using var thread = NewThread(vcpu);
        _pic.OutputChanged = asserted => thread.Notify();
        thread.Start();
        thread.Notify();        // wakes it for nothing
        Assert.True(halts.Wait(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken));
        _pic.Input(0).Set(true);
        var end = await EndAsync();
        Assert.Equal(ExitStatus.TripleFault, end.ExitStatus);
        Assert.Equal([0x20], vcpu.Interrupts);
        Assert.Equal(2, vcpu.Runs);
    }

    [Fact]
    public async Task An_interrupt_that_cannot_be_taken_yet_asks_for_a_window()
    {
        Unmask(0x20);
        _pic.Input(0).Set(true);
        var vcpu = new ScriptedVcpu()
            .Then(v =>
            {
                Assert.True(v.RequestInterruptWindow);
                Assert.Empty(v.Interrupts);
                v.ReadyForInterrupt = true;
                return ExitReason.IrqWindowOpen;
            })
            .Then(v =>
            {
                Assert.False(v.RequestInterruptWindow);
                return ExitReason.Shutdown;
            });
        var end = await RunAsync(vcpu);
        Assert.Equal(ExitStatus.TripleFault, end.ExitStatus);
        Assert.Equal([0x20], vcpu.Interrupts);
    }

    [Fact]
    public async Task The_end_wakes_a_halted_vcpu()
    {
        var vcpu = new ScriptedVcpu().Then(_ => ExitReason.Hlt);
        using var thread = NewThread(vcpu);
        _control.Changed = thread.Notify;
        thread.Start();
        _control.RequestEnd(new MachineEnd(9));
        Assert.Equal(9, (await EndAsync()).ExitStatus);
        Assert.True(thread.Join(TimeSpan.FromSeconds(30)));
    }

    [Fact]
    public async Task An_nmi_wakes_a_halted_vcpu()
    {
        using var halted = new ManualResetEventSlim();
        var vcpu = new ScriptedVcpu()
            .Then(_ =>
            {
                halted.Set();
                return ExitReason.Hlt;
            })
            .Then(_ => ExitReason.Shutdown);
        using var thread = NewThread(vcpu);
        _apics[0].Write((int)ApicRegister.SpuriousVector, 4, 0x1FF);
        _apics[0].Write((int)ApicRegister.LvtLint1, 4, 0x400);
        thread.Start();
        Assert.True(halted.Wait(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken));
        thread.RaiseNmi();
        Assert.Equal(ExitStatus.TripleFault, (await EndAsync()).ExitStatus);
    }

    [Fact]
    public async Task A_reset_is_made_once_with_every_vcpu_outside_its_run()
    {
        var resets = 0;
        var running = 0;
        using var gate = new ResetGate(2, () =>
        {
            Assert.Equal(0, Volatile.Read(ref running));
            _control.AcknowledgeReset();
            resets++;
        });
        var first = new ScriptedVcpu(0)
            .Then(_ =>
            {
                _control.RequestReset();
                return ExitReason.Intr;
            })
            .Then(_ => ExitReason.Shutdown);
        var second = new ScriptedVcpu(1).Then(_ =>
        {
            Interlocked.Increment(ref running);
            SpinWait.SpinUntil(() => _control.IsResetRequested);
            Interlocked.Decrement(ref running);
            return ExitReason.Intr;
        });
        for (var i = 0; i < 1000; i++)
        {
            second.Then(_ => ExitReason.Intr);
        }

        second.Then(_ => ExitReason.Hlt);
        using var threads = new VcpuThread(first, _apics[0], null, _ports, _memory, _control, gate);
        using var other = new VcpuThread(second, _apics[1], null, _ports, _memory, _control, gate);
        _control.Changed = () =>
        {
            threads.Notify();
            other.Notify();
        };
        _apics[0].Write((int)ApicRegister.InterruptCommandHigh, 4, 1u << 24);
        _apics[0].Write((int)ApicRegister.InterruptCommandLow, 4, 0x4608);      // start-up, or the second would wait
        threads.Start();
        other.Start();
        Assert.Equal(ExitStatus.TripleFault, (await EndAsync()).ExitStatus);
        Assert.Equal(1, resets);
    }

    [Fact]
    public async Task A_reset_under_no_reboot_ends_with_success()
    {
        using var control = new MachineControl(noReboot: true);
        control.RequestReset();
        Assert.Equal(new MachineEnd(0), await control.End);
        Assert.False(control.IsResetRequested);
    }

    [Fact]
    public async Task The_first_request_to_end_counts()
    {
        _control.RequestEnd(new MachineEnd(7));
        _control.RequestEnd(new MachineEnd(8));
        Assert.Equal(7, (await _control.End).ExitStatus);
    }

    private async Task<MachineEnd> RunAsync(ScriptedVcpu vcpu)
    {
        using var thread = NewThread(vcpu);
        thread.Start();
        return await EndAsync();
    }

    private Task<MachineEnd> EndAsync() => _control.End.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);

    private VcpuThread NewThread(ScriptedVcpu vcpu) => new(vcpu, _apics[0], _pic, _ports, _memory, _control, new ResetGate(1, _control.AcknowledgeReset));

    private void Unmask(byte vector)
    {
        foreach (var (offset, value) in new (ulong, byte)[] { (0, 0x11), (1, vector), (1, 4), (1, 1), (1, 0) })
        {
            _pic.Master.Write(offset, 1, value);
        }
    }
}
