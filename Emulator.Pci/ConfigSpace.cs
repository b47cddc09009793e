namespace Emulator.Pci;

/// <summary>The 256 bytes of a function's configuration space: values, and which bits the guest may change and how.</summary>
/// <remarks>
/// Kept by dwords, each changed by compare-and-swap: any thread may read, and a device may change its status bits while
/// the guest writes their neighbours. Offsets count bytes; an access may have any alignment inside the space.
/// </remarks>
public sealed class ConfigSpace
{
    /// <summary>Bytes in the space.</summary>
    public const int Size = 256;

    private readonly uint[] _value = new uint[Size / 4];
    private readonly uint[] _writable = new uint[Size / 4];
    private readonly uint[] _clearedByOne = new uint[Size / 4];
    private uint[] _reset = new uint[Size / 4];

    /// <summary>Reads 1, 2 or 4 bytes; bytes past the end read as ones.</summary>
    public uint Read(int offset, int size)
    {
        if ((offset & 3) + size <= 4 && (uint)offset < Size)
        {
            return (Volatile.Read(ref _value[offset >> 2]) >> ((offset & 3) * 8)) & Ones(size);
        }

        uint value = 0;
        for (var i = 0; i < size; i++)
        {
            value |= ((uint)(offset + i) < Size ? Read(offset + i, 1) : 0xFF) << (i * 8);
        }

        return value;
    }

    /// <summary>Reads a byte.</summary>
    public byte ReadByte(int offset) => (byte)Read(offset, 1);

    /// <summary>Reads a word.</summary>
    public ushort ReadWord(int offset) => (ushort)Read(offset, 2);

    /// <summary>The guest's write of 1, 2 or 4 bytes: changes writable bits, clears those that a 1 clears, leaves the rest.</summary>
    public void Write(int offset, int size, uint value)
    {
        for (var done = 0; done < size && (uint)(offset + done) < Size;)
        {
            var at = offset + done;
            var part = Math.Min(size - done, 4 - (at & 3));
            var shift = (at & 3) * 8;
            var lanes = Ones(part) << shift;
            var bits = (value >> (done * 8)) << shift;
            var set = _writable[at >> 2] & lanes;
            var clear = bits & _clearedByOne[at >> 2] & lanes;
            Change(at >> 2, set | clear, bits & set & ~clear);
            done += part;
        }
    }

    /// <summary>The device's own change: puts <paramref name="value"/> there whatever the guest may write.</summary>
    /// <param name="offset">A multiple of <paramref name="size"/>.</param>
    /// <param name="size">1, 2 or 4 bytes.</param>
    /// <param name="value">The new value.</param>
    public void Set(int offset, int size, uint value) => SetBits(offset, size, Ones(size), value);

    /// <summary>The device's own change of some bits. Any thread.</summary>
    /// <param name="offset">A multiple of <paramref name="size"/>.</param>
    /// <param name="size">1, 2 or 4 bytes.</param>
    /// <param name="mask">The bits to change.</param>
    /// <param name="value">What they become.</param>
    public void SetBits(int offset, int size, uint mask, uint value)
    {
        CheckAligned(offset, size);
        var shift = (offset & 3) * 8;
        mask = (mask & Ones(size)) << shift;
        Change(offset >> 2, mask, (value << shift) & mask);
    }

    /// <summary>Describes a register while the machine is built.</summary>
    /// <param name="offset">A multiple of <paramref name="size"/>.</param>
    /// <param name="size">1, 2 or 4 bytes.</param>
    /// <param name="value">Its value now, and after a reset if defined before the function is put on its bus.</param>
    /// <param name="writable">The bits the guest may change.</param>
    /// <param name="clearedByOne">The bits the guest clears by writing 1.</param>
    public void Define(int offset, int size, uint value, uint writable = 0, uint clearedByOne = 0)
    {
        Set(offset, size, value);
        var shift = (offset & 3) * 8;
        var lanes = Ones(size) << shift;
        ref var set = ref _writable[offset >> 2];
        ref var clear = ref _clearedByOne[offset >> 2];
        set = (set & ~lanes) | ((writable << shift) & lanes);
        clear = (clear & ~lanes) | ((clearedByOne << shift) & lanes);
    }

    /// <summary>The bits of a register that the guest can change, by writing them or by writing 1.</summary>
    public uint Changeable(int offset, int size)
    {
        CheckAligned(offset, size);
        return ((_writable[offset >> 2] | _clearedByOne[offset >> 2]) >> ((offset & 3) * 8)) & Ones(size);
    }

    /// <summary>Takes the present values as those after a reset.</summary>
    internal void KeepAsResetValues() => _reset = (uint[])_value.Clone();

    /// <summary>Restores the values after a reset.</summary>
    internal void Reset()
    {
        for (var i = 0; i < _value.Length; i++)
        {
            Volatile.Write(ref _value[i], _reset[i]);
        }
    }

    private static uint Ones(int size) => uint.MaxValue >> (32 - (size * 8));

    private static void CheckAligned(int offset, int size)
    {
        if (size is not (1 or 2 or 4) || offset < 0 || offset + size > Size || offset % size != 0)
        {
            throw new ArgumentOutOfRangeException(nameof(offset), offset, "A register is an aligned byte, word or dword of the 256 bytes.");
        }
    }

    private void Change(int index, uint mask, uint value)
    {
        ref var cell = ref _value[index];
        uint before;
        do
        {
            before = Volatile.Read(ref cell);
        }
        while (Interlocked.CompareExchange(ref cell, (before & ~mask) | value, before) != before);
    }
}
