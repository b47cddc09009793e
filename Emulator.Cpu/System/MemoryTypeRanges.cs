namespace Emulator.Cpu;

/// <summary>The memory type range registers (SDM volume 3, 12.11): checked and stored, without any effect.</summary>
internal static unsafe class MemoryTypeRanges
{
    /// <summary>MTRRcap: so many variable ranges, fixed ranges (8) and write combining (10).</summary>
    public const ulong Capabilities = ModelSpecificState.VariableRanges | 1 << 8 | 1 << 10;

    /// <summary>E in MTRRdefType: MTRRs are on.</summary>
    public const ulong Enable = 1 << 11;

    /// <summary>FE in MTRRdefType: the fixed ranges are on.</summary>
    public const ulong FixedEnable = 1 << 10;

    /// <summary>V in a PHYSMASK.</summary>
    public const ulong Valid = 1 << 11;

    private const ulong TypeMask = 0xFF;
    private const ulong WriteProtected = 5;
    private const ulong WriteBack = 6;
    private const ulong EveryByte = 0x0101_0101_0101_0101;
    private const ulong Uncacheable = 0;

    /// <summary>Where a fixed-range register stands in <see cref="ModelSpecificState.MtrrFixed"/>, or -1.</summary>
    public static int FixedIndex(uint index) => index switch
    {
        Msr.MtrrFixed64K => 0,
        >= Msr.MtrrFixed16KFirst and <= Msr.MtrrFixed16KLast => (int)(index - Msr.MtrrFixed16KFirst) + 1,
        >= Msr.MtrrFixed4KFirst and <= Msr.MtrrFixed4KLast => (int)(index - Msr.MtrrFixed4KFirst) + 3,
        _ => -1,
    };

    /// <summary>True if a PHYSBASE (even index) or PHYSMASK (odd) may hold the value.</summary>
    public static bool IsVariableValid(uint index, ulong value)
    {
        var low = value & ~PageEntry.AddressMask;
        return (index & 1) == 0 ? IsType(low) : (low & ~Valid) == 0;
    }

    /// <summary>True if each of the eight bytes is a memory type.</summary>
    public static bool IsFixedValid(ulong value)
    {
        for (; value != 0; value >>= 8)
        {
            if (!IsType(value & TypeMask))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>True if MTRRdefType may hold the value.</summary>
    public static bool IsDefaultTypeValid(ulong value) => IsType(value & ~(Enable | FixedEnable));

    /// <summary>
    /// Sets the registers as a PC's firmware leaves them, for guests that start without any: everything write-back
    /// but the VGA window and the hole below 4 GiB.
    /// </summary>
    /// <param name="cpu">The vCPU.</param>
    /// <param name="lowMemoryEnd">Where RAM below 4 GiB ends, in bytes. The hole begins at the next power of two.</param>
    public static void SetFirmwareDefaults(CpuState* cpu, ulong lowMemoryEnd)
    {
        var state = cpu->ModelSpecific;
        state->MtrrFixed[0] = WriteBack * EveryByte;
        state->MtrrFixed[1] = WriteBack * EveryByte;
        state->MtrrFixed[2] = Uncacheable;
        for (var i = 3; i < ModelSpecificState.FixedRanges; i++)
        {
            state->MtrrFixed[i] = WriteProtected * EveryByte;
        }

        // One range must be a power of two long and aligned so: the largest that ends at 4 GiB and holds no RAM.
        var size = 1UL << 31;
        while (size > 1 << 20 && (1UL << 32) - size < lowMemoryEnd)
        {
            size >>= 1;
        }

        state->MtrrVariable[0] = ((1UL << 32) - size) | Uncacheable;
        state->MtrrVariable[1] = ((1UL << PageEntry.PhysicalAddressBits) - size) | Valid;
        state->MtrrDefaultType = Enable | FixedEnable | WriteBack;
    }

    private static bool IsType(ulong value) => value is 0 or 1 or 4 or 5 or 6;
}
