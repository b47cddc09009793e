using System.Buffers.Binary;
using Emulator.Cpu;
using Emulator.Host.Firmware;
using Emulator.Memory;

namespace Emulator.Host.Machine;

/// <summary>
/// What a BIOS leaves behind in the legacy chips and in low memory, for machines that start an image without one:
/// interrupt controllers at vectors 0x08 and 0x70, the timer at 18.2 Hz, real-mode vectors that end in IRET, the
/// BIOS data area's memory sizes and ports.
/// </summary>
/// <remarks>There are no BIOS services: each software interrupt returns at once.</remarks>
internal static class LegacyFirmware
{
    private const ulong VectorTable = 0;
    private const ulong DataArea = 0x400;
    private const ushort CodeSegment = 0xF000;
    private const ulong CodeBase = 0xF0000;

    // Where IBM's BIOS, and everyone's since, has these.
    private const ushort DummyInterrupt = 0xFF53;
    private const ushort ResetEntry = 0xFFF0;
    private const ushort MasterInterrupt = 0xFEA5;
    private const ushort SlaveInterrupt = 0xFEC0;

    private const byte MasterVectors = 0x08;
    private const byte SlaveVectors = 0x70;

    /// <summary>Sets all of it up; shadow RAM at 0xF0000 is writable.</summary>
    /// <param name="memory">The machine's memory.</param>
    /// <param name="ports">The machine's ports.</param>
    /// <param name="apic">The first processor's local APIC.</param>
    /// <param name="serialPorts">The serial ports fitted.</param>
    public static void Prepare(GuestMemory memory, PortSpace ports, LocalApic apic, IReadOnlyList<SerialPort> serialPorts)
    {
        PrepareChips(ports);
        PrepareApic(apic);
        PrepareVectors(memory);
        PrepareDataArea(memory, serialPorts);
    }

    private static void PrepareChips(PortSpace ports)
    {
        // ICW1 to ICW4, then the masks that firmware known to guests leaves: timer, keyboard, cascade and diskette;
        // clock, mouse, coprocessor and first disk.
        Out(ports, 0x20, 0x11);
        Out(ports, 0xA0, 0x11);
        Out(ports, 0x21, MasterVectors);
        Out(ports, 0xA1, SlaveVectors);
        Out(ports, 0x21, 0x04);
        Out(ports, 0xA1, 0x02);
        Out(ports, 0x21, 0x01);
        Out(ports, 0xA1, 0x01);
        Out(ports, 0x21, 0xB8);
        Out(ports, 0xA1, 0x8E);

        // Channel 0: rate generator, 65536 counts.
        Out(ports, 0x43, 0x34);
        Out(ports, 0x40, 0);
        Out(ports, 0x40, 0);
    }

    /// <summary>Virtual wire mode: switched on, the 8259 pair at LINT0, NMI at LINT1.</summary>
    private static void PrepareApic(LocalApic apic)
    {
        const uint EnabledSpurious = 0x1FF;
        const uint LevelExternal = 0x8700;
        const uint LevelNmi = 0x8400;
        apic.Write((int)ApicRegister.SpuriousVector, 4, EnabledSpurious);
        apic.Write((int)ApicRegister.LvtLint0, 4, LevelExternal);
        apic.Write((int)ApicRegister.LvtLint1, 4, LevelNmi);
    }

    private static void PrepareVectors(GuestMemory memory)
    {
        Span<byte> vectors = stackalloc byte[256 * 4];
        for (var i = 0; i < 256; i++)
        {
            var offset = i is >= MasterVectors and < MasterVectors + 8 ? MasterInterrupt
                : i is >= SlaveVectors and < SlaveVectors + 8 ? SlaveInterrupt
                : DummyInterrupt;
            BinaryPrimitives.WriteUInt16LittleEndian(vectors[(i * 4)..], offset);
            BinaryPrimitives.WriteUInt16LittleEndian(vectors[((i * 4) + 2)..], CodeSegment);
        }

        _ = memory.Write(VectorTable, vectors);
        _ = memory.Write(CodeBase + DummyInterrupt, [0xCF]);                                // iret
        _ = memory.Write(CodeBase + MasterInterrupt, [0x50, 0xB0, 0x20, 0xE6, 0x20, 0x58, 0xCF]); // push ax; al = EOI; out 0x20; pop ax; iret
        _ = memory.Write(CodeBase + SlaveInterrupt, [0x50, 0xB0, 0x20, 0xE6, 0xA0, 0xE6, 0x20, 0x58, 0xCF]); // to both
        _ = memory.Write(CodeBase + ResetEntry, [0xB0, 0xFE, 0xE6, 0x64, 0xF4, 0xEB, 0xFD]); // al = pulse reset; out 0x64; hlt; again
    }

    private static void PrepareDataArea(GuestMemory memory, IReadOnlyList<SerialPort> serialPorts)
    {
        Span<byte> area = stackalloc byte[0x100];
        area.Clear();
        foreach (var (number, port, _) in serialPorts)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(area[((number - 1) * 2)..], port);
        }

        BinaryPrimitives.WriteUInt16LittleEndian(area[0x0E..], (ushort)(MemoryLayout.ConventionalEnd >> 4));    // EBDA
        BinaryPrimitives.WriteUInt16LittleEndian(area[0x13..], (ushort)(MemoryLayout.ConventionalEnd >> 10));   // KiB
        _ = memory.Write(DataArea, area);
    }

    private static void Out(PortSpace ports, ushort port, byte value) => _ = ports.Write(port, 1, value);
}
