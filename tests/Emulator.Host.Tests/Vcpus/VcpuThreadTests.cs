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
        SwitchOn(0);
        _apics[0].Write((int)ApicRegister.LvtLint1, 4, 0x400);
        thread.Start();
        Assert.True(halted.Wait(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken));
        thread.RaiseNmi();
        Assert.Equal(ExitStatus.TripleFault, (await EndAsync()).ExitStatus);
    }

    [Fact]
    public async Task A_vcpu_that_waits_runs_nothing_until_start_up_and_init_takes_it_back_to_waiting()
    {
        using var halts = new ManualResetEventSlim();
        var vcpu = new ScriptedVcpu(1)
            .Then(v =>
            {
                Assert.Equal([0x12], v.StartUps);
                Assert.Equal(0, v.Inits);
                halts.Set();
                return ExitReason.Hlt;
            })
            .Then(v =>
            {
                Assert.Equal([0x12, 0x34], v.StartUps);
                Assert.Equal(1, v.Inits);
                return ExitReason.Shutdown;
            });
        using var gate = new ResetGate(1, _control.AcknowledgeReset);
        using var thread = new VcpuThread(vcpu, _apics[1], _pic, _ports, _memory, _control, gate);
        thread.Start();
        thread.Notify();        // for nothing
        Command(0x4612, 1);
        Assert.True(halts.Wait(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken));
        Command(0x4500, 1);
        Command(0x4634, 1);
        Assert.Equal(ExitStatus.TripleFault, (await EndAsync()).ExitStatus);
    }

    [Fact]
    public async Task A_stopped_machine_runs_no_guest_code_until_it_goes_on()
    {
        using var stops = new ManualResetEventSlim();
        var vcpu = new ScriptedVcpu()
            .Then(_ =>
            {
                _control.Stop("a disk");
                stops.Set();
                return ExitReason.Intr;
            })
            .Then(_ =>
            {
                Assert.False(_control.IsStopped);
                return ExitReason.Shutdown;
            });
        string? why = null;
        _control.Stopped = reason => why = reason;
        using var thread = NewThread(vcpu);
        thread.Start();
        Assert.True(stops.Wait(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken));
        for (var i = 0; i < 100; i++)
        {
            thread.Notify();    // for nothing
            Thread.Yield();
        }

        Assert.Equal("a disk", why);
        _control.Changed = thread.Notify;
        _control.Continue();
        Assert.Equal(ExitStatus.TripleFault, (await EndAsync()).ExitStatus);
    }

    [Fact]
    public async Task An_ipi_wakes_a_halted_vcpu_and_one_below_its_task_priority_does_not()
    {
        using var halts = new ManualResetEventSlim();
        var vcpu = new ScriptedVcpu { ReadyForInterrupt = true }
            .Then(v =>
            {
                v.TaskPriority = 5;
                halts.Set();
                return ExitReason.Hlt;
            })
            .Then(_ => ExitReason.Shutdown);
        using var thread = NewThread(vcpu);
        SwitchOn(0);
        thread.Start();
        Assert.True(halts.Wait(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken));
        _apics.Message(ApicBus.WindowBase, 0x51);
        _apics.Message(ApicBus.WindowBase, 0x61);
        Assert.Equal(ExitStatus.TripleFault, (await EndAsync()).ExitStatus);
        Assert.Equal([0x61], vcpu.Interrupts);
        Assert.Equal(2, vcpu.Runs);
    }

    [Fact]
    public async Task An_access_to_the_apics_page_is_served_where_the_base_register_says()
    {
        var vcpu = new ScriptedVcpu()
            .Then(v => Access(v, 0xFEE0_0080, 0x30))
            .Then(v =>
            {
                Assert.Equal(3, v.TaskPriority);
                v.ApicBase = 0xFD00_0900;
                return Access(v, 0xFD00_0080, 0x40);
            })
            .Then(v =>
            {
                Assert.Equal(4, v.TaskPriority);
                v.Exit = new VcpuExit { Reason = ExitReason.Mmio, Address = 0xFD00_0030, Size = 4 };
                return ExitReason.Mmio;
            })
            .Then(v =>
            {
                Assert.Equal(0x50014UL, v.Exit.Data);
                return ExitReason.Shutdown;
            });
        Assert.Equal(ExitStatus.TripleFault, (await RunAsync(vcpu)).ExitStatus);
    }

    [Fact]
    public async Task The_pair_and_the_apic_are_both_served_whoever_comes_first()
    {
        Unmask(0x20);
        SwitchOn(0);
        _apics[0].Write((int)ApicRegister.LvtLint0, 4, 0x8700);
        _apics.Message(ApicBus.WindowBase, 0x51);
        _pic.Input(0).Set(true);
        var vcpu = new ScriptedVcpu { ReadyForInterrupt = true }
            .Then(v =>
            {
                Assert.Equal([0x20], v.Interrupts);
                Assert.True(v.RequestInterruptWindow);
                return ExitReason.IrqWindowOpen;
            })
            .Then(v =>
            {
                Assert.Equal([0x20, 0x51], v.Interrupts);
                Assert.False(v.RequestInterruptWindow);
                return ExitReason.Shutdown;
            });
        Assert.Equal(ExitStatus.TripleFault, (await RunAsync(vcpu)).ExitStatus);
    }

    [Fact]
    public async Task No_wake_up_of_many_senders_is_lost()
    {
        // Each sender waits for its vector to be taken before it sends it again; a vCPU that slept through one would end the test by its deadline.
        const int Senders = 4;
        const int Rounds = 5000;
        var taken = new int[Senders];
        var vcpu = new HaltingVcpu(vector => Interlocked.Increment(ref taken[(vector >> 4) - 4]), _apics[0]);
        using var gate = new ResetGate(1, _control.AcknowledgeReset);
        using var thread = new VcpuThread(vcpu, _apics[0], null, _ports, _memory, _control, gate);
        _control.Changed = thread.Notify;
        SwitchOn(0);
        thread.Start();
        var cancellation = TestContext.Current.CancellationToken;
        var senders = Enumerable.Range(0, Senders).Select(sender => Task.Factory.StartNew(
            () =>
            {
                for (var i = 0; i < Rounds; i++)
                {
                    _apics.Message(ApicBus.WindowBase, (uint)(0x45 + (sender << 4)));
                    var deadline = Environment.TickCount64 + 30_000;
                    while (Volatile.Read(ref taken[sender]) != i + 1)
                    {
                        Assert.True(Environment.TickCount64 < deadline, $"sender {sender} was not heard in round {i}");
                        Thread.Yield();
                    }
                }
            },
            cancellation,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default));
        await Task.WhenAll(senders).WaitAsync(TimeSpan.FromSeconds(120), cancellation);
        Assert.Equal([Rounds, Rounds, Rounds, Rounds], taken);
        _control.RequestEnd(new MachineEnd(0));
        Assert.True(thread.Join(TimeSpan.FromSeconds(30)));
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
        Command(0x4608, 1);     // start-up, or the second would wait
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

    private void SwitchOn(int processor) => _apics[processor].Write((int)ApicRegister.SpuriousVector, 4, 0x1FF);

    private void Command(uint low, byte destination)
    {
        _apics[0].Write((int)ApicRegister.InterruptCommandHigh, 4, (uint)destination << 24);
        _apics[0].Write((int)ApicRegister.InterruptCommandLow, 4, low);
    }

    private static ExitReason Access(ScriptedVcpu vcpu, ulong address, ulong value)
    {
        vcpu.Exit = new VcpuExit { Reason = ExitReason.Mmio, Address = address, Size = 4, IsWrite = true, Data = value };
        return ExitReason.Mmio;
    }

    private void Unmask(byte vector)
    {
        foreach (var (offset, value) in new (ulong, byte)[] { (0, 0x11), (1, vector), (1, 4), (1, 1), (1, 0) })
        {
            _pic.Master.Write(offset, 1, value);
        }
    }
}
