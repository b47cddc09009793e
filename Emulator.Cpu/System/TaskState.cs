namespace Emulator.Cpu;

/// <summary>What a TSS keeps of a task while another runs, 32 bits wide or 16 (SDM volume 3, 8.2.1 and 8.6).</summary>
internal unsafe struct TaskState
{
    private const int GeneralRegisterCount = 8;
    private const int SegmentCount32 = 6;
    private const int SegmentCount16 = 4;

    // Offsets in a 32-bit TSS.
    private const uint PageBase32 = 0x1C;
    private const uint Ip32 = 0x20;
    private const uint Flags32 = 0x24;
    private const uint General32 = 0x28;
    private const uint Segments32 = 0x48;
    private const uint Ldt32 = 0x60;
    private const uint Trap32 = 0x64;

    // Offsets in a 16-bit TSS.
    private const uint Ip16 = 0x0E;
    private const uint Flags16 = 0x10;
    private const uint General16 = 0x12;
    private const uint Segments16 = 0x22;
    private const uint Ldt16 = 0x2A;

    // The upper halves that a 16-bit TSS does not hold read as ones, as processors since the 80386 leave them.
    private const uint UpperHalf = 0xFFFF0000;

    /// <summary>EIP.</summary>
    public uint Ip;

    /// <summary>EFLAGS.</summary>
    public uint Flags;

    /// <summary>CR3; 0 in a 16-bit TSS, which has none.</summary>
    public uint PageBase;

    /// <summary>LDTR's selector.</summary>
    public ushort Ldt;

    /// <summary>The debug trap bit T.</summary>
    public bool Trap;

    /// <summary>EAX … EDI in the encoding's order.</summary>
    public fixed uint General[GeneralRegisterCount];

    /// <summary>ES, CS, SS, DS, FS, GS.</summary>
    public fixed ushort Segments[SegmentCount32];

    /// <summary>Lowest limit a TSS descriptor may have.</summary>
    public static uint LeastLimit(bool wide) => wide ? 0x67U : 0x2BU;

    /// <summary>Makes sure that <see cref="Save"/> will not fault.</summary>
    public static bool ProbeSave(CpuState* cpu, ulong tss, bool wide) => wide
        ? GuestAccess.ProbeWrite(cpu, (uint)(tss + Ip32), (int)(Ldt32 - Ip32), system: true)
        : GuestAccess.ProbeWrite(cpu, (uint)(tss + Ip16), (int)(Ldt16 - Ip16), system: true);

    /// <summary>Reads a task's state.</summary>
    public static bool Load(CpuState* cpu, ulong tss, bool wide, out TaskState state)
    {
        state = default;
        return wide ? state.Load32(cpu, tss) : state.Load16(cpu, tss);
    }

    /// <summary>Writes the vCPU's registers into a TSS.</summary>
    /// <param name="cpu">The vCPU.</param>
    /// <param name="tss">Linear base of the TSS.</param>
    /// <param name="wide">A 32-bit TSS.</param>
    /// <param name="rip">The instruction pointer to save.</param>
    /// <param name="flags">The flags to save.</param>
    public static bool Save(CpuState* cpu, ulong tss, bool wide, ulong rip, ulong flags)
    {
        var size = wide ? 4 : 2;
        if (!Write(cpu, tss + (wide ? Ip32 : Ip16), size, rip) || !Write(cpu, tss + (wide ? Flags32 : Flags16), size, flags))
        {
            return false;
        }

        var general = tss + (wide ? General32 : General16);
        for (var i = 0; i < GeneralRegisterCount; i++)
        {
            if (!Write(cpu, general + (ulong)(i * size), size, cpu->Gpr[i]))
            {
                return false;
            }
        }

        var segments = tss + (wide ? Segments32 : Segments16);
        for (var i = 0; i < (wide ? SegmentCount32 : SegmentCount16); i++)
        {
            if (!Write(cpu, segments + (ulong)(i * size), 2, cpu->Segments[i].Selector))
            {
                return false;
            }
        }

        return true;
    }

    private bool Load32(CpuState* cpu, ulong tss)
    {
        if (!Read(cpu, tss + PageBase32, 4, out PageBase) || !Read(cpu, tss + Ip32, 4, out Ip)
            || !Read(cpu, tss + Flags32, 4, out Flags) || !Read(cpu, tss + Ldt32, 2, out var ldt)
            || !Read(cpu, tss + Trap32, 2, out var trap))
        {
            return false;
        }

        Ldt = (ushort)ldt;
        Trap = (trap & 1) != 0;
        for (var i = 0; i < GeneralRegisterCount; i++)
        {
            if (!Read(cpu, tss + General32 + (ulong)i * 4, 4, out General[i]))
            {
                return false;
            }
        }

        for (var i = 0; i < SegmentCount32; i++)
        {
            if (!Read(cpu, tss + Segments32 + (ulong)i * 4, 2, out var selector))
            {
                return false;
            }

            Segments[i] = (ushort)selector;
        }

        return true;
    }

    private bool Load16(CpuState* cpu, ulong tss)
    {
        if (!Read(cpu, tss + Ip16, 2, out Ip) || !Read(cpu, tss + Flags16, 2, out Flags) || !Read(cpu, tss + Ldt16, 2, out var ldt))
        {
            return false;
        }

        Ldt = (ushort)ldt;
        for (var i = 0; i < GeneralRegisterCount; i++)
        {
            if (!Read(cpu, tss + General16 + (ulong)i * 2, 2, out var value))
            {
                return false;
            }

            General[i] = UpperHalf | value;
        }

        for (var i = 0; i < SegmentCount16; i++)
        {
            if (!Read(cpu, tss + Segments16 + (ulong)i * 2, 2, out var selector))
            {
                return false;
            }

            Segments[i] = (ushort)selector;
        }

        return true;
    }

    private static bool Read(CpuState* cpu, ulong linear, int size, out uint value)
    {
        var done = GuestAccess.Read(cpu, (uint)linear, size, system: true, out var wide);
        value = (uint)wide;
        return done;
    }

    private static bool Write(CpuState* cpu, ulong linear, int size, ulong value) =>
        GuestAccess.Write(cpu, (uint)linear, size, size == 4 ? (uint)value : (ushort)value, system: true);
}
