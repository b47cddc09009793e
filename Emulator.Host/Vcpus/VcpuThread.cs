using Emulator.Cpu;
using Emulator.Devices;
using Emulator.Host.Machine;
using Emulator.Memory;

namespace Emulator.Host.Vcpus;

/// <summary>The thread around a vCPU: runs it, serves its exits, brings it interrupts, stops it.</summary>
internal sealed class VcpuThread : IDisposable
{
    // The interpreter's handlers call each other in place; this is room for a bounded chain of them in unoptimised code.
    private const int StackSize = 16 << 20;

    private readonly IVcpu _vcpu;
    private readonly PortSpace _ports;
    private readonly GuestMemory _memory;
    private readonly LocalApic _apic;
    private readonly InterruptDelivery _interrupts;
    private readonly MachineControl _control;
    private readonly ResetGate _resetGate;
    private readonly ManualResetEventSlim _wake = new(false, spinCount: 0);
    private readonly Thread _thread;
    private readonly Turn? _turn;

    /// <summary>Makes the thread, not started.</summary>
    /// <param name="vcpu">The processor; disposed with the thread.</param>
    /// <param name="apic">Its local APIC.</param>
    /// <param name="pair">The 8259 pair whose output is wired to its LINT0, or null.</param>
    /// <param name="ports">Its port space.</param>
    /// <param name="memory">Its memory.</param>
    /// <param name="control">Tells when to stop.</param>
    /// <param name="resetGate">Where the vCPUs meet for a reset.</param>
    /// <param name="turn">The thread's part in a deterministic schedule, or null.</param>
    public VcpuThread(
        IVcpu vcpu, LocalApic apic, I8259Pair? pair, PortSpace ports, GuestMemory memory, MachineControl control, ResetGate resetGate, Turn? turn = null)
    {
        (_vcpu, _apic, _ports, _memory, _control, _resetGate, _turn) = (vcpu, apic, ports, memory, control, resetGate, turn);
        _interrupts = new InterruptDelivery(vcpu, apic, pair);
        apic.Wake = Notify;
        _thread = new Thread(Run, StackSize) { Name = NameOf(vcpu.Index), IsBackground = true };
    }

    /// <summary>What the host calls the thread of a vCPU.</summary>
    public static string NameOf(int index) => $"vcpu-{index}";

    /// <summary>The processor.</summary>
    public IVcpu Vcpu => _vcpu;

    /// <summary>Its local APIC.</summary>
    public LocalApic Apic => _apic;

    /// <summary>Told, on the thread, the vector of each interrupt that the processor takes; null if nobody wants to know. Set before the start.</summary>
    public Action<byte>? InterruptTaken
    {
        set => _interrupts.Taken = value;
    }

    /// <summary>How far each run goes and what time it takes, in a deterministic schedule; null without one. Set before the start.</summary>
    public MachineSchedule.VcpuPace? Pace { get; set; }

    /// <summary>Starts to run guest code.</summary>
    public void Start() => _thread.Start();

    /// <summary>Makes the vCPU look at its interrupts and at requests soon, halted or running. Any thread.</summary>
    public void Notify()
    {
        _wake.Set();
        _turn?.Wake();
        _vcpu.Kick();
    }

    /// <summary>A pulse at LINT1, which is an NMI if the guest left the pin as firmware does. Any thread.</summary>
    public void RaiseNmi()
    {
        _apic.SetPin(LocalVector.Lint1, true);
        _apic.SetPin(LocalVector.Lint1, false);
    }

    /// <summary>Power-up state; between runs, with all vCPUs stopped.</summary>
    public void Reset()
    {
        _vcpu.Reset();
        _apic.Reset();
        _interrupts.Reset();
    }

    /// <summary>Waits until the thread has ended; false if it does not.</summary>
    public bool Join(TimeSpan patience) => (_thread.ThreadState & ThreadState.Unstarted) != 0 || _thread.Join(patience);

    /// <inheritdoc/>
    public void Dispose()
    {
        if (Join(TimeSpan.FromSeconds(2)))
        {
            _vcpu.Dispose();
            _wake.Dispose();
        }
    }

    /// <summary>The loop; returns at the machine's end.</summary>
    internal void Run()
    {
        _turn?.Begin();
        try
        {
            while (!_control.IsEnding)
            {
                Step();
            }
        }
        catch (OperationCanceledException)
        {
            // The end came while this vCPU waited for the others to reset.
        }
        catch (Exception e)
        {
            _control.RequestEnd(new MachineEnd(ExitStatus.InternalError, $"internal error on vCPU {_vcpu.Index}: {e}"));
        }
        finally
        {
            _turn?.End();
        }
    }

    private void Step()
    {
        if (_interrupts.IsIdle || _control.IsStopped)
        {
            // Before looking at what could end the wait, and a full fence. Pairs with whoever has something for the vCPU,
            // who notes it, fences, and then sets the event. A running vCPU is kicked and needs no event.
            _wake.Reset();
            _turn?.Reset();
        }

        if (_control.IsEnding)
        {
            return;
        }

        if (_control.IsResetRequested)
        {
            _resetGate.Enter(_control.Ending);
            return;
        }

        if (_control.IsStopped || !_interrupts.Deliver())
        {
            if (_turn is null)
            {
                _wake.Wait();
            }
            else
            {
                _turn.Wait();
            }

            return;
        }

        Pace?.Begin();
        var reason = _vcpu.Run();
        Pace?.End();
        _interrupts.AfterRun();
        if (reason is ExitReason.Io or ExitReason.Mmio || (reason == ExitReason.Intr && Pace is not null))
        {
            _turn?.Pass();
        }

        if (_interrupts.Serve(reason, ref _vcpu.Exit))
        {
            return;
        }

        switch (ExitDispatcher.Dispatch(reason, ref _vcpu.Exit, _ports, _memory))
        {
            case ExitOutcome.Halt:
                _interrupts.Halt();
                break;
            case ExitOutcome.TripleFault:
                var state = _vcpu.GetState();
                _control.RequestEnd(new MachineEnd(ExitStatus.TripleFault, "triple fault\n" + RegisterDump.Format(_vcpu.Index, state)));
                break;
            case ExitOutcome.InternalError:
                _control.RequestEnd(new MachineEnd(ExitStatus.InternalError, $"internal error on vCPU {_vcpu.Index}: {reason} {_vcpu.InternalErrorMessage}"));
                break;
            default:
                break;
        }
    }
}
