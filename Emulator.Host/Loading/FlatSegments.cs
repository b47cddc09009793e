using System.Buffers.Binary;
using Emulator.Cpu;

namespace Emulator.Host.Loading;

/// <summary>The descriptor table a loader leaves, and a vCPU's state in flat protected mode with it (SDM volume 3, 3.4.5).</summary>
internal static class FlatSegments
{
    /// <summary>Selector of 32-bit code.</summary>
    public const ushort Code32 = 0x08;

    /// <summary>Selector of data.</summary>
    public const ushort Data = 0x10;

    /// <summary>Selector of 64-bit code.</summary>
    public const ushort Code64 = 0x18;

    private const ulong Code32Descriptor = 0x00CF_9B00_0000_FFFF;
    private const ulong DataDescriptor = 0x00CF_9300_0000_FFFF;
    private const ulong Code64Descriptor = 0x00AF_9B00_0000_FFFF;

    /// <summary>The table's bytes.</summary>
    public static byte[] Table()
    {
        var table = new byte[32];
        BinaryPrimitives.WriteUInt64LittleEndian(table.AsSpan(Code32), Code32Descriptor);
        BinaryPrimitives.WriteUInt64LittleEndian(table.AsSpan(Data), DataDescriptor);
        BinaryPrimitives.WriteUInt64LittleEndian(table.AsSpan(Code64), Code64Descriptor);
        return table;
    }

    /// <summary>32-bit protected mode, paging and interrupts off, segments flat (Multiboot Specification 0.6.96, 3.2).</summary>
    /// <param name="tableAddress">Where <see cref="Table"/> stands.</param>
    /// <param name="entry">Where to start.</param>
    public static VcpuState ProtectedMode(ulong tableAddress, uint entry)
    {
        var state = new VcpuState
        {
            Rip = entry,
            Rflags = 2,
            GdtBase = tableAddress,
            GdtLimit = 31,
            IdtLimit = 0x3FF,       // still the real-mode vectors: the guest brings its own
            Cr0 = 0x11,             // ET, PE
        };
        state.Dr[6] = 0xFFFF0FF0;
        state.Dr[7] = 0x400;
        foreach (var name in (ReadOnlySpan<SegmentName>)[SegmentName.Es, SegmentName.Ss, SegmentName.Ds, SegmentName.Fs, SegmentName.Gs])
        {
            state.Segments[(int)name] = Flat(Data, 0xC093);
        }

        state.Segments[(int)SegmentName.Cs] = Flat(Code32, 0xC09B);
        state.Segments[(int)SegmentName.Ldtr] = new Segment { Limit = 0xFFFF, Attributes = 0x82 };
        state.Segments[(int)SegmentName.Tr] = new Segment { Limit = 0xFFFF, Attributes = 0x8B };
        return state;
    }

    private static Segment Flat(ushort selector, ushort attributes) => new() { Selector = selector, Limit = uint.MaxValue, Attributes = attributes };
}
