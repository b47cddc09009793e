using Emulator.Memory;
using Microsoft.Extensions.Logging;

namespace Emulator.Cpu;

/// <summary>How a vCPU differs from the default.</summary>
public sealed record VcpuOptions
{
    /// <summary>Decode once and run handlers that carry register numbers in their code where blocks are hot.</summary>
    public bool Specialise { get; init; } = true;
}

/// <summary>One virtual processor behind the exit contract of Linux's KVM.</summary>
public sealed class Vcpu : IDisposable
{
    private VcpuExit _exit;

    /// <summary>Makes a processor in its power-up state.</summary>
    public Vcpu(int index, GuestMemory memory, ILogger logger, VcpuOptions? options = null)
    {
        _ = memory;
        _ = logger;
        _ = options;
        Index = index;
    }

    /// <summary>The processor's number, from 0.</summary>
    public int Index { get; }

    /// <summary>Runs until something outside is needed. The vCPU's own thread only.</summary>
    public ExitReason Run() => _exit.Reason;

    /// <summary>The particulars of the last exit; a read's value is put into <see cref="VcpuExit.Data"/> before running again.</summary>
    public ref VcpuExit Exit => ref _exit;

    /// <summary>Ends the present or the next run soon with <see cref="ExitReason.Intr"/>. Any thread.</summary>
    public void Kick()
    {
        _exit.Reason = ExitReason.Intr;
    }

    /// <summary>True if an external interrupt can be injected now. Between runs.</summary>
    public bool ReadyForInterrupt => _exit.IsWrite;

    /// <summary>Asks for <see cref="ExitReason.IrqWindowOpen"/> as soon as the guest can take an interrupt.</summary>
    public bool RequestInterruptWindow { get; set; }

    /// <summary>Injects an acknowledged external interrupt; only when <see cref="ReadyForInterrupt"/>.</summary>
    public void Interrupt(byte vector) => _exit.Data = vector;

    /// <summary>Raises a non-maskable interrupt. Any thread.</summary>
    public void RaiseNmi()
    {
        _exit.Size = 0;
    }

    /// <summary>Puts the processor into its power-up state (SDM volume 3, 10.1.1).</summary>
    public void Reset()
    {
        _exit = default;
    }

    /// <summary>The architectural state, between runs.</summary>
    public VcpuState GetState() => new() { Rip = _exit.Data };

    /// <summary>Replaces the architectural state, between runs.</summary>
    public void SetState(in VcpuState state) => _exit.Data = state.Rip;

    /// <summary>Guest instructions retired.</summary>
    public long InstructionCount => (long)_exit.Data;

    /// <summary>What an <see cref="ExitReason.InternalError"/> was.</summary>
    public string InternalErrorMessage { get; } = "";

    /// <inheritdoc/>
    public void Dispose()
    {
        _exit = default;
    }
}
