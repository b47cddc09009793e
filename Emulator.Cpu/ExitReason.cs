namespace Emulator.Cpu;

/// <summary>Why <see cref="Vcpu.Run"/> returned; the names and numbers of Linux's <c>struct kvm_run</c>.</summary>
public enum ExitReason
{
    /// <summary>A port access; see <see cref="VcpuExit"/>.</summary>
    Io = 2,

    /// <summary>The guest halted; run again after an interrupt, an NMI or a reset.</summary>
    Hlt = 5,

    /// <summary>An access to a physical address that is not RAM (or a write to ROM); see <see cref="VcpuExit"/>.</summary>
    Mmio = 6,

    /// <summary>The guest can take an external interrupt now, as <see cref="Vcpu.RequestInterruptWindow"/> asked.</summary>
    IrqWindowOpen = 7,

    /// <summary>A triple fault.</summary>
    Shutdown = 8,

    /// <summary><see cref="Vcpu.Kick"/> ended the run.</summary>
    Intr = 10,

    /// <summary>MOV to CR8 lowered the task priority; see <see cref="Vcpu.TaskPriority"/>. Only with a local APIC.</summary>
    SetTpr = 11,

    /// <summary>The interpreter found itself broken; <see cref="Vcpu.InternalErrorMessage"/> says how.</summary>
    InternalError = 17,
}

/// <summary>The particulars of an <see cref="ExitReason.Io"/> or <see cref="ExitReason.Mmio"/> exit.</summary>
public struct VcpuExit
{
    /// <summary>Why the vCPU came out.</summary>
    public ExitReason Reason;

    /// <summary>True for a store or OUT; <see cref="Data"/> then holds the value. False: put the value into it before running again.</summary>
    public bool IsWrite;

    /// <summary>1, 2 or 4 bytes for Io; 1, 2, 4 or 8 for Mmio.</summary>
    public int Size;

    /// <summary>The port, or the guest-physical address.</summary>
    public ulong Address;

    /// <summary>The value, little-endian, zero-extended.</summary>
    public ulong Data;
}
