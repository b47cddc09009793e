using Emulator.Cpu;
using Emulator.Devices;

namespace Emulator.Host.Vcpus;

/// <summary>
/// What comes to a vCPU between two runs: INIT, start-up, NMI, the interrupts of its local APIC and of the 8259 pair, and
/// the sleep that it wakes from for them.
/// </summary>
/// <remarks>The vCPU's thread only.</remarks>
/// <param name="vcpu">The processor.</param>
/// <param name="apic">Its local APIC.</param>
/// <param name="pair">The 8259 pair whose INTR is at LINT0, or null.</param>
internal sealed class InterruptDelivery(IVcpu vcpu, LocalApic apic, I8259Pair? pair)
{
    private bool _isHalted;

    /// <summary>Told the vector of each interrupt that the processor takes; null if nobody wants to know.</summary>
    public Action<byte>? Taken { get; set; }

    /// <summary>True if the processor executes nothing until something comes.</summary>
    public bool IsIdle => _isHalted || apic.IsWaitingForStartUp;

    private bool IsExternalRequested => pair is { InterruptRequested: true } && apic.AcceptsExternal;

    /// <summary>HLT.</summary>
    public void Halt() => _isHalted = true;

    /// <summary>After a reset.</summary>
    public void Reset() => _isHalted = false;

    /// <summary>Before a run: brings the processor what there is for it.</summary>
    /// <returns>False if it is idle.</returns>
    public bool Deliver()
    {
        if (apic.HasSignals)
        {
            TakeSignals();
        }

        if (apic.IsWaitingForStartUp)
        {
            return false;
        }

        OfferInterrupt();
        vcpu.TaskPriority = apic.TaskPriority;
        return !_isHalted;
    }

    /// <summary>After a run: what the guest has changed in the processor that is the APIC's too.</summary>
    public void AfterRun()
    {
        apic.SetBase(vcpu.ApicBase);
        apic.TaskPriority = vcpu.TaskPriority;
    }

    /// <summary>Serves an access to the APIC's page.</summary>
    /// <returns>False if the exit is another.</returns>
    public bool Serve(ExitReason reason, ref VcpuExit exit)
    {
        if (reason != ExitReason.Mmio || !apic.Answers(exit.Address))
        {
            return false;
        }

        var offset = (int)(exit.Address % ApicBus.PageSize);
        if (exit.IsWrite)
        {
            apic.Write(offset, exit.Size, exit.Data);
        }
        else
        {
            exit.Data = apic.Read(offset, exit.Size);
        }

        return true;
    }

    private void TakeSignals()
    {
        if (apic.TakeInit())
        {
            vcpu.Init();
            _isHalted = false;
        }

        if (apic.TakeStartUp(out var page))
        {
            vcpu.StartUp(page);
            _isHalted = false;
        }

        if (apic.TakeNmi())
        {
            vcpu.RaiseNmi();
            _isHalted = false;
        }
    }

    private void OfferInterrupt()
    {
        var isExternal = IsExternalRequested;
        if ((isExternal || apic.PendingVector >= 0) && vcpu.ReadyForInterrupt)
        {
            if (isExternal)
            {
                apic.ExternalTaken();
            }

            var vector = isExternal ? pair!.Acknowledge() : apic.Acknowledge();
            Taken?.Invoke(vector);
            vcpu.Interrupt(vector);

            _isHalted = false;
        }

        // For what cannot be taken yet, and for what is next: the two controllers know nothing of each other's priorities.
        vcpu.RequestInterruptWindow = IsExternalRequested || apic.PendingVector >= 0;
    }
}
