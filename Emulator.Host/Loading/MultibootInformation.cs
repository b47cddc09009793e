using System.Buffers.Binary;
using System.Text;
using Emulator.Host.Machine;

namespace Emulator.Host.Loading;

/// <summary>A module as the information structure names it.</summary>
/// <param name="Start">First byte, guest-physical.</param>
/// <param name="End">The byte behind the last.</param>
/// <param name="CommandLine">Its string.</param>
internal readonly record struct LoadedModule(uint Start, uint End, string CommandLine);

/// <summary>Builds the information structure and all it points to as one piece of memory (Multiboot Specification 0.6.96, 3.3).</summary>
internal static class MultibootInformation
{
    private const int StructureSize = 88;
    private const int ModuleSize = 16;
    private const int MapEntrySize = 24;

    // Memory bounds, boot device, command line, modules, memory map, loader's name.
    private const uint Flags = 1 << 0 | 1 << 1 | 1 << 2 | 1 << 3 | 1 << 6 | 1 << 9;

    // First hard disk, no partition: what a BIOS would have started from.
    private const uint BootDevice = 0x8000FFFF;

    private const string LoaderName = "emulator";

    /// <summary>How many bytes <see cref="Build"/> returns.</summary>
    public static int Measure(MemoryLayout layout, string commandLine, IEnumerable<string> moduleCommandLines) =>
        StructureSize + (layout.MemoryMap.Length * MapEntrySize) + StringSize(commandLine) + StringSize(LoaderName)
        + moduleCommandLines.Sum(m => ModuleSize + StringSize(m));

    /// <summary>The bytes, the structure first.</summary>
    /// <param name="address">Where they will stand, below 4 GiB.</param>
    /// <param name="layout">The machine's memory.</param>
    /// <param name="commandLine">The image's command line, its name first.</param>
    /// <param name="modules">The modules, already placed.</param>
    public static byte[] Build(uint address, MemoryLayout layout, string commandLine, IReadOnlyList<LoadedModule> modules)
    {
        var block = new byte[Measure(layout, commandLine, modules.Select(m => m.CommandLine))];
        var map = layout.MemoryMap;
        var mapAt = StructureSize;
        var modulesAt = mapAt + (map.Length * MapEntrySize);
        var stringsAt = modulesAt + (modules.Count * ModuleSize);

        uint AddString(string text)
        {
            var at = stringsAt;
            stringsAt += Encoding.UTF8.GetBytes(text, block.AsSpan(at)) + 1;
            return address + (uint)at;
        }

        void Put(int offset, uint value) => BinaryPrimitives.WriteUInt32LittleEndian(block.AsSpan(offset), value);

        Put(0, Flags);
        Put(4, (uint)(MemoryLayout.ConventionalEnd >> 10));
        Put(8, (uint)((layout.UsableLowEnd - Math.Min(layout.UsableLowEnd, MemoryLayout.ExtendedMemory)) >> 10));
        Put(12, BootDevice);
        Put(16, AddString(commandLine));
        Put(20, (uint)modules.Count);
        Put(24, address + (uint)modulesAt);
        Put(44, (uint)(map.Length * MapEntrySize));
        Put(48, address + (uint)mapAt);
        Put(64, AddString(LoaderName));
        for (var i = 0; i < map.Length; i++)
        {
            var entry = block.AsSpan(mapAt + (i * MapEntrySize));
            BinaryPrimitives.WriteUInt32LittleEndian(entry, MapEntrySize - 4);  // the size does not count itself
            BinaryPrimitives.WriteUInt64LittleEndian(entry[4..], map[i].Start);
            BinaryPrimitives.WriteUInt64LittleEndian(entry[12..], map[i].Size);
            BinaryPrimitives.WriteUInt32LittleEndian(entry[20..], (uint)map[i].Kind);
        }

        for (var i = 0; i < modules.Count; i++)
        {
            Put(modulesAt + (i * ModuleSize), modules[i].Start);
            Put(modulesAt + (i * ModuleSize) + 4, modules[i].End);
            Put(modulesAt + (i * ModuleSize) + 8, AddString(modules[i].CommandLine));
        }

        return block;
    }

    private static int StringSize(string text) => Encoding.UTF8.GetByteCount(text) + 1;
}
