using System.Runtime.CompilerServices;

namespace Emulator.Cpu;

/// <summary>Eight, sixteen or so words in a row, by index.</summary>
[InlineArray(16)]
public struct GeneralRegisters
{
    private ulong _rax;
}

/// <summary>The eight segment registers, indexed by <see cref="SegmentName"/>.</summary>
[InlineArray(8)]
public struct SegmentRegisters
{
    private Segment _es;
}

/// <summary>The debug registers DR0 to DR7.</summary>
[InlineArray(8)]
public struct DebugRegisters
{
    private ulong _dr0;
}

/// <summary>The architectural state of a vCPU, as loaders, debuggers and tests see it.</summary>
public struct VcpuState
{
    /// <summary>RAX, RCX, RDX, RBX, RSP, RBP, RSI, RDI, R8 … R15: the encoding's order.</summary>
    public GeneralRegisters Gpr;

    /// <summary>The instruction pointer, an offset into CS.</summary>
    public ulong Rip;

    /// <summary>RFLAGS, bit 1 always set.</summary>
    public ulong Rflags;

    /// <summary>ES, CS, SS, DS, FS, GS, LDTR, TR.</summary>
    public SegmentRegisters Segments;

    /// <summary>Linear base of the global descriptor table.</summary>
    public ulong GdtBase;

    /// <summary>Limit of the global descriptor table in bytes.</summary>
    public ushort GdtLimit;

    /// <summary>Linear base of the interrupt descriptor table.</summary>
    public ulong IdtBase;

    /// <summary>Limit of the interrupt descriptor table in bytes.</summary>
    public ushort IdtLimit;

    /// <summary>Control register 0.</summary>
    public ulong Cr0;

    /// <summary>The last page fault's linear address.</summary>
    public ulong Cr2;

    /// <summary>Page table base.</summary>
    public ulong Cr3;

    /// <summary>Control register 4.</summary>
    public ulong Cr4;

    /// <summary>Task priority.</summary>
    public ulong Cr8;

    /// <summary>Extended feature enables (MSR C0000080).</summary>
    public ulong Efer;

    /// <summary>DR0–DR3, DR6 and DR7 in their places.</summary>
    public DebugRegisters Dr;
}
