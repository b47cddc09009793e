using System.Collections.Immutable;
using Emulator.Memory;

namespace Emulator.Host.Litmus;

/// <summary>Who runs a column.</summary>
public enum LitmusColumnKind
{
    /// <summary>A processor, running x86 code.</summary>
    Vcpu,

    /// <summary>A PCI function, doing DMA.</summary>
    Dma,
}

/// <summary>One of the things that happen at the same time.</summary>
/// <param name="Name">"P0", "D0".</param>
/// <param name="Kind">Who runs it.</param>
/// <param name="Cells">What it does, in order; empty cells are left out.</param>
public sealed record LitmusColumn(string Name, LitmusColumnKind Kind, ImmutableArray<LitmusCell> Cells);

/// <summary>The registers a processor's column may use, numbered from 0.</summary>
public enum VcpuRegister
{
    /// <summary>EAX.</summary>
    Eax,

    /// <summary>EBX.</summary>
    Ebx,

    /// <summary>ECX.</summary>
    Ecx,

    /// <summary>EDX.</summary>
    Edx,

    /// <summary>ESI.</summary>
    Esi,

    /// <summary>EDI.</summary>
    Edi,
}

/// <summary>The fences a processor has.</summary>
public enum VcpuFence
{
    /// <summary>Orders everything.</summary>
    Mfence,

    /// <summary>Orders loads, which x86 keeps in order anyway.</summary>
    Lfence,

    /// <summary>Orders stores, which x86 keeps in order anyway.</summary>
    Sfence,
}

/// <summary>A register or a number.</summary>
/// <param name="IsRegister">Which.</param>
/// <param name="Register">The register, if it is one.</param>
/// <param name="Immediate">The number, if it is one.</param>
public readonly record struct LitmusOperand(bool IsRegister, VcpuRegister Register, uint Immediate);

/// <summary>An instruction of a column.</summary>
/// <param name="Line">Where it stands in the file, from 1.</param>
/// <param name="Column">Its first character's place in the line, from 1.</param>
public abstract record LitmusCell(int Line, int Column);

/// <summary><c>mov r,[x]</c>.</summary>
public sealed record LoadCell(int Line, int Column, VcpuRegister Register, int Location) : LitmusCell(Line, Column);

/// <summary><c>mov [x],r</c> or <c>mov [x],1</c>.</summary>
public sealed record StoreCell(int Line, int Column, int Location, LitmusOperand Source) : LitmusCell(Line, Column);

/// <summary><c>mov r,r</c> or <c>mov r,1</c>: no access to memory.</summary>
public sealed record MoveCell(int Line, int Column, VcpuRegister Register, LitmusOperand Source) : LitmusCell(Line, Column);

/// <summary><c>xchg r,[x]</c> or <c>xchg [x],r</c>: the same, and always locked.</summary>
public sealed record ExchangeCell(int Line, int Column, VcpuRegister Register, int Location) : LitmusCell(Line, Column);

/// <summary><c>lock add [x],r</c> or <c>lock add [x],1</c>.</summary>
public sealed record LockAddCell(int Line, int Column, int Location, LitmusOperand Source) : LitmusCell(Line, Column);

/// <summary><c>lock xadd [x],r</c>: the sum into memory, what was there into the register.</summary>
public sealed record LockExchangeAddCell(int Line, int Column, int Location, VcpuRegister Register) : LitmusCell(Line, Column);

/// <summary><c>mfence</c>, <c>lfence</c>, <c>sfence</c>.</summary>
public sealed record FenceCell(int Line, int Column, VcpuFence Fence) : LitmusCell(Line, Column);

/// <summary><c>wait irq</c>: halts until the interrupt that is aimed at this column.</summary>
public sealed record WaitInterruptCell(int Line, int Column) : LitmusCell(Line, Column);

/// <summary><c>flush D0</c>: reads a register of that function.</summary>
/// <param name="Line">Where it stands.</param>
/// <param name="Column">Where it stands.</param>
/// <param name="Target">The function's column, an index into <see cref="LitmusTest.Columns"/>.</param>
public sealed record FlushCell(int Line, int Column, int Target) : LitmusCell(Line, Column);

/// <summary><c>doorbell D0</c>: writes a register of that function, whose column starts only then.</summary>
/// <param name="Line">Where it stands.</param>
/// <param name="Column">Where it stands.</param>
/// <param name="Target">The function's column, an index into <see cref="LitmusTest.Columns"/>.</param>
public sealed record DoorbellCell(int Line, int Column, int Target) : LitmusCell(Line, Column);

/// <summary><c>write x,1</c>.</summary>
public sealed record DmaWriteCell(int Line, int Column, int Location, uint Value, bool Relaxed) : LitmusCell(Line, Column);

/// <summary><c>read r0,x</c>.</summary>
public sealed record DmaReadCell(int Line, int Column, int Register, int Location, bool Relaxed) : LitmusCell(Line, Column);

/// <summary><c>publish x,1</c>.</summary>
public sealed record DmaPublishCell(int Line, int Column, int Location, uint Value, bool Relaxed) : LitmusCell(Line, Column);

/// <summary><c>fill a,1</c>: one bulk write of all elements of an array.</summary>
/// <param name="Line">Where it stands.</param>
/// <param name="Column">Where it stands.</param>
/// <param name="First">The array's first element, an index into <see cref="LitmusTest.Locations"/>.</param>
/// <param name="Count">How many elements.</param>
/// <param name="Value">What each becomes.</param>
/// <param name="Relaxed">Without the bus's fence.</param>
public sealed record DmaFillCell(int Line, int Column, int First, int Count, uint Value, bool Relaxed) : LitmusCell(Line, Column);

/// <summary><c>fetch r0,a</c>: one bulk read of all elements of an array.</summary>
/// <param name="Line">Where it stands.</param>
/// <param name="Column">Where it stands.</param>
/// <param name="Register">Of the first element; the next ones follow.</param>
/// <param name="First">The array's first element, an index into <see cref="LitmusTest.Locations"/>.</param>
/// <param name="Count">How many elements.</param>
/// <param name="Relaxed">Without the bus's fence.</param>
public sealed record DmaFetchCell(int Line, int Column, int Register, int First, int Count, bool Relaxed) : LitmusCell(Line, Column);

/// <summary><c>wmb</c> (store-store), <c>rmb</c> (load-load), <c>mb</c> (full): a fence the function asks for itself.</summary>
public sealed record DmaBarrierCell(int Line, int Column, DmaFence Fence) : LitmusCell(Line, Column);

/// <summary><c>msi P0</c>: a message-signalled interrupt.</summary>
/// <param name="Line">Where it stands.</param>
/// <param name="Column">Where it stands.</param>
/// <param name="Target">The processor's column, an index into <see cref="LitmusTest.Columns"/>.</param>
public sealed record DmaMessageCell(int Line, int Column, int Target) : LitmusCell(Line, Column);

/// <summary><c>intx P0</c>: asserts the function's interrupt pin.</summary>
/// <param name="Line">Where it stands.</param>
/// <param name="Column">Where it stands.</param>
/// <param name="Target">The processor's column, an index into <see cref="LitmusTest.Columns"/>.</param>
public sealed record DmaIntxCell(int Line, int Column, int Target) : LitmusCell(Line, Column);
