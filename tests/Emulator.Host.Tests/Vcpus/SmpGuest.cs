using System.Buffers.Binary;
using Emulator.Host.Tests.Loading;
using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace Emulator.Host.Tests.Vcpus;

/// <summary>
/// Multiboot images of a few instructions for several processors, with flat segments and an IDT. The first processor
/// starts from the loader, the others by INIT and start-up.
/// </summary>
internal static class SmpGuest
{
    /// <summary>Where INIT and start-up lead the other processors.</summary>
    public const byte Trampoline = 8;

    public const uint CommandLow = 0xFEE0_0300;
    public const uint CommandHigh = 0xFEE0_0310;
    public const uint EndOfInterrupt = 0xFEE0_00B0;

    /// <summary>ICR: INIT and start-up to all others, and an ordinary vector to one.</summary>
    public const int InitOthers = 0xC4500;
    public const int StartOthers = 0xC4600 | Trampoline;
    public const int Fixed = 0x4000;

    /// <summary>A page of zeros.</summary>
    public const uint Data = 0x10_6000;

    private const uint Gdt = 0x6000;
    private const uint Pointers = Gdt + 0x40;
    private const uint Idt = Gdt + 0x100;
    private const uint IdtLimit = 0x7FF;
    private const uint Header = 0x10_0000;
    private const uint First = Header + 0x20;
    private const uint Others = 0x10_2000;
    private const uint Handlers = 0x10_4000;
    private const uint HandlerSize = 0x100;

    /// <summary>Makes an image.</summary>
    /// <param name="first">What the first processor runs, with a stack and interrupts off.</param>
    /// <param name="others">What the others run, likewise; EAX is the APIC ID.</param>
    /// <param name="handlers">Interrupt handlers by vector; each ends in IRET itself.</param>
    public static byte[] Image(Action<Assembler> first, Action<Assembler> others, params (byte Vector, Action<Assembler> Code)[] handlers)
    {
        var idt = new byte[IdtLimit + 1];
        var pieces = new List<ImageBuilder.Piece>
        {
            Piece(Header, [.. ImageBuilder.Header(), .. Assemble(32, First, code =>
            {
                LoadTables(code);
                code.mov(esp, 0x20_0000);
                code.mov(al, 0xFF);
                code.@out(0x21, al);            // no timer: there is no gate for it
                first(code);
            })]),
            Piece(Others, Assemble(32, Others, code =>
            {
                code.mov(eax, __dword_ptr[0xFEE0_0020]);
                code.shr(eax, 24);
                code.mov(ecx, eax);
                code.shl(ecx, 12);
                code.lea(esp, __[ecx + 0x20_0000]);
                code.mov(__dword_ptr[0xFEE0_00F0], 0x1FF);
                others(code);
            })),
            Piece(Data, new byte[0x1000]),
            Piece(Trampoline << 12, AssembleTrampoline()),
        };
        for (var i = 0; i < handlers.Length; i++)
        {
            var address = Handlers + ((uint)i * HandlerSize);
            pieces.Add(Piece(address, Assemble(32, address, handlers[i].Code)));
            var gate = (address & 0xFFFF) | (8UL << 16) | (0x8E00UL << 32) | ((ulong)address >> 16 << 48);
            BinaryPrimitives.WriteUInt64LittleEndian(idt.AsSpan(handlers[i].Vector * 8), gate);
        }

        var tables = new byte[0x100];
        BinaryPrimitives.WriteUInt64LittleEndian(tables.AsSpan(8), 0x00CF_9B00_0000_FFFF);
        BinaryPrimitives.WriteUInt64LittleEndian(tables.AsSpan(16), 0x00CF_9300_0000_FFFF);
        BinaryPrimitives.WriteUInt64LittleEndian(tables.AsSpan(0x40), 23 | ((ulong)Gdt << 16));
        BinaryPrimitives.WriteUInt64LittleEndian(tables.AsSpan(0x48), IdtLimit | ((ulong)Idt << 16));
        pieces.Add(Piece(Gdt, [.. tables, .. idt]));
        return ImageBuilder.Elf(is64: false, machine: 3, First, [.. pieces]);
    }

    /// <summary>INIT and start-up for all others.</summary>
    public static void StartAll(Assembler code)
    {
        code.mov(__dword_ptr[CommandLow], InitOthers);
        code.mov(__dword_ptr[CommandLow], StartOthers);
    }

    /// <summary>Sends a vector to one processor.</summary>
    public static void Send(Assembler code, int destination, byte vector)
    {
        code.mov(__dword_ptr[CommandHigh], destination << 24);
        code.mov(__dword_ptr[CommandLow], Fixed | vector);
    }

    /// <summary>Writes to the debug-exit port.</summary>
    public static void Exit(Assembler code, byte value)
    {
        code.mov(al, value);
        code.@out(0xF4, al);
        HaltForEver(code);
    }

    /// <summary>Interrupts on, HLT, again.</summary>
    public static void HaltForEver(Assembler code)
    {
        var again = code.CreateLabel();
        code.sti();
        code.Label(ref again);
        code.hlt();
        code.jmp(again);
    }

    private static ImageBuilder.Piece Piece(uint address, byte[] data) => new(address, data, (ulong)data.Length);

    private static void LoadTables(Assembler code)
    {
        code.lgdt(__fword_ptr[Pointers]);
        code.lidt(__fword_ptr[Pointers + 8]);
        code.mov(eax, 0x10);
        code.mov(ds, ax);
        code.mov(es, ax);
        code.mov(ss, ax);
        code.db([0xEA, .. FarPointer(First + Here)]);
    }

    // How many bytes LoadTables makes.
    private const uint Here = 7 + 7 + 5 + (3 * 3) + 7;

    /// <summary>The operand of a far jump to flat code.</summary>
    private static byte[] FarPointer(uint address) => [.. BitConverter.GetBytes(address), 8, 0];

    private static byte[] AssembleTrampoline() => Assemble(16, Trampoline << 12, code =>
    {
        code.cli();
        code.xor(ax, ax);
        code.mov(ds, ax);
        code.lgdt(__fword_ptr[(int)Pointers]);
        code.lidt(__fword_ptr[(int)Pointers + 8]);
        code.mov(eax, cr0);
        code.or(al, 1);
        code.mov(cr0, eax);
        code.mov(ax, 0x10);
        code.mov(ds, ax);
        code.mov(es, ax);
        code.mov(ss, ax);
        code.db([0x66, 0xEA, .. FarPointer(Others)]);
    });

    private static byte[] Assemble(int bits, uint address, Action<Assembler> write)
    {
        var code = new Assembler(bits);
        write(code);
        using var stream = new MemoryStream();
        code.Assemble(new StreamCodeWriter(stream), address);
        return stream.ToArray();
    }
}
