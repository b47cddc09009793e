using System.Buffers.Binary;

namespace Emulator.Guests.Tests.Disks;

/// <summary>What the guest <c>disk-log</c> writes, made again; its <c>main.c</c> has the same numbers.</summary>
internal sealed class DiskLog
{
    public const int Sector = 512;
    public const int Sectors = Places * SectorsInPlace;

    private const int Places = 1024;
    private const int SectorsInPlace = 8;

    private readonly uint _seed;
    private readonly List<(int First, int Count)> _writes = [(0, 0)];
    private readonly List<int> _flushed = [0];
    private readonly int[] _last = new int[Sectors];
    private int _stable;

    /// <param name="seed">The guest's.</param>
    /// <param name="writes">How many it makes at most.</param>
    public DiskLog(uint seed, int writes)
    {
        _seed = seed;
        var state = seed | 1;
        for (var number = 1; number <= writes; number++)
        {
            var place = (int)(Next(ref state) % Places);
            var how = Next(ref state);
            _writes.Add((place * SectorsInPlace, 1 + (int)(how % SectorsInPlace)));
            if ((how >> 8) % 8 == 0)
            {
                _flushed.Add(number);
            }
        }
    }

    /// <summary>Up to which number all is stable after so many flushes.</summary>
    public int AfterFlushes(int count) => _flushed[count];

    /// <summary>From now on everything up to a number must be there; only ever more.</summary>
    public void Expect(int stable)
    {
        while (_stable < stable)
        {
            var (first, count) = _writes[++_stable];
            _last.AsSpan(first, count).Fill(_stable);
        }
    }

    /// <summary>Says what is wrong with a sector, or null.</summary>
    /// <param name="sector">Which.</param>
    /// <param name="there">What it has.</param>
    public string? Check(int sector, ReadOnlySpan<byte> there)
    {
        var number = (int)BinaryPrimitives.ReadUInt32LittleEndian(there);
        Span<byte> right = stackalloc byte[Sector];
        right.Clear();
        if (number != 0)
        {
            Fill(right, (uint)number, (uint)sector, _seed);
        }

        return number < _last[sector] ? $"sector {sector} has write {number}, and {_last[sector]} was flushed"
            : !there.SequenceEqual(right) ? $"sector {sector} has write {number} in part"
            : number != 0 && (number >= _writes.Count || sector < _writes[number].First || sector >= _writes[number].First + _writes[number].Count)
                ? $"sector {sector} has write {number}, which is of another place"
            : null;
    }

    /// <summary>Says what is wrong with a disk, or null.</summary>
    public string? Check(ReadOnlySpan<byte> image)
    {
        for (var sector = 0; sector < Sectors; sector++)
        {
            if (Check(sector, image.Slice(sector * Sector, Sector)) is { } wrong)
            {
                return wrong;
            }
        }

        return null;
    }

    private static void Fill(Span<byte> bytes, uint number, uint sector, uint seed)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, number);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[4..], sector);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[8..], seed);
        var state = ((number * 0x9E3779B1) ^ (sector * 0x85EBCA6B) ^ seed) | 1;
        for (var i = 12; i < Sector; i += 4)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(bytes[i..], Next(ref state));
        }
    }

    private static uint Next(ref uint state)
    {
        state ^= state << 13;
        state ^= state >> 17;
        return state ^= state << 5;
    }
}
