using Emulator.Host.Machine;

namespace Emulator.Host.Loading;

/// <summary>A file to hand to the guest beside its image.</summary>
/// <param name="CommandLine">Its string.</param>
/// <param name="Data">Its bytes.</param>
internal readonly record struct ModuleImage(string CommandLine, ReadOnlyMemory<byte> Data);

/// <summary>
/// Places a kernel as <c>-kernel</c> does: a Multiboot 1 image by its header, an ELF64 image without one by
/// <see cref="LongModeStub"/>. An ELF64 image with a Multiboot header is entered as the header's specification
/// says, in 32-bit code.
/// </summary>
internal static class MultibootLoader
{
    /// <summary>What EAX holds at the entry point.</summary>
    public const uint BootMagic = 0x2BADB002;

    private const ulong LowStart = 0x1000;
    private const ulong PageSize = 4096;

    // Where QEMU keeps its own structures; guests written for it load above.
    private const ulong PreferredInformation = 0x9500;

    /// <summary>Plans a kernel's start.</summary>
    /// <param name="file">The image; anything.</param>
    /// <param name="commandLine">The image's name and its arguments.</param>
    /// <param name="modules">The modules in order.</param>
    /// <param name="layout">The machine's memory.</param>
    public static Result<BootImage> Load(ReadOnlyMemory<byte> file, string commandLine, IReadOnlyList<ModuleImage> modules, MemoryLayout layout)
    {
        if (!MultibootHeader.Find(file.Span).Get(out var header, out var error))
        {
            return new Failure(error!);
        }

        var plan = new Plan(layout);
        if (header is { HasAddresses: true } addresses)
        {
            error = plan.AddByAddresses(file, addresses);
        }
        else if (!ElfImage.IsElf(file.Span))
        {
            error = "neither an ELF file nor a Multiboot image (no header in its first 8 KiB)";
        }
        else if (!ElfImage.Parse(file.Span).Get(out var elf, out var elfError))
        {
            error = elfError;
        }
        else
        {
            error = !elf.Is64Bit && header is null
                ? "the ELF file is 32-bit but has no Multiboot header in its first 8 KiB"
                : plan.AddElf(file, elf, byStub: header is null);
        }

        return (error ?? plan.AddModules(modules) ?? plan.AddInformation(commandLine)) is { } mistake ? new Failure(mistake) : plan.Finish();
    }

    /// <summary>What has been placed so far; each step returns why it cannot be done, or null.</summary>
    private sealed class Plan(MemoryLayout layout)
    {
        private readonly PhysicalAllocator _allocator = new(layout);
        private readonly List<BootPiece> _pieces = [];
        private readonly List<LoadedModule> _modules = [];
        private ulong _entry;
        private bool _byStub;
        private uint _information;
        private uint _table;

        public string? AddByAddresses(ReadOnlyMemory<byte> file, in MultibootHeader header)
        {
            var (headerAddress, load, loadEnd, bssEnd, entry) = header.Addresses;
            if (load > headerAddress)
            {
                return $"the Multiboot header's load address 0x{load:x} is above its header address 0x{headerAddress:x}";
            }

            var before = headerAddress - load;
            if (before > (uint)header.FileOffset)
            {
                return $"the Multiboot header's load address 0x{load:x} stands for a byte before the file's first";
            }

            var offset = (uint)header.FileOffset - before;
            var available = (uint)file.Length - offset;
            if (loadEnd != 0 && loadEnd <= load)
            {
                return $"the Multiboot header's load end address 0x{loadEnd:x} is not above its load address 0x{load:x}";
            }

            var size = loadEnd == 0 ? available : loadEnd - load;
            if (size > available)
            {
                return $"the file is cut short: its Multiboot header asks for {size} bytes, the file has {available}";
            }

            if (bssEnd != 0 && bssEnd < load + (ulong)size)
            {
                return $"the Multiboot header's bss end address 0x{bssEnd:x} is below the image's end 0x{load + (ulong)size:x}";
            }

            _entry = entry;
            var memorySize = bssEnd == 0 ? size : bssEnd - load;
            return Add(file.Slice((int)offset, (int)size), new PhysicalRange(load, memorySize), "the image") ?? CheckEntry();
        }

        public string? AddElf(ReadOnlyMemory<byte> file, ElfImage elf, bool byStub)
        {
            if (byStub && !elf.IsX86_64)
            {
                return "the ELF file is 64-bit but not for x86-64";
            }

            (_entry, _byStub) = (elf.Entry, byStub);
            foreach (var segment in elf.Segments)
            {
                if (Add(file.Slice((int)segment.FileOffset, (int)segment.FileSize), segment.Memory, "a segment of the ELF file") is { } error)
                {
                    return error;
                }
            }

            return CheckEntry();
        }

        public string? AddModules(IReadOnlyList<ModuleImage> modules)
        {
            // Behind the image, and a page behind that, where QEMU keeps its strings: at the same addresses as there.
            var end = _pieces.Max(p => p.Address + p.MemorySize);
            var from = ((end + PageSize - 1) & ~(PageSize - 1)) + PageSize;
            foreach (var module in modules)
            {
                var size = (ulong)module.Data.Length;
                if (_allocator.Take(size, PageSize, Math.Max(from, MemoryLayout.ExtendedMemory), layout.UsableLowEnd) is not { } address)
                {
                    return $"no room in RAM for the module '{module.CommandLine}' ({size} bytes); give more by -m";
                }

                _pieces.Add(new BootPiece(address, module.Data, size));
                _modules.Add(new LoadedModule((uint)address, (uint)(address + size), module.CommandLine));
            }

            return null;
        }

        public string? AddInformation(string commandLine)
        {
            var size = MultibootInformation.Measure(layout, commandLine, _modules.Select(m => m.CommandLine));
            if (TakeLow((ulong)size) is not { } information || TakeLow(32) is not { } table)
            {
                return "no room in conventional memory for the boot information beside the image";
            }

            (_information, _table) = ((uint)information, (uint)table);
            AddBytes(information, MultibootInformation.Build(_information, layout, commandLine, _modules));
            AddBytes(table, FlatSegments.Table());
            if (!_byStub)
            {
                return null;
            }

            if (TakeLow(LongModeStub.Size, PageSize) is not { } stub)
            {
                return "no room in conventional memory for the page tables beside the image";
            }

            AddBytes(stub, LongModeStub.Build((uint)stub, _entry));
            _entry = stub + LongModeStub.CodeAt;
            return null;
        }

        public Result<BootImage> Finish()
        {
            var state = FlatSegments.ProtectedMode(_table, (uint)_entry);
            state.Gpr[0] = BootMagic;
            state.Gpr[3] = _information;
            return new BootImage([.. _pieces], state);
        }

        private ulong? TakeLow(ulong size, ulong alignment = 16) =>
            _allocator.Take(size, alignment, PreferredInformation, MemoryLayout.ConventionalEnd)
            ?? _allocator.Take(size, alignment, LowStart, MemoryLayout.ConventionalEnd);

        private string? CheckEntry() =>
            _pieces.Exists(p => _entry >= p.Address && _entry - p.Address < p.MemorySize)
                ? _byStub || _entry <= uint.MaxValue ? null : $"the entry point 0x{_entry:x} is above 4 GiB"
                : $"the entry point 0x{_entry:x} is outside what the file loads";

        private string? Add(ReadOnlyMemory<byte> data, PhysicalRange range, string what)
        {
            if (range.Last >= MemoryLayout.HighMemory)
            {
                return $"{what} wants to be at {range}, above 4 GiB";
            }

            if (_allocator.Claim(range, what) is { } error)
            {
                return error;
            }

            _pieces.Add(new BootPiece(range.Start, data, range.Size));
            return null;
        }

        private void AddBytes(ulong address, byte[] bytes) => _pieces.Add(new BootPiece(address, bytes, (ulong)bytes.Length));
    }
}
