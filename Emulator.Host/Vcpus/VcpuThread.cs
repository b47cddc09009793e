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
    private readonly I8259Pair? _interrupts;
    private readonly MachineControl _control;
    private readonly ResetGate _resetGate;
    private readonly ManualResetEventSlim _wake = new(false, spinCount: 0);
    private readonly Thread _thread;
    private bool _isHalted;
    private volatile bool _nmi;

    /// <summary>Makes the thread, not started.</summary>
    /// <param name="vcpu">The processor; disposed with the thread.</param>
    /// <param name="ports">Its port space.</param>
    /// <param name="memory">Its memory.</param>
    /// <param name="interrupts">The controller whose output is wired to it, or null.</param>
    /// <param name="control">Tells when to stop.</param>
    /// <param name="resetGate">Where the vCPUs meet for a reset.</param>
    public VcpuThread(IVcpu vcpu, PortSpace ports, GuestMemory memory, I8259Pair? interrupts, MachineControl control, ResetGate resetGate)
    {
        (_vcpu, _ports, _memory, _interrupts, _control, _resetGate) = (vcpu, ports, memory, interrupts, control, resetGate);
        _thread = new Thread(Run, StackSize) { Name = $"vcpu-{vcpu.Index}", IsBackground = true };
    }

    /// <summary>The processor.</summary>
    public IVcpu Vcpu => _vcpu;

    /// <summary>Starts to run guest code.</summary>
    public void Start() => _thread.Start();

    /// <summary>Makes the vCPU look at its interrupts and at requests soon, halted or running. Any thread.</summary>
    public void Notify()
    {
        _wake.Set();
        _vcpu.Kick();
    }

    /// <summary>Raises a non-maskable interrupt. Any thread.</summary>
    public void RaiseNmi()
    {
        _nmi = true;
        _vcpu.RaiseNmi();
        Notify();
    }

    /// <summary>After a reset; between runs, with all vCPUs stopped.</summary>
    public void AfterReset()
    {
        _isHalted = false;
        _nmi = false;
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
    }

    private void Step()
    {
        if (_isHalted)
        {
            // Before looking at what could end the wait. A running vCPU is kicked and needs no event.
            _wake.Reset();
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

        DeliverInterrupts();
        if (_isHalted)
        {
            _wake.Wait();
            return;
        }

        var reason = _vcpu.Run();
        switch (ExitDispatcher.Dispatch(reason, ref _vcpu.Exit, _ports, _memory))
        {
            case ExitOutcome.Halt:
                _isHalted = true;
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

    private void DeliverInterrupts()
    {
        if (_nmi)
        {
            (_nmi, _isHalted) = (false, false);
        }

        if (_interrupts is not { InterruptRequested: true })
        {
            _vcpu.RequestInterruptWindow = false;
        }
        else if (!_vcpu.ReadyForInterrupt)
        {
            _vcpu.RequestInterruptWindow = true;
        }
        else
        {
            _vcpu.RequestInterruptWindow = false;
            _vcpu.Interrupt(_interrupts.Acknowledge());
            _isHalted = false;
        }
    }
}
