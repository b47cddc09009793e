using System.Buffers.Binary;
using Emulator.Memory;

namespace Emulator.Cpu.Tests.Differential;

/// <summary>
/// What a kernel would have set up for a 64-bit program: page tables, descriptor tables as Linux lays them out (LAR,
/// LSL and the like can ask), and exception handlers that halt.
/// </summary>
/// <remarks>
/// A data or code page's physical page is not its linear one, and neighbours are not neighbours, so that an access
/// or an instruction across pages meets two places in the host.
/// </remarks>
internal sealed class GuestTables
{
    public const ulong LowRamSize = 0x10_0000;

    /// <summary>Where the low RAM with the tables is mapped. A program's own low addresses are nobody's, as under Linux.</summary>
    public const ulong Kernel = 0x3F00_0000;

    /// <summary>Handler of vector n: <c>hlt</c> at this linear address plus n × 16.</summary>
    public const ulong Handlers = Kernel + 0xB000;

    /// <summary>Where the handlers' stack begins, a linear address.</summary>
    public const ulong KernelStackTop = Kernel + 0xE000;

    private const ulong Pml4 = 0x1000;
    private const ulong PointerTable = 0x2000;
    private const ulong Directory = 0x3000;
    private const ulong Gdt = 0x8000;
    private const ushort GdtLimit = 0x7F;
    private const ulong Idt = 0x9000;
    private const ulong Tss = 0xA000;
    private const ushort KernelCode = 0x10;
    private const ushort TssSelector = 0x40;

    private const ulong Present = 1;
    private const ulong Writable = 2;
    private const ulong User = 4;
    private const ulong NoExecute = 1UL << 63;

    private readonly GuestMemory _memory;
    private ulong _nextTable = 0x1_0000;

    public GuestTables(GuestMemory memory)
    {
        _memory = memory;
        WritePaging();
        WriteDescriptors();
        for (ulong vector = 0; vector < 256; vector++)
        {
            _memory.Write(Handlers - Kernel + (vector * 16), 1, 0xF4);
        }
    }

    /// <summary>Guest-physical address of a byte in a data or code slot.</summary>
    public static ulong Physical(ulong linear) => linear ^ DiffLayout.PageSize;

    /// <summary>A state in user mode with everything but RIP, RFLAGS and the general registers filled in.</summary>
    public static VcpuState UserState()
    {
        VcpuState state = default;
        Segment nothing = default;
        for (int i = 0; i < 8; i++)
        {
            state.Segments[i] = nothing;
        }

        state.Segments[(int)SegmentName.Cs] = new Segment { Limit = uint.MaxValue, Selector = DiffLayout.UserCode, Attributes = 0xA0FB };
        state.Segments[(int)SegmentName.Ss] = new Segment { Limit = uint.MaxValue, Selector = DiffLayout.UserData, Attributes = 0xC0F3 };
        state.Segments[(int)SegmentName.Gs] = new Segment { Base = DiffLayout.GsBase };
        state.Segments[(int)SegmentName.Tr] = new Segment { Base = Kernel + Tss, Limit = 0x67, Selector = TssSelector, Attributes = 0x8B };
        state.GdtBase = Kernel + Gdt;
        state.GdtLimit = GdtLimit;
        state.IdtBase = Kernel + Idt;
        state.IdtLimit = 0xFFF;
        state.Cr0 = 0x8005_0033; // PG AM WP NE ET MP PE
        state.Cr3 = Pml4;
        state.Cr4 = 0x6A0; // PAE PGE OSFXSR OSXMMEXCPT
        state.Efer = 0xD01; // SCE LME LMA NXE
        state.Dr[6] = 0xFFFF_0FF0;
        state.Dr[7] = 0x400;
        return state;
    }

    private void WritePaging()
    {
        _memory.Write(Pml4, 8, PointerTable | Present | Writable | User);
        _memory.Write(PointerTable, 8, Directory | Present | Writable | User);
        for (ulong page = 0; page < LowRamSize; page += DiffLayout.PageSize)
        {
            Map(Kernel + page, page | Present | Writable);
        }

        for (int slot = 0; slot < DiffLayout.Slots; slot++)
        {
            ulong first = DiffLayout.DataSlot(slot);
            Map(first, Physical(first) | Present | User | NoExecute);
            for (ulong page = first + DiffLayout.WritableOffset; page < first + (3 * DiffLayout.PageSize); page += DiffLayout.PageSize)
            {
                Map(page, Physical(page) | Present | Writable | User | NoExecute);
            }
        }

        for (ulong page = DiffLayout.Code; page < DiffLayout.Code + DiffLayout.CodeLength; page += DiffLayout.PageSize)
        {
            Map(page, Physical(page) | Present | Writable | User);
        }

        Map(DiffLayout.Stop, DiffLayout.Stop | Present | Writable | User | NoExecute);
    }

    private void Map(ulong linear, ulong entry)
    {
        ulong slot = Directory + ((linear >> 21) * 8);
        _memory.Read(slot, 8, out ulong table);
        if (table == 0)
        {
            table = _nextTable | Present | Writable | User;
            _nextTable += DiffLayout.PageSize;
            _memory.Write(slot, 8, table);
        }

        _memory.Write((table & ~0xFFFUL) + (((linear >> 12) & 511) * 8), 8, entry);
    }

    private void WriteDescriptors()
    {
        ReadOnlySpan<ulong> descriptors =
        [
            0,
            0x00CF_9B00_0000_FFFF, // 08 32-bit kernel code
            0x00AF_9B00_0000_FFFF, // 10 kernel code
            0x00CF_9300_0000_FFFF, // 18 kernel data
            0x00CF_FB00_0000_FFFF, // 20 32-bit user code
            0x00CF_F300_0000_FFFF, // 28 user data
            0x00AF_FB00_0000_FFFF, // 30 user code
            0,
            0x3F00_8B00_0000_0067 | (Tss << 16), // 40 busy TSS
            0,
        ];
        for (int i = 0; i < 16; i++)
        {
            _memory.Write(Gdt + ((ulong)i * 8), 8, i < descriptors.Length ? descriptors[i] : 0);
        }

        Span<byte> stack = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(stack, KernelStackTop);
        _memory.Write(Tss + 4, stack);
        _memory.Write(Tss + 0x66, 2, 0x68); // no I/O permission map
        for (ulong vector = 0; vector < 256; vector++)
        {
            ulong handler = Handlers + (vector * 16);
            ulong rights = vector is 3 or 4 ? 0xEEUL : 0x8EUL; // programs may use INT3 and INTO
            ulong low = (handler & 0xFFFF) | ((ulong)KernelCode << 16) | (rights << 40) | ((handler >> 16 & 0xFFFF) << 48);
            _memory.Write(Idt + (vector * 16), 8, low);
            _memory.Write(Idt + (vector * 16) + 8, 8, handler >> 32);
        }
    }
}
