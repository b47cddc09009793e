namespace Emulator.Cpu;

/// <summary>
/// Who may reach ports (SDM volume 1, 19.5) and who may see and change IF and IOPL: the flags' half is in this
/// class's other file.
/// </summary>
internal static unsafe partial class IoPermission
{
    private const uint MapBaseOffset = 0x66;

    /// <summary>IOPL, 0–3.</summary>
    public static int Level(CpuState* cpu) => (int)(cpu->SystemFlags >> 12) & 3;

    /// <summary>Checks an access to <paramref name="size"/> ports from <paramref name="port"/> up.</summary>
    /// <returns>False if #GP(0) or a fault of the TSS's memory is pending, or the vCPU must exit.</returns>
    public static bool Check(CpuState* cpu, ushort port, int size)
    {
        var mode = (CodeMode)cpu->Mode;
        if ((mode & CodeMode.Virtual8086) == 0 && ((mode & CodeMode.Protected) == 0 || cpu->Cpl <= Level(cpu)))
        {
            return true;
        }

        if (!MapBase(cpu, out var mapBase))
        {
            return false;
        }

        // Two bytes are read always, so the map must have one byte behind the last port's.
        ref var tr = ref cpu->Segments[(int)SegmentName.Tr];
        var offset = mapBase + (uint)(port >> 3);
        if (offset + 1 > tr.Limit)
        {
            return Fault.GeneralProtection(cpu);
        }

        if (!GuestAccess.Read(cpu, DescriptorTables.Linear(cpu, tr.Base + offset), 2, system: true, out var bits))
        {
            return false;
        }

        return (bits >> (port & 7) & ((1UL << size) - 1)) == 0 || Fault.GeneralProtection(cpu);
    }

    /// <summary>Reads the I/O map's offset in the TSS; #GP(0) if the TSS is not of the wide kind or too short to have one.</summary>
    public static bool MapBase(CpuState* cpu, out uint mapBase)
    {
        mapBase = 0;
        ref var tr = ref cpu->Segments[(int)SegmentName.Tr];
        const int WideTss = SegmentAttributes.Present | SystemType.AvailableTss;
        if ((tr.Attributes & WideTss) != WideTss || tr.Limit < MapBaseOffset + 1)
        {
            return Fault.GeneralProtection(cpu);
        }

        if (!GuestAccess.Read(cpu, DescriptorTables.Linear(cpu, tr.Base + MapBaseOffset), 2, system: true, out var value))
        {
            return false;
        }

        mapBase = (uint)value;
        return true;
    }
}
