namespace Emulator.Cpu;

/// <summary>
/// The accesses outside RAM that the instruction in progress has made. Such an access needs the vCPU to exit; when it
/// runs again the instruction starts over, and finds here what its earlier accesses brought instead of making them
/// twice.
/// </summary>
/// <remarks><see cref="CpuState.BusLogCount"/> is the length, so that handlers can clear it as they retire.</remarks>
internal sealed unsafe class BusLog
{
    /// <summary>More than any instruction makes; a task switch through a TSS in registers comes nearest.</summary>
    private const int Capacity = 256;

    private readonly Entry[] _entries = new Entry[Capacity];
    private int _cursor;
    private bool _awaited;

    /// <summary>The vCPU runs again: the instruction starts over.</summary>
    public void Rewind() => _cursor = 0;

    /// <summary>The vCPU runs again: if it had exited for an access, that is done. Other exits between bring nothing.</summary>
    public void Complete(CpuState* cpu, ulong data)
    {
        if (_awaited && cpu->BusLogCount > 0)
        {
            _entries[cpu->BusLogCount - 1].Data = data;
        }

        _awaited = false;
    }

    /// <summary>Makes the instruction's next access, or recalls it.</summary>
    /// <returns>False when the vCPU must exit for it; <paramref name="exit"/> then says with what.</returns>
    public bool Access(CpuState* cpu, ExitReason reason, bool write, ulong address, int size, ref ulong data, ref VcpuExit exit)
    {
        if (cpu->BusLogCount == 0)
        {
            _cursor = 0;
        }

        if (_cursor < cpu->BusLogCount)
        {
            ref readonly var entry = ref _entries[_cursor++];
            data = write ? data : entry.Data & SizeMask(size);
            return true;
        }

        if (cpu->BusLogCount == Capacity)
        {
            data = SizeMask(size);
            return true;
        }

        _entries[cpu->BusLogCount++] = default;
        _awaited = true;
        exit = new VcpuExit { Reason = reason, IsWrite = write, Address = address, Size = size, Data = write ? data & SizeMask(size) : 0 };
        return false;
    }

    /// <summary>All ones of a size in bytes.</summary>
    public static ulong SizeMask(int size) => size == 8 ? ulong.MaxValue : (1UL << (size * 8)) - 1;

    private struct Entry
    {
        public ulong Data;
    }
}
