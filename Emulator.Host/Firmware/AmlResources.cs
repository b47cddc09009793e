using Emulator.Host.Machine;

namespace Emulator.Host.Firmware;

/// <summary>A resource template (ACPI 2.0, 6.4): what a device decodes and which interrupts it uses.</summary>
internal sealed class AmlResources
{
    private const byte SmallIrq = 0x22;
    private const byte SmallIo = 0x47;
    private const byte SmallEnd = 0x79;
    private const byte LargeDwordSpace = 0x87;
    private const byte LargeWordSpace = 0x88;
    private const byte LargeQwordSpace = 0x8A;

    // General flags: the bridge hands it on; decoded positively; both ends are where they are said to be.
    private const byte ProducerFixed = 0x0C;

    private readonly TableWriter _bytes = new();

    private enum Space : byte
    {
        Memory,
        Io,
        BusNumber,
    }

    /// <summary>Ports, decoded with all 16 bits.</summary>
    public AmlResources Ports(ushort first, int count)
    {
        _bytes.Byte(SmallIo).Byte(1).Word(first).Word(first).Byte(1).Byte(count);
        return this;
    }

    /// <summary>An ISA interrupt: an edge, active high, not shared.</summary>
    public AmlResources Irq(int irq)
    {
        _bytes.Byte(SmallIrq).Word(1 << irq);
        return this;
    }

    /// <summary>Bus numbers behind a bridge.</summary>
    public AmlResources BusNumbers(byte first, byte last) => Word(Space.BusNumber, 0, first, last);

    /// <summary>A window of ports behind a bridge: ISA's and others.</summary>
    public AmlResources PortWindow(ushort first, ushort last) => Word(Space.Io, 3, first, last);

    /// <summary>A window of memory behind a bridge, writable, in 32 bits or 64 as it needs.</summary>
    /// <param name="range">The addresses.</param>
    /// <param name="cacheable">True if it may be cached, as video memory.</param>
    public AmlResources MemoryWindow(PhysicalRange range, bool cacheable = false)
    {
        var wide = range.Last > uint.MaxValue;
        _bytes.Byte(wide ? LargeQwordSpace : LargeDwordSpace).Word(3 + (5 * (wide ? 8 : 4)))
            .Byte((int)Space.Memory).Byte(ProducerFixed).Byte(cacheable ? 3 : 1);
        foreach (var value in (ReadOnlySpan<ulong>)[0, range.Start, range.Last, 0, range.Size])
        {
            _ = wide ? _bytes.Qword(value) : _bytes.Dword(value);
        }

        return this;
    }

    /// <summary>The template, complete. Its end says that there is no checksum.</summary>
    public byte[] ToBuffer() => Aml.Buffer([.. _bytes.ToArray(), SmallEnd, 0]);

    private AmlResources Word(Space space, byte flags, ushort first, ushort last)
    {
        _bytes.Byte(LargeWordSpace).Word(3 + (5 * 2)).Byte((int)space).Byte(ProducerFixed).Byte(flags)
            .Word(0).Word(first).Word(last).Word(0).Word(last - first + 1);
        return this;
    }
}
