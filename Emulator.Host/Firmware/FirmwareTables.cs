using Emulator.Host.Machine;
using Emulator.Memory;

namespace Emulator.Host.Firmware;

/// <summary>Writes the tables by which an operating system finds processors, interrupt controllers and power management.</summary>
/// <remarks>
/// The two roots and the MP table are in the BIOS's 64 KiB, where guests look for them; the rest of ACPI's is at the
/// end of low RAM, in what the memory map keeps from the guest, or beside the roots on a board with hardly more than 1 MiB.
/// </remarks>
internal static class FirmwareTables
{
    // Above it are the entry points that every BIOS has at the same addresses.
    private static readonly PhysicalRange s_biosTables = new(MemoryLayout.BiosArea, 0xE000);

    /// <summary>Writes them; shadow RAM at 0xF0000 is writable.</summary>
    public static void Write(GuestMemory memory, MemoryLayout layout, BoardDescription board)
    {
        var low = new TableArea(memory, s_biosTables);
        var high = layout.LowRamSize - layout.UsableLowEnd == MemoryLayout.TableSpace
            ? new TableArea(memory, new PhysicalRange(layout.UsableLowEnd, MemoryLayout.TableSpace))
            : low;
        var facs = high.Place(AcpiTables.FirmwareControlStructure(), alignment: 64);
        var dsdt = high.Place(DifferentiatedTable.Build(board));
        var fadt = high.Place(AcpiTables.FixedDescription(facs, dsdt));
        var madt = high.Place(AcpiTables.MultipleApics(board));
        var rsdt = high.Place(AcpiTables.RootTable(fadt, madt));
        var xsdt = high.Place(AcpiTables.ExtendedRootTable(fadt, madt));
        _ = low.Place(AcpiTables.RootPointer(rsdt, xsdt));
        _ = low.Place(MultiprocessorTable.FloatingPointer(low.Place(MultiprocessorTable.Configuration(board))));
    }

    /// <summary>Memory for tables, given out upward.</summary>
    private sealed class TableArea(GuestMemory memory, PhysicalRange range)
    {
        private ulong _next = range.Start;

        /// <summary>Writes a table behind the last one; its address.</summary>
        public ulong Place(byte[] table, ulong alignment = 16)
        {
            var address = (_next + alignment - 1) & ~(alignment - 1);
            _next = address + (ulong)table.Length;
            if (_next - 1 > range.Last)
            {
                throw new InvalidOperationException($"The tables do not fit into {range}.");
            }

            _ = memory.Write(address, table);
            return address;
        }
    }
}
