using System.Runtime.CompilerServices;
using Emulator.Memory;

namespace Emulator.Devices;

/// <summary>A device's registers, made from the table of its data sheet.</summary>
/// <remarks>
/// Accesses of any size and alignment reach the byte lanes they cover, of one register or of neighbours. Offsets without
/// a register read as ones and ignore writes. Not thread-safe: the device calls it under its lock.
/// </remarks>
/// <typeparam name="TRegister">The device's enumeration of offsets, of underlying type ushort.</typeparam>
public sealed class RegisterFile<TRegister>
    where TRegister : unmanaged, Enum
{
    private const short Reserved = -1;

    private readonly IRegisterBehaviour<TRegister> _behaviour;
    private readonly RegisterSpec<TRegister>[] _table;
    private readonly ulong[] _values;

    // For each byte of the window the register it belongs to.
    private readonly short[] _indexOf;

    /// <summary>Registers at their reset values.</summary>
    /// <param name="length">Bytes in the window.</param>
    /// <param name="table">The registers, in any order; they do not overlap.</param>
    /// <param name="behaviour">What they do.</param>
    /// <exception cref="ArgumentException">The table contradicts itself.</exception>
    public RegisterFile(int length, ReadOnlySpan<RegisterSpec<TRegister>> table, IRegisterBehaviour<TRegister> behaviour)
    {
        _behaviour = behaviour;
        _indexOf = new short[length];
        Array.Fill(_indexOf, Reserved);
        var rows = new List<RegisterSpec<TRegister>>();
        foreach (var row in table)
        {
            for (var i = 0; i < row.Count; i++)
            {
                var spec = row with { Register = At(OffsetOf(row.Register) + (i * row.Size)), Count = 1 };
                Place(spec, (short)rows.Count);
                rows.Add(spec);
            }
        }

        _table = [.. rows];
        _values = new ulong[_table.Length];
        Reset();
    }

    /// <summary>Bytes in the window.</summary>
    public int Length => _indexOf.Length;

    /// <summary>The registers, each in a row of its own.</summary>
    public IReadOnlyList<RegisterSpec<TRegister>> Table => _table;

    /// <summary>What a register holds; the device's own access, which no mask hinders and which has no effects.</summary>
    /// <param name="register">Must be in the table.</param>
    public ulong this[TRegister register]
    {
        get => _values[IndexOf(register)];
        set
        {
            var index = IndexOf(register);
            _values[index] = value & Ones(_table[index].Size);
        }
    }

    /// <summary>All registers back to their reset values.</summary>
    public void Reset()
    {
        for (var i = 0; i < _values.Length; i++)
        {
            _values[i] = _table[i].Reset;
        }
    }

    /// <summary>The guest reads.</summary>
    /// <param name="offset">Bytes from the start of the window.</param>
    /// <param name="size">1, 2, 4 or 8 bytes.</param>
    /// <param name="value">Little-endian; ones in bytes of no register.</param>
    /// <returns><see cref="BusStatus.InvalidRegister"/> if there is none in any byte.</returns>
    public BusStatus Read(ulong offset, int size, out ulong value)
    {
        value = 0;
        var status = BusStatus.InvalidRegister;
        for (var done = 0; done < size;)
        {
            var index = IndexAt(offset + (ulong)done);
            if (index == Reserved)
            {
                value |= 0xFFUL << (done * 8);
                done++;
                continue;
            }

            ref readonly var spec = ref _table[index];
            var count = Lanes(in spec, offset + (ulong)done, size - done, out var shift);
            var lanes = Ones(count) << shift;
            var bits = _behaviour.ReadRegister(spec.Register, _values[index], lanes) & lanes;
            _values[index] &= ~(spec.ClearedByReading & lanes);
            value |= (bits >> shift) << (done * 8);
            done += count;
            status = BusStatus.Ok;
        }

        return status;
    }

    /// <summary>The guest writes.</summary>
    /// <param name="offset">Bytes from the start of the window.</param>
    /// <param name="size">1, 2, 4 or 8 bytes.</param>
    /// <param name="value">Little-endian.</param>
    /// <returns><see cref="BusStatus.InvalidRegister"/> if there is none in any byte.</returns>
    public BusStatus Write(ulong offset, int size, ulong value)
    {
        var status = BusStatus.InvalidRegister;
        for (var done = 0; done < size;)
        {
            var index = IndexAt(offset + (ulong)done);
            if (index == Reserved)
            {
                done++;
                continue;
            }

            ref readonly var spec = ref _table[index];
            var count = Lanes(in spec, offset + (ulong)done, size - done, out var shift);
            var lanes = Ones(count) << shift;
            var bits = ((value >> (done * 8)) << shift) & lanes;
            ref var cell = ref _values[index];
            cell = ((cell & ~(spec.Writable & lanes)) | (bits & spec.Writable)) & ~(bits & spec.ClearedByOne);
            _behaviour.WriteRegister(spec.Register, bits, lanes);
            done += count;
            status = BusStatus.Ok;
        }

        return status;
    }

    /// <summary>What traces and dumps call the register at an offset: the name in the enumeration, with a number where there are several.</summary>
    /// <param name="offset">Bytes from the start of the window, anywhere in the register.</param>
    public string NameAt(ulong offset)
    {
        var index = IndexAt(offset);
        if (index == Reserved)
        {
            return $"reserved {offset:X}";
        }

        var at = index;
        while (at > 0 && !Enum.IsDefined(_table[at].Register))
        {
            at--;
        }

        return at == index ? $"{_table[at].Register}" : $"{_table[at].Register}+{index - at}";
    }

    private static int Lanes(in RegisterSpec<TRegister> spec, ulong offset, int remaining, out int shift)
    {
        var lane = (int)offset - OffsetOf(spec.Register);
        shift = lane * 8;
        return Math.Min(remaining, spec.Size - lane);
    }

    private static ulong Ones(int bytes) => ulong.MaxValue >> (64 - (bytes * 8));

    private static int OffsetOf(TRegister register) => Unsafe.BitCast<TRegister, ushort>(register);

    private static TRegister At(int offset) => Unsafe.BitCast<ushort, TRegister>((ushort)offset);

    private short IndexAt(ulong offset) => offset < (ulong)_indexOf.Length ? _indexOf[offset] : Reserved;

    private int IndexOf(TRegister register) => _indexOf[OffsetOf(register)];

    private void Place(in RegisterSpec<TRegister> spec, short index)
    {
        var mine = Ones(spec.Size);
        if (spec.Size is not (1 or 2 or 4 or 8) || ((spec.Reset | spec.Writable | spec.ClearedByOne | spec.ClearedByReading) & ~mine) != 0 || (spec.Writable & spec.ClearedByOne) != 0)
        {
            throw new ArgumentException($"The row of register {OffsetOf(spec.Register):X} does not fit its size of {spec.Size}.");
        }

        for (var i = 0; i < spec.Size; i++)
        {
            ref var slot = ref _indexOf[OffsetOf(spec.Register) + i];
            if (slot != Reserved)
            {
                throw new ArgumentException($"Two registers are at {OffsetOf(spec.Register) + i:X}.");
            }

            slot = index;
        }
    }
}
