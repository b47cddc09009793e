using System.Buffers.Binary;
using System.Collections.Immutable;
using Emulator.Host.Machine;

namespace Emulator.Host.Loading;

/// <summary>A loadable segment of an ELF file.</summary>
/// <param name="FileOffset">Where its bytes are in the file.</param>
/// <param name="FileSize">How many there are; the rest of the memory is zero.</param>
/// <param name="VirtualAddress">Where the program believes to be (<c>p_vaddr</c>).</param>
/// <param name="Memory">Where it goes (<c>p_paddr</c>, <c>p_memsz</c>).</param>
/// <param name="IsExecutable">PF_X.</param>
internal readonly record struct ElfSegment(ulong FileOffset, ulong FileSize, ulong VirtualAddress, PhysicalRange Memory, bool IsExecutable);

/// <summary>What a loader must know of an ELF executable (System V ABI, chapters 4 and 5).</summary>
internal sealed record ElfImage
{
    private const ushort MachineI386 = 3;
    private const ushort MachineX86_64 = 62;
    private const ushort TypeExecutable = 2;
    private const ushort TypeShared = 3;
    private const uint SegmentLoad = 1;
    private const uint SegmentInterpreter = 3;
    private const uint FlagExecutable = 1;

    /// <summary>True for ELFCLASS64.</summary>
    public required bool Is64Bit { get; init; }

    /// <summary>True if the code is for x86-64 (which an ELFCLASS32 file may be: x32).</summary>
    public required bool IsX86_64 { get; init; }

    /// <summary>Where to start, as a physical address.</summary>
    public required ulong Entry { get; init; }

    /// <summary>The segments that take memory, by ascending address, without overlap.</summary>
    public required ImmutableArray<ElfSegment> Segments { get; init; }

    /// <summary>True if the file claims to be ELF.</summary>
    public static bool IsElf(ReadOnlySpan<byte> file) => file.StartsWith("\x7f"u8) && file.Length >= 4 && file[1..4].SequenceEqual("ELF"u8);

    /// <summary>Reads the headers and checks that every segment's bytes are in the file.</summary>
    /// <param name="file">The whole file; anything.</param>
    public static Result<ElfImage> Parse(ReadOnlySpan<byte> file)
    {
        if (!IsElf(file))
        {
            return new Failure("not an ELF file");
        }

        if (file.Length < 20)
        {
            return CutShort("its header", 52, file);
        }

        if (file[4] is not (1 or 2))
        {
            return new Failure($"the ELF file's class {file[4]} is neither 32-bit (1) nor 64-bit (2)");
        }

        if (file[5] != 1)
        {
            return new Failure("the ELF file is not little-endian");
        }

        var is64 = file[4] == 2;
        var headerSize = is64 ? 64 : 52;
        var machine = Word16(file, 18);
        if (machine is not (MachineI386 or MachineX86_64))
        {
            return new Failure($"the ELF file is for {MachineName(machine)}; this machine runs i386 and x86-64");
        }

        if (file.Length < headerSize)
        {
            return CutShort("its header", (ulong)headerSize, file);
        }

        var type = Word16(file, 16);
        return type is not (TypeExecutable or TypeShared)
            ? new Failure($"the ELF file is {TypeName(type)}, not an executable")
            : ParseSegments(file, is64, machine == MachineX86_64);
    }

    private static Result<ElfImage> ParseSegments(ReadOnlySpan<byte> file, bool is64, bool isX86_64)
    {
        var tableOffset = is64 ? Word64(file, 32) : Word32(file, 28);
        var entrySize = Word16(file, is64 ? 54 : 42);
        var count = Word16(file, is64 ? 56 : 44);
        var expectedSize = is64 ? 56 : 32;
        if (count == 0)
        {
            return new Failure("the ELF file has no program headers, so nothing to load");
        }

        if (entrySize != expectedSize)
        {
            return new Failure($"the ELF file's program headers are {entrySize} bytes long instead of {expectedSize}");
        }

        var tableSize = (ulong)count * (ulong)expectedSize;
        if (tableOffset > (ulong)file.Length || tableSize > (ulong)file.Length - tableOffset)
        {
            return CutShort("its program headers", Sum(tableOffset, tableSize), file);
        }

        var segments = new List<ElfSegment>();
        for (var i = 0; i < count; i++)
        {
            var header = file.Slice((int)tableOffset + (i * expectedSize), expectedSize);
            if (Word32(header, 0) == SegmentInterpreter)
            {
                return new Failure("the ELF file is a program for an operating system: it asks for a dynamic linker (PT_INTERP)");
            }

            if (Word32(header, 0) != SegmentLoad)
            {
                continue;
            }

            var segment = is64 ? ReadSegment64(header) : ReadSegment32(header);
            if (CheckSegment(segment, i, file) is { } mistake)
            {
                return new Failure(mistake);
            }

            if (segment.Memory.Size > 0)
            {
                // Where there are no bytes, their place in the file may be anything.
                segments.Add(segment.FileSize > 0 ? segment : segment with { FileOffset = 0 });
            }
        }

        if (segments.Count == 0)
        {
            return new Failure("the ELF file has no segment to load");
        }

        segments.Sort((a, b) => a.Memory.Start.CompareTo(b.Memory.Start));
        for (var i = 1; i < segments.Count; i++)
        {
            if (segments[i - 1].Memory.Overlaps(segments[i].Memory))
            {
                return new Failure($"the ELF file's segments overlap: {segments[i - 1].Memory} and {segments[i].Memory}");
            }
        }

        return new ElfImage
        {
            Is64Bit = is64,
            IsX86_64 = isX86_64,
            Entry = PhysicalEntry(is64 ? Word64(file, 24) : Word32(file, 24), segments),
            Segments = [.. segments],
        };
    }

    /// <summary>The entry point is a virtual address if the code's segment has one of its own.</summary>
    private static ulong PhysicalEntry(ulong entry, List<ElfSegment> segments)
    {
        foreach (var segment in segments)
        {
            if (segment.IsExecutable && segment.VirtualAddress != segment.Memory.Start
                && entry >= segment.VirtualAddress && entry - segment.VirtualAddress < segment.FileSize)
            {
                return entry - segment.VirtualAddress + segment.Memory.Start;
            }
        }

        return entry;
    }

    private static string? CheckSegment(in ElfSegment segment, int index, ReadOnlySpan<byte> file)
    {
        var end = Sum(segment.FileOffset, segment.FileSize);
        return segment.FileSize > 0 && end > (ulong)file.Length
            ? $"the ELF file is cut short: segment {index} ends at {Bytes(end)}, the file has {file.Length}"
            : segment.FileSize > segment.Memory.Size
            ? $"the ELF file's segment {index} has {segment.FileSize} bytes for {segment.Memory.Size} bytes of memory"
            : segment.Memory.Size > 0 && segment.Memory.Size - 1 > ulong.MaxValue - segment.Memory.Start
            ? $"the ELF file's segment {index} reaches beyond the last address"
            : null;
    }

    private static ElfSegment ReadSegment32(ReadOnlySpan<byte> header) => new(
        Word32(header, 4), Word32(header, 16), Word32(header, 8), new PhysicalRange(Word32(header, 12), Word32(header, 20)), (Word32(header, 24) & FlagExecutable) != 0);

    private static ElfSegment ReadSegment64(ReadOnlySpan<byte> header) => new(
        Word64(header, 8), Word64(header, 32), Word64(header, 16), new PhysicalRange(Word64(header, 24), Word64(header, 40)), (Word32(header, 4) & FlagExecutable) != 0);

    private static Failure CutShort(string what, ulong need, ReadOnlySpan<byte> file) =>
        new($"the ELF file is cut short: {what} ends at {Bytes(need)}, the file has {file.Length}");

    private static string Bytes(ulong count) => count == ulong.MaxValue ? "an impossible offset" : $"byte {count}";

    private static ulong Sum(ulong a, ulong b) => a > ulong.MaxValue - b ? ulong.MaxValue : a + b;

    private static ushort Word16(ReadOnlySpan<byte> data, int offset) => BinaryPrimitives.ReadUInt16LittleEndian(data[offset..]);

    private static uint Word32(ReadOnlySpan<byte> data, int offset) => BinaryPrimitives.ReadUInt32LittleEndian(data[offset..]);

    private static ulong Word64(ReadOnlySpan<byte> data, int offset) => BinaryPrimitives.ReadUInt64LittleEndian(data[offset..]);

    private static string TypeName(ushort type) => type switch
    {
        1 => "a relocatable object",
        4 => "a core dump",
        _ => $"of type {type}",
    };

    private static string MachineName(ushort machine) => machine switch
    {
        2 or 18 or 43 => "SPARC",
        4 => "Motorola 68000",
        8 => "MIPS",
        20 => "PowerPC",
        21 => "64-bit PowerPC",
        22 => "S/390",
        40 => "ARM",
        50 => "IA-64",
        183 => "AArch64",
        243 => "RISC-V",
        247 => "BPF",
        258 => "LoongArch",
        _ => $"machine {machine}",
    };
}
