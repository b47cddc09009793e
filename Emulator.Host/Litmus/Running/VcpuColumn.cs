using System.Collections.Immutable;
using Emulator.Cpu;
using Emulator.Devices;
using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace Emulator.Host.Litmus;

/// <summary>Assembles a vCPU's column: a loop that runs it once a round, entered at its end.</summary>
/// <remarks>32-bit code in flat segments with interrupts off but in <c>wait irq</c>.</remarks>
internal static class VcpuColumn
{
    /// <summary>The port whose write says that the first column has come to its end; the others' follow.</summary>
    public const ushort EndPort = 0x500;

    /// <summary>The vector of the column's interrupt.</summary>
    public const byte Vector = 0x40;

    private static readonly AssemblerRegister32[] s_registers = [eax, ebx, ecx, edx, esi, edi];

    /// <summary>The code, for <see cref="LitmusLayout.Code"/>.</summary>
    /// <param name="test">The test.</param>
    /// <param name="column">The column's index.</param>
    /// <param name="layout">Where its locations are.</param>
    /// <param name="meeting">Who waits for whom at the start of a round, or null if a schedule sees to it.</param>
    /// <param name="windows">BAR0 of the function of each column; 0 for a vCPU's.</param>
    public static byte[] Assemble(LitmusTest test, int column, LitmusLayout layout, Meeting? meeting, ImmutableArray<ulong> windows)
    {
        var code = new Assembler(32);
        var start = code.CreateLabel();
        var end = code.CreateLabel();
        code.jmp(end);
        code.Label(ref start);
        if (meeting is not null)
        {
            Meet(code, column, meeting);
        }

        foreach (var register in s_registers)
        {
            code.mov(register, 0);
        }

        foreach (var cell in test.Columns[column].Cells)
        {
            Emit(code, cell, layout, windows);
        }

        for (var i = 0; i < s_registers.Length; i++)
        {
            code.mov(__dword_ptr[Address(LitmusLayout.Results(column)) + (i * 4)], s_registers[i]);
        }

        code.Label(ref end);
        code.mov(edx, EndPort + column);
        code.@out(dx, al);
        code.jmp(start);
        return Bytes(code, LitmusLayout.Code(column));
    }

    /// <summary>What the column's interrupt runs: ends it at the device, if that holds a line, and at the local APIC.</summary>
    /// <param name="address">Where it goes.</param>
    /// <param name="causeRegister">INTERRUPT_CAUSE of the function that holds the line, or 0.</param>
    public static byte[] AssembleHandler(ulong address, ulong causeRegister)
    {
        const int EndOfInterrupt = 0xB0;
        var code = new Assembler(32);
        if (causeRegister != 0)
        {
            // A write, not a read: a read would flush what the test asks about.
            code.mov(__dword_ptr[Address(causeRegister)], (int)DmaColumn.Cause);
        }

        code.mov(__dword_ptr[Address(ApicBus.WindowBase) + EndOfInterrupt], 0);
        code.iretd();
        return Bytes(code, address);
    }

    private static void Emit(Assembler code, LitmusCell cell, LitmusLayout layout, ImmutableArray<ulong> windows)
    {
        switch (cell)
        {
            case LoadCell load:
                code.mov(Register(load.Register), At(layout, load.Location));
                break;
            case StoreCell { Source.IsRegister: true } store:
                code.mov(At(layout, store.Location), Register(store.Source.Register));
                break;
            case StoreCell store:
                code.mov(At(layout, store.Location), (int)store.Source.Immediate);
                break;
            case MoveCell { Source.IsRegister: true } move:
                code.mov(Register(move.Register), Register(move.Source.Register));
                break;
            case MoveCell move:
                code.mov(Register(move.Register), (int)move.Source.Immediate);
                break;
            case ExchangeCell exchange:
                code.xchg(At(layout, exchange.Location), Register(exchange.Register));
                break;
            case LockAddCell { Source.IsRegister: true } add:
                code.@lock.add(At(layout, add.Location), Register(add.Source.Register));
                break;
            case LockAddCell add:
                code.@lock.add(At(layout, add.Location), (int)add.Source.Immediate);
                break;
            case LockExchangeAddCell add:
                code.@lock.xadd(At(layout, add.Location), Register(add.Register));
                break;
            case FenceCell { Fence: VcpuFence.Mfence }:
                code.mfence();
                break;
            case FenceCell { Fence: VcpuFence.Lfence }:
                code.lfence();
                break;
            case FenceCell:
                code.sfence();
                break;
            case WaitInterruptCell:
                // STI holds interrupts off for one instruction, so one that is there already ends the HLT.
                code.sti();
                code.hlt();
                code.cli();
                break;
            case FlushCell flush:
                // EBP is no register of the language's.
                code.mov(ebp, __dword_ptr[Address(windows[flush.Target]) + (int)DmaTestRegister.Status]);
                break;
            case DoorbellCell doorbell:
                code.mov(__dword_ptr[Address(windows[doorbell.Target]) + (int)DmaTestRegister.Doorbell], 0);
                break;
            default:
                throw new InvalidOperationException($"no vCPU executes {cell}");
        }
    }

    private static void Meet(Assembler code, int column, Meeting meeting)
    {
        code.mov(eax, __dword_ptr[Address(LitmusLayout.Round)]);
        if (meeting.Leader == column)
        {
            foreach (var other in meeting.Others)
            {
                SpinUntil(code, LitmusLayout.There(other));
            }

            code.mov(__dword_ptr[Address(LitmusLayout.Go)], eax);
        }
        else
        {
            code.mov(__dword_ptr[Address(LitmusLayout.There(column))], eax);
            SpinUntil(code, LitmusLayout.Go);
        }

        var go = code.CreateLabel();
        var delay = code.CreateLabel();
        code.mov(ecx, __dword_ptr[Address(LitmusLayout.Delay(column))]);
        code.Label(ref delay);
        code.dec(ecx);
        code.js(go);
        code.jmp(delay);
        code.Label(ref go);
        code.nop();
    }

    private static void SpinUntil(Assembler code, ulong address)
    {
        var there = code.CreateLabel();
        var again = code.CreateLabel();
        code.Label(ref again);
        code.cmp(__dword_ptr[Address(address)], eax);
        code.je(there);
        code.pause();
        code.jmp(again);
        code.Label(ref there);
        code.nop();
    }

    private static AssemblerRegister32 Register(VcpuRegister register) => s_registers[(int)register];

    private static AssemblerMemoryOperand At(LitmusLayout layout, int location) => __dword_ptr[Address(layout[location])];

    // Iced takes displacements as signed, 32-bit code as they are.
    private static long Address(ulong address) => (int)(uint)address;

    private static byte[] Bytes(Assembler code, ulong address)
    {
        using var stream = new MemoryStream();
        code.Assemble(new StreamCodeWriter(stream), address);
        return stream.ToArray();
    }
}

/// <summary>How the columns of a round that no schedule starts begin together: the leader waits for the others, and they for its word.</summary>
/// <param name="Leader">The leader's index.</param>
/// <param name="Others">The other columns that start by themselves; one that a doorbell starts is not among them.</param>
internal sealed record Meeting(int Leader, ImmutableArray<int> Others);
