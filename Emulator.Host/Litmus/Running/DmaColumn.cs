using System.Runtime.InteropServices;
using Emulator.Devices;
using Emulator.Memory;

namespace Emulator.Host.Litmus;

/// <summary>Writes a device's column as a script of dma-test's, which the doorbell starts once a round.</summary>
internal static class DmaColumn
{
    /// <summary>The cause by which a column raises INTx.</summary>
    public const uint Cause = 1 << 8;

    private const int Dword = 2;
    private const int Registers = 8;

    // Registers of the script that are no registers of the language.
    private const int Scratch = 12;
    private const int Round = 14;

    /// <summary>The script.</summary>
    /// <param name="test">The test.</param>
    /// <param name="column">The column's index.</param>
    /// <param name="layout">Where its locations are.</param>
    /// <param name="meeting">Who waits for whom at the start of a round, or null if a schedule sees to it.</param>
    /// <exception cref="InvalidOperationException">There are more cells than slots.</exception>
    public static DmaTestInstruction[] Write(LitmusTest test, int column, LitmusLayout layout, Meeting? meeting)
    {
        var script = new List<DmaTestInstruction>();
        for (var i = 0; i < Registers; i++)
        {
            script.Add(new DmaTestInstruction(DmaTestOpcode.Set, a: i));
        }

        if (meeting is not null && (meeting.Leader == column || meeting.Others.Contains(column)))
        {
            Meet(script, column, meeting);
        }

        var cells = test.Columns[column].Cells;
        for (var i = 0; i < cells.Length; i++)
        {
            Emit(script, cells[i], layout, Part(i));
        }

        for (var i = 0; i < cells.Length; i++)
        {
            if (cells[i] is DmaFetchCell fetch)
            {
                Unpack(script, fetch, Part(i), cells.AsSpan()[(i + 1)..]);
            }
        }

        for (var i = 0; i < Registers; i++)
        {
            script.Add(new DmaTestInstruction(
                DmaTestOpcode.Write,
                DmaTestModifiers.Register | DmaTestModifiers.Relaxed,
                Dword,
                c: i,
                value: LitmusLayout.Results(column) + ((ulong)i * 4)));
        }

        script.Add(new DmaTestInstruction(DmaTestOpcode.End));
        return script.Count <= DmaTestInstruction.Slots
            ? [.. script]
            : throw new InvalidOperationException($"column {test.Columns[column].Name} is too long for dma-test");
    }

    private static void Emit(List<DmaTestInstruction> script, LitmusCell cell, LitmusLayout layout, int part)
    {
        switch (cell)
        {
            case DmaWriteCell write:
                script.Add(Store(DmaTestOpcode.Write, write.Value, layout[write.Location], write.Relaxed));
                break;
            case DmaPublishCell publish:
                script.Add(Store(DmaTestOpcode.Publish, publish.Value, layout[publish.Location], publish.Relaxed));
                break;
            case DmaReadCell read:
                script.Add(new DmaTestInstruction(DmaTestOpcode.Read, Relaxed(read.Relaxed), Dword, a: read.Register, value: layout[read.Location]));
                break;
            case DmaFillCell fill:
                // The dword of an element and zeros up to the next one, over and over.
                script.Add(new DmaTestInstruction(DmaTestOpcode.Fill, immediate: part | (fill.Count * 8), value: fill.Value));
                script.Add(new DmaTestInstruction(DmaTestOpcode.Store, Relaxed(fill.Relaxed), immediate: part | (fill.Count * 8), value: layout[fill.First]));
                break;
            case DmaFetchCell fetch:
                script.Add(new DmaTestInstruction(DmaTestOpcode.Load, Relaxed(fetch.Relaxed), immediate: part | (fetch.Count * 8), value: layout[fetch.First]));
                break;
            case DmaBarrierCell barrier:
                script.Add(new DmaTestInstruction(barrier.Fence switch
                {
                    DmaFence.StoreStore => DmaTestOpcode.WriteBarrier,
                    DmaFence.LoadLoad => DmaTestOpcode.ReadBarrier,
                    _ => DmaTestOpcode.FullBarrier,
                }));
                break;
            case DmaMessageCell message:
                script.Add(new DmaTestInstruction(DmaTestOpcode.Message, a: Scratch, immediate: message.Target));
                break;
            case DmaIntxCell:
                script.Add(new DmaTestInstruction(DmaTestOpcode.Raise, immediate: (int)Cause));
                break;
            default:
                throw new InvalidOperationException($"no device executes {cell}");
        }
    }

    // A bulk cell's part of the function's buffer, as an instruction has it: where it starts.
    private static int Part(int cell) => cell * 64 << 16;

    // From the buffer to the registers by way of memory that no model has to do with; at the end, where these accesses
    // stand between none that the test asks about.
    private static void Unpack(List<DmaTestInstruction> script, DmaFetchCell fetch, int part, ReadOnlySpan<LitmusCell> later)
    {
        script.Add(new DmaTestInstruction(DmaTestOpcode.Store, DmaTestModifiers.Relaxed, immediate: part | (fetch.Count * 8), value: LitmusLayout.Unpack));
        for (var i = 0; i < fetch.Count; i++)
        {
            if (!Writes(later, fetch.Register + i))
            {
                script.Add(new DmaTestInstruction(
                    DmaTestOpcode.Read, DmaTestModifiers.Relaxed, Dword, a: fetch.Register + i, value: LitmusLayout.Unpack + ((ulong)i * 8)));
            }
        }
    }

    private static bool Writes(ReadOnlySpan<LitmusCell> cells, int register)
    {
        foreach (var cell in cells)
        {
            if ((cell is DmaReadCell read && read.Register == register)
                || (cell is DmaFetchCell fetch && register >= fetch.Register && register < fetch.Register + fetch.Count))
            {
                return true;
            }
        }

        return false;
    }

    private static void Meet(List<DmaTestInstruction> script, int column, Meeting meeting)
    {
        script.Add(new DmaTestInstruction(DmaTestOpcode.Read, DmaTestModifiers.Relaxed, Dword, a: Round, value: LitmusLayout.Round));
        if (meeting.Leader == column)
        {
            foreach (var other in meeting.Others)
            {
                script.Add(Wait(LitmusLayout.There(other)));
            }

            script.Add(Say(LitmusLayout.Go));
        }
        else
        {
            script.Add(Say(LitmusLayout.There(column)));
            script.Add(Wait(LitmusLayout.Go));
        }

        script.Add(new DmaTestInstruction(DmaTestOpcode.Read, DmaTestModifiers.Relaxed, Dword, a: Scratch, value: LitmusLayout.Delay(column)));
        script.Add(new DmaTestInstruction(DmaTestOpcode.Delay, DmaTestModifiers.Register, c: Scratch));
    }

    private static DmaTestInstruction Wait(ulong address) =>
        new(DmaTestOpcode.Wait, DmaTestModifiers.Relaxed | DmaTestModifiers.Register, Dword, DmaTestCondition.Equal, a: Scratch, c: Round, value: address);

    private static DmaTestInstruction Say(ulong address) =>
        new(DmaTestOpcode.Write, DmaTestModifiers.Relaxed | DmaTestModifiers.Register, Dword, c: Round, value: address);

    private static DmaTestInstruction Store(DmaTestOpcode opcode, uint value, ulong address, bool relaxed) =>
        new(opcode, Relaxed(relaxed), Dword, immediate: (int)value, value: address);

    private static DmaTestModifiers Relaxed(bool relaxed) => relaxed ? DmaTestModifiers.Relaxed : 0;

    /// <summary>The bytes of a script.</summary>
    public static byte[] Bytes(DmaTestInstruction[] script) => MemoryMarshal.AsBytes<DmaTestInstruction>(script).ToArray();
}
