using Emulator.Cpu;
using Emulator.Devices;

namespace Emulator.Host.Firmware;

/// <summary>The tables of the MultiProcessor Specification 1.4: the floating pointer and the configuration table behind it.</summary>
internal static class MultiprocessorTable
{
    private const byte SpecificationRevision = 4;
    private const int HeaderSize = 44;

    private const byte PciBus = 0;
    private const byte IsaBus = 1;

    private const ushort ConformsToBus = 0;
    private const ushort ActiveHighLevel = 0x000D;

    // A local interrupt entry for all processors.
    private const byte AllLocalApics = 0xFF;

    private enum Entry : byte
    {
        Processor,
        Bus,
        IoApic,
        IoInterrupt,
        LocalInterrupt,
    }

    private enum InterruptType : byte
    {
        Vectored,
        Nmi,
        Smi,
        ExternalInterrupt,
    }

    /// <summary>The floating pointer structure (4.1), to be put at a multiple of 16.</summary>
    /// <param name="configuration">Address of the configuration table.</param>
    /// <remarks>Feature byte 2 is 0: no IMCR, the 8259s come by the processor's LINT0 ("virtual wire mode").</remarks>
    public static byte[] FloatingPointer(ulong configuration) => new TableWriter()
        .Text("_MP_", 4).Dword(configuration).Byte(1).Byte(SpecificationRevision).Byte(0).Zeros(5).Finish(checksum: 10);

    /// <summary>The configuration table (4.2).</summary>
    public static byte[] Configuration(BoardDescription board)
    {
        var entries = new TableWriter();
        var count = 0;
        foreach (var id in board.ApicIds)
        {
            var flags = 1 | (id == board.ApicIds[0] ? 2 : 0);      // enabled; the one that starts
            entries.Byte((int)Entry.Processor).Byte(id).Byte(LocalApic.Version).Byte(flags)
                .Dword(board.ProcessorSignature).Dword(board.ProcessorFeatures).Zeros(8);
            count++;
        }

        entries.Byte((int)Entry.Bus).Byte(PciBus).Text("PCI", 6);
        entries.Byte((int)Entry.Bus).Byte(IsaBus).Text("ISA", 6);
        entries.Byte((int)Entry.IoApic).Byte(BoardDescription.IoApicId).Byte(IoApic.Version).Byte(1).Dword(BoardDescription.IoApicAddress);
        count += 3;

        foreach (var (slot, pin, irq) in board.PciPins)
        {
            AddInterrupt(InterruptType.Vectored, ActiveHighLevel, PciBus, (slot << 2) | (pin - 1), BoardDescription.InputOf(irq));
        }

        foreach (var irq in BoardDescription.IsaInterrupts)
        {
            // What PCI has taken is no ISA interrupt any more.
            if (!board.PciPins.Any(p => p.IsaInterrupt == irq))
            {
                var flags = BoardDescription.IsShared(irq) ? ActiveHighLevel : ConformsToBus;
                AddInterrupt(InterruptType.Vectored, flags, IsaBus, irq, BoardDescription.InputOf(irq));
            }
        }

        AddLocal(InterruptType.ExternalInterrupt, board.ApicIds[0], BoardDescription.ExternalInterruptInput);
        AddLocal(InterruptType.Nmi, AllLocalApics, BoardDescription.NonMaskableInput);

        return new TableWriter()
            .Text("PCMP", 4).Word(HeaderSize + entries.Length).Byte(SpecificationRevision).Byte(0)
            .Text(TableIdentity.Oem, 8).Text(TableIdentity.Table, 12)
            .Dword(0).Word(0).Word(count).Dword(BoardDescription.LocalApicAddress).Dword(0)
            .Bytes(entries.ToArray()).Finish(checksum: 7);

        void AddInterrupt(InterruptType type, int flags, byte bus, int source, int input)
        {
            entries.Byte((int)Entry.IoInterrupt).Byte((int)type).Word(flags).Byte(bus).Byte(source).Byte(BoardDescription.IoApicId).Byte(input);
            count++;
        }

        void AddLocal(InterruptType type, byte apic, byte input)
        {
            entries.Byte((int)Entry.LocalInterrupt).Byte((int)type).Word(ConformsToBus).Byte(IsaBus).Byte(0).Byte(apic).Byte(input);
            count++;
        }
    }
}
