using System.Buffers.Binary;
using System.Text;
using Emulator.Cpu;
using Emulator.Host.Loading;
using Emulator.Host.Machine;
using static Emulator.Host.Tests.Loading.ImageBuilder;

namespace Emulator.Host.Tests.Loading;

public sealed class MultibootLoaderTests
{
    private static readonly MemoryLayout s_layout = new(64 << 20);

    [Fact]
    public void An_elf_image_goes_to_its_physical_addresses_and_starts_by_the_specification()
    {
        var boot = Load(Multiboot(0xF4));
        var piece = boot.Pieces[0];
        Assert.Equal((0x100000UL, 0x4000UL, 33), (piece.Address, piece.MemorySize, piece.Data.Length));

        var state = boot.Entry;
        Assert.Equal(0x100020UL, state.Rip);
        Assert.Equal(0x2BADB002UL, state.Gpr[0]);
        Assert.Equal(0x11UL, state.Cr0);
        Assert.Equal(2UL, state.Rflags);
        var code = state.Segments[(int)SegmentName.Cs];
        Assert.Equal((8, 0UL, uint.MaxValue, 0xC09B), (code.Selector, code.Base, code.Limit, code.Attributes));
        Assert.Equal(0x10, state.Segments[(int)SegmentName.Ss].Selector);
        Assert.Contains(boot.Pieces, p => p.Address == state.GdtBase && p.Data.Length == state.GdtLimit + 1);
    }

    [Fact]
    public void The_information_structure_has_memory_command_line_and_modules()
    {
        var modules = new[] { new ModuleImage("m1 a b", new byte[] { 1, 2, 3 }), new ModuleImage("m2", new byte[5000]) };
        Assert.True(MultibootLoader.Load(Multiboot(0xF4), "image arguments", modules, s_layout).Get(out var boot, out _));
        var memory = new Dictionary<ulong, ReadOnlyMemory<byte>>();
        foreach (var piece in boot.Pieces)
        {
            memory.Add(piece.Address, piece.Data);
        }

        var at = boot.Entry.Gpr[3];
        var block = memory[at].Span;
        Assert.Equal(0x24Fu, Word(block, 0));
        Assert.Equal(639u, Word(block, 4));
        Assert.Equal(((64u << 20) - (128 << 10) - (1 << 20)) >> 10, Word(block, 8));
        Assert.Equal("image arguments", Text(block, Word(block, 16) - (uint)at));
        Assert.Equal(2u, Word(block, 20));

        var table = (int)(Word(block, 24) - (uint)at);
        Assert.Equal(new byte[] { 1, 2, 3 }, memory[Word(block, table)].ToArray());
        Assert.Equal(Word(block, table) + 3, Word(block, table + 4));
        Assert.Equal("m1 a b", Text(block, Word(block, table + 8) - (uint)at));
        Assert.Equal(0u, Word(block, table + 16) % 4096);
        Assert.Equal(5000u, Word(block, table + 20) - Word(block, table + 16));

        var map = (int)(Word(block, 48) - (uint)at);
        Assert.Equal(20u, Word(block, map));
        Assert.Equal(0x9FC00u, Word(block, map + 12));
        Assert.Equal(0u, Word(block, 44) % 24);
    }

    [Fact]
    public void Boot_data_keeps_out_of_the_images_way()
    {
        // The image covers where the information would be put first.
        var image = Elf(false, 3, 0x8020, new Piece(0x8000, [.. Header(), 0xF4], 0x80000));
        var boot = Load(image);
        var pieces = boot.Pieces.ToArray();
        for (var i = 0; i < pieces.Length; i++)
        {
            for (var j = i + 1; j < pieces.Length; j++)
            {
                Assert.False(Range(pieces[i]).Overlaps(Range(pieces[j])), $"{Range(pieces[i])} {Range(pieces[j])}");
            }
        }
    }

    [Fact]
    public void Address_fields_take_the_place_of_the_files_headers()
    {
        byte[] image = [.. new byte[16], .. Header(3 | MultibootHeader.FlagAddresses, header: 0x200010, load: 0x200000, bssEnd: 0x210000, entry: 0x200030), 0xF4, 0x90];
        var boot = Load(image);
        Assert.Equal(0x200030UL, boot.Entry.Rip);
        Assert.Equal((0x200000UL, 0x10000UL, image.Length), (boot.Pieces[0].Address, boot.Pieces[0].MemorySize, boot.Pieces[0].Data.Length));
    }

    [Fact]
    public void A_virtual_entry_point_of_a_moved_segment_becomes_a_physical_one()
    {
        var image = Elf(false, 3, 0xC0100020, new Piece(0x100000, [.. Header(), 0xF4], 0x1000, VirtualAddress: 0xC0100000));
        Assert.Equal(0x100020UL, Load(image).Entry.Rip);
    }

    [Fact]
    public void An_elf64_image_without_header_starts_in_the_stub()
    {
        var image = Elf(true, 62, 0x100000, new Piece(0x100000, [0xF4], 0x1000));
        var boot = Load(image);
        var stub = boot.Pieces.Single(p => p.Data.Length == LongModeStub.Size);
        Assert.Equal(stub.Address + LongModeStub.CodeAt, boot.Entry.Rip);
        Assert.Equal(0UL, stub.Address % 4096);
        var tables = stub.Data.Span;
        var pointers = BinaryPrimitives.ReadUInt64LittleEndian(tables) & ~0xFFFUL;
        Assert.Equal(stub.Address + 4096, pointers);
        var last = BinaryPrimitives.ReadUInt64LittleEndian(tables[((5 * 4096) + (511 * 8))..]);
        Assert.Equal(0xFFE00083UL, last);
    }

    [Fact]
    public void An_elf64_image_with_a_multiboot_header_starts_in_32_bits()
    {
        var image = Elf(true, 62, 0x100020, new Piece(0x100000, [.. Header(), 0xF4], 0x1000));
        Assert.Equal(0x100020UL, Load(image).Entry.Rip);
    }

    public static TheoryData<string, byte[], string> BadImages()
    {
        var good = Multiboot(0xF4);
        var segment = new Piece(0x100000, [.. Header(), 0xF4], 0x1000);
        return new TheoryData<string, byte[], string>
        {
            { "text", Encoding.ASCII.GetBytes("hello, world\n"), "neither an ELF file nor a Multiboot image" },
            { "one byte", [0x7F], "neither an ELF file" },
            { "magic only", good[..4], "cut short: its header ends at byte 52, the file has 4" },
            { "half header", good[..40], "cut short: its header ends at byte 52, the file has 40" },
            { "no program headers", good[..60], "cut short: its program headers end" },
            { "segment cut", good[..^1], "cut short: segment 0 ends at byte" },
            { "another machine", Elf(true, 183, 0x100000, segment), "is for AArch64; this machine runs i386 and x86-64" },
            { "unknown machine", Elf(true, 999, 0x100000, segment), "is for machine 999" },
            { "big-endian", Change(good, f => f[5] = 2), "not little-endian" },
            { "class", Change(good, f => f[4] = 9), "class 9" },
            { "object file", Change(good, f => Put16(f, 16, 1)), "is a relocatable object, not an executable" },
            { "no segments", Change(good, f => Put16(f, 44, 0)), "no program headers" },
            { "a dynamic linker", Change(good, f => Put32(f, 52, 3)), "a program for an operating system" },
            { "nothing to load", Change(good, f => Put32(f, 52, 4)), "no segment to load" },
            { "header size", Change(good, f => Put16(f, 42, 40)), "40 bytes long instead of 32" },
            { "more file than memory", Elf(false, 3, 0x100020, segment with { MemorySize = 4 }), "33 bytes for 4 bytes of memory" },
            { "overlap", Elf(false, 3, 0x100020, segment, new Piece(0x100800, [1], 0x1000)), "segments overlap: 0x100000-0x100fff and 0x100800-0x1017ff" },
            { "beyond RAM", Elf(false, 3, 0x8000000, new Piece(0x8000000, [.. Header(), 0xF4], 0x1000)), "where there is no RAM; give more by -m" },
            { "video window", Elf(false, 3, 0xA0020, new Piece(0xA0000, [.. Header(), 0xF4], 0x1000)), "0xa0000-0xa0fff, where there is no RAM" },
            { "above 4G", Elf(true, 62, 1UL << 33, new Piece(1UL << 33, [0xF4], 0x1000)), "above 4 GiB" },
            { "address overflow", Elf(true, 62, 0, new Piece(ulong.MaxValue - 5, [0xF4], 0x1000)), "beyond the last address" },
            { "entry outside", Elf(false, 3, 0x300000, segment), "the entry point 0x300000 is outside what the file loads" },
            { "no header", Elf(false, 3, 0x100000, new Piece(0x100000, [0xF4], 0x1000)), "32-bit but has no Multiboot header" },
            { "checksum", [.. Change(Header(), h => h[8]++), .. new byte[64]], "the Multiboot header at 0x0 has a wrong checksum" },
            { "unknown requirement", Header(0x8), "flags 0x8" },
            { "addresses cut", Header(MultibootHeader.FlagAddresses)[..24], "cut short: the Multiboot header ends at byte 32" },
            { "load above header", Header(MultibootHeader.FlagAddresses, header: 0x100000, load: 0x200000), "above its header address" },
            { "load before file", Header(MultibootHeader.FlagAddresses, header: 0x100010, load: 0x100000), "before the file's first" },
            { "load end cut", Header(MultibootHeader.FlagAddresses, header: 0x100000, load: 0x100000, loadEnd: 0x101000), "asks for 4096 bytes, the file has 32" },
            { "bss end", Header(MultibootHeader.FlagAddresses, header: 0x100000, load: 0x100000, bssEnd: 0x100008), "bss end address 0x100008 is below" },
        };
    }

    [Theory]
    [MemberData(nameof(BadImages))]
    public void A_bad_image_is_refused_in_one_line(string name, byte[] image, string expected)
    {
        Assert.False(MultibootLoader.Load(image, "x", [], s_layout).Get(out _, out var error), name);
        Assert.Contains(expected, error, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error);
    }

    [Fact]
    public void A_module_that_finds_no_room_is_refused()
    {
        var modules = new[] { new ModuleImage("big", new byte[2 << 20]) };
        Assert.False(MultibootLoader.Load(Multiboot(0xF4), "x", modules, new MemoryLayout(2 << 20)).Get(out _, out var error));
        Assert.Contains("no room in RAM for the module 'big'", error, StringComparison.Ordinal);
    }

    [Fact]
    public void Damaged_images_are_loaded_or_refused_but_never_throw()
    {
        const int Seed = 20260101;
        byte[][] originals =
        [
            Multiboot(0xF4),
            Elf(true, 62, 0x100000, new Piece(0x100000, [0xF4, 1, 2, 3], 0x1000), new Piece(0x200000, [5], 0x100)),
            [.. Header(MultibootHeader.FlagAddresses, header: 0x100000, load: 0x100000, entry: 0x100020), 0xF4],
        ];
        var random = new Random(Seed);
        for (var i = 0; i < 20_000; i++)
        {
            var image = (byte[])originals[i % originals.Length].Clone();
            for (var flips = random.Next(1, 6); flips > 0; flips--)
            {
                // Headers are where damage matters.
                image[random.Next(Math.Min(image.Length, 160))] ^= (byte)(1 << random.Next(8));
            }

            if (random.Next(4) == 0)
            {
                image = image[..random.Next(image.Length + 1)];
            }

            try
            {
                if (MultibootLoader.Load(image, "x", [], s_layout).Get(out var boot, out var error))
                {
                    Assert.All(boot.Pieces, p => Assert.Contains(s_layout.LoadableRanges, r => r.Contains(Range(p))));
                }
                else
                {
                    Assert.DoesNotContain('\n', error);
                }
            }
            catch (Exception e) when (e is not Xunit.Sdk.IAssertionException)
            {
                Assert.Fail($"seed {Seed}, case {i}: {e}");
            }
        }
    }

    private static BootImage Load(byte[] image)
    {
        var result = MultibootLoader.Load(image, "x", [], s_layout);
        Assert.True(result.IsOk, result.Error);
        return result.Value;
    }

    private static PhysicalRange Range(BootPiece piece) => new(piece.Address, piece.MemorySize);

    private static byte[] Change(byte[] file, Action<byte[]> change)
    {
        var copy = (byte[])file.Clone();
        change(copy);
        return copy;
    }

    private static uint Word(ReadOnlySpan<byte> data, int offset) => BinaryPrimitives.ReadUInt32LittleEndian(data[offset..]);

    private static string Text(ReadOnlySpan<byte> data, uint offset)
    {
        var rest = data[(int)offset..];
        return Encoding.UTF8.GetString(rest[..rest.IndexOf((byte)0)]);
    }
}
