using System.Buffers.Binary;

namespace Emulator.Host.Loading;

/// <summary>The header an image carries for its loader (Multiboot Specification 0.6.96, 3.1).</summary>
/// <param name="FileOffset">Where it stands in the file.</param>
/// <param name="Flags">What the image asks for.</param>
/// <param name="Addresses">Where the image wants to be, if <see cref="HasAddresses"/>.</param>
internal readonly record struct MultibootHeader(int FileOffset, uint Flags, MultibootAddresses Addresses)
{
    /// <summary>First word of the header.</summary>
    public const uint Magic = 0x1BADB002;

    /// <summary>The header lies in this many bytes from the file's start.</summary>
    public const int SearchLength = 8192;

    /// <summary>The address fields are valid and are used even if the file is ELF.</summary>
    public const uint FlagAddresses = 1 << 16;

    /// <summary>Of the flags that a loader must understand: page-aligned modules, memory information, video mode.</summary>
    private const uint KnownRequirements = 0b111;

    private const uint Requirements = 0xFFFF;

    /// <summary>True if the address fields take the place of the file's own headers.</summary>
    public bool HasAddresses => (Flags & FlagAddresses) != 0;

    /// <summary>Looks for the header; the value is null if there is none.</summary>
    /// <param name="file">The whole file; anything.</param>
    public static Result<MultibootHeader?> Find(ReadOnlySpan<byte> file)
    {
        var end = Math.Min(file.Length, SearchLength);
        var wrongChecksum = -1;
        for (var at = 0; at + 12 <= end; at += 4)
        {
            if (Word(file, at) != Magic)
            {
                continue;
            }

            var flags = Word(file, at + 4);
            if (unchecked(Magic + flags + Word(file, at + 8)) != 0)
            {
                wrongChecksum = at;
                continue;
            }

            return Read(file, at, flags);
        }

        return wrongChecksum < 0 || ElfImage.IsElf(file)
            ? default(MultibootHeader?)
            : new Failure($"the Multiboot header at 0x{wrongChecksum:x} has a wrong checksum");
    }

    private static Result<MultibootHeader?> Read(ReadOnlySpan<byte> file, int at, uint flags)
    {
        if ((flags & Requirements & ~KnownRequirements) is not 0 and var unknown)
        {
            return new Failure($"the Multiboot header asks for what this loader does not know: flags 0x{unknown:x}");
        }

        if ((flags & FlagAddresses) == 0)
        {
            return (MultibootHeader?)new MultibootHeader(at, flags, default);
        }

        return at + 32 > file.Length
            ? new Failure($"the file is cut short: the Multiboot header ends at byte {at + 32}, the file has {file.Length}")
            : (MultibootHeader?)new MultibootHeader(
                at, flags, new MultibootAddresses(Word(file, at + 12), Word(file, at + 16), Word(file, at + 20), Word(file, at + 24), Word(file, at + 28)));
    }

    private static uint Word(ReadOnlySpan<byte> file, int offset) => BinaryPrimitives.ReadUInt32LittleEndian(file[offset..]);
}

/// <summary>The header's address fields, physical (Multiboot Specification, 3.1.3).</summary>
/// <param name="Header"><c>header_addr</c>: where the header itself goes.</param>
/// <param name="Load"><c>load_addr</c>: where the image starts.</param>
/// <param name="LoadEnd"><c>load_end_addr</c>: where its bytes end; 0 is the file's end.</param>
/// <param name="BssEnd"><c>bss_end_addr</c>: where its zeros end; 0 is none.</param>
/// <param name="Entry"><c>entry_addr</c>.</param>
internal readonly record struct MultibootAddresses(uint Header, uint Load, uint LoadEnd, uint BssEnd, uint Entry);
