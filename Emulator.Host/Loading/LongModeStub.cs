using System.Buffers.Binary;

namespace Emulator.Host.Loading;

/// <summary>
/// What takes an ELF64 image from protected to long mode: page tables, a stack and a few instructions, one piece
/// of low memory of <see cref="Size"/> bytes.
/// </summary>
/// <remarks>
/// At the image's entry point: 64-bit code with flat segments, interrupts off, the first 4 GiB identity-mapped in
/// 2 MiB pages, writable and executable; RDI holds the address of a Multiboot information structure, RAX
/// 0x2BADB002, RSP the top of a 16 KiB stack plus the 8 bytes of a return address that is zero, as if the entry
/// point had been called; other registers are undefined.
/// </remarks>
internal static class LongModeStub
{
    /// <summary>Bytes of low memory, page-aligned.</summary>
    public const int Size = CodeAt + Page;

    /// <summary>Where the stub starts in its piece.</summary>
    public const int CodeAt = StackAt + StackSize;

    private const int Page = 4096;
    private const int LongCodeAt = 49;
    private const int DirectoryPointersAt = Page;
    private const int DirectoriesAt = 2 * Page;
    private const int StackAt = 6 * Page;
    private const int StackSize = 4 * Page;
    private const ulong PresentWritable = 3;
    private const ulong LargePage = 0x80;

    /// <summary>The piece's bytes.</summary>
    /// <param name="address">Where it will stand: page-aligned, below 4 GiB.</param>
    /// <param name="entry">The image's entry point.</param>
    public static byte[] Build(uint address, ulong entry)
    {
        var block = new byte[Size];
        WriteTables(block, address);
        byte[] code =
        [
            0xB8, .. Bytes(address),                            // mov eax, tables
            0x0F, 0x22, 0xD8,                                   // mov cr3, eax
            0x0F, 0x20, 0xE0,                                   // mov eax, cr4
            0x83, 0xC8, 0x20,                                   // or eax, PAE
            0x0F, 0x22, 0xE0,                                   // mov cr4, eax
            0xB9, 0x80, 0x00, 0x00, 0xC0,                       // mov ecx, IA32_EFER
            0x0F, 0x32,                                         // rdmsr
            0x0D, 0x00, 0x01, 0x00, 0x00,                       // or eax, LME
            0x0F, 0x30,                                         // wrmsr
            0x0F, 0x20, 0xC0,                                   // mov eax, cr0
            0x0D, 0x00, 0x00, 0x00, 0x80,                       // or eax, PG
            0x0F, 0x22, 0xC0,                                   // mov cr0, eax
            0xEA, .. Bytes(address + CodeAt + LongCodeAt), (byte)FlatSegments.Code64, 0x00, // jmp far to what follows, in 64-bit code
            0x89, 0xDF,                                         // mov edi, ebx
            0xBC, .. Bytes(address + CodeAt - 8),               // mov esp, top of the stack less the return address
            0xB8, .. Bytes(MultibootLoader.BootMagic),          // mov eax, magic
            0x49, 0xBB, .. BitConverter.GetBytes(entry),        // mov r11, entry
            0x41, 0xFF, 0xE3,                                   // jmp r11
        ];
        code.CopyTo(block, CodeAt);
        return block;
    }

    private static void WriteTables(Span<byte> block, uint address)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(block, (address + DirectoryPointersAt) | PresentWritable);
        for (var gigabyte = 0; gigabyte < 4; gigabyte++)
        {
            var directory = DirectoriesAt + (gigabyte * Page);
            BinaryPrimitives.WriteUInt64LittleEndian(block[(DirectoryPointersAt + (gigabyte * 8))..], (address + (uint)directory) | PresentWritable);
            for (var i = 0; i < 512; i++)
            {
                var page = ((ulong)gigabyte << 30) | ((ulong)i << 21);
                BinaryPrimitives.WriteUInt64LittleEndian(block[(directory + (i * 8))..], page | LargePage | PresentWritable);
            }
        }
    }

    private static byte[] Bytes(uint value) => BitConverter.GetBytes(value);
}
