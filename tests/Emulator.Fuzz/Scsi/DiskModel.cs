namespace Emulator.Fuzz.Scsi;

/// <summary>What must be on a disk, block by block, as far as that is certain.</summary>
/// <remarks>
/// A block is certain behind a write that ended well with no other one on it since it began; a read is compared where no write was
/// on the block since it began. What failed, or was given up, leaves a block open until it is written again.
/// </remarks>
/// <param name="blocks">How many.</param>
/// <param name="blockSize">Bytes.</param>
/// <param name="isReadOnly">True if no write changes anything.</param>
internal sealed class DiskModel(int blocks, int blockSize, bool isReadOnly = false)
{
    private readonly byte[] _bytes = new byte[blocks * blockSize];
    private readonly bool[] _isOpen = new bool[blocks];
    private readonly int[] _writers = new int[blocks];

    // When a write of the block last began or ended.
    private readonly long[] _touched = new long[blocks];
    private long _now;

    /// <summary>How many.</summary>
    public int Blocks => blocks;

    /// <summary>Bytes.</summary>
    public int BlockSize => blockSize;

    /// <summary>True if no write changes anything.</summary>
    public bool IsReadOnly => isReadOnly;

    /// <summary>Moments so far.</summary>
    public long Now => _now;

    /// <summary>A write of some blocks begins.</summary>
    public void Begin(int first, int count)
    {
        _now++;
        for (var block = first; block < first + count; block++)
        {
            _writers[block]++;
            _touched[block] = _now;
        }
    }

    /// <summary>It is over.</summary>
    /// <param name="first">The first of its blocks.</param>
    /// <param name="count">How many.</param>
    /// <param name="began">The moment at which it began.</param>
    /// <param name="hasChanged">False if nothing was done.</param>
    /// <param name="data">Gives what a block is now, by its number in the command; null if that is not certain.</param>
    public void End(int first, int count, long began, bool hasChanged, Action<int, Memory<byte>>? data)
    {
        _now++;
        for (var index = 0; index < count; index++)
        {
            var block = first + index;
            var isAlone = --_writers[block] == 0 && _touched[block] == began;
            _touched[block] = _now;
            if (!hasChanged)
            {
                continue;
            }

            _isOpen[block] = data is null || !isAlone;
            if (!_isOpen[block])
            {
                data!(index, _bytes.AsMemory(block * blockSize, blockSize));
            }
        }
    }

    /// <summary>Compares what a read has brought.</summary>
    /// <param name="first">Its first block here.</param>
    /// <param name="began">The moment at which it began.</param>
    /// <param name="data">Whole blocks.</param>
    /// <param name="compared">How many were certain.</param>
    /// <returns>The first block that is not what it must be, or -1.</returns>
    public int Compare(int first, long began, ReadOnlySpan<byte> data, out int compared)
    {
        compared = 0;
        for (var block = first; data.Length >= blockSize; block++, data = data[blockSize..])
        {
            if (_isOpen[block] || _writers[block] != 0 || _touched[block] > began)
            {
                continue;
            }

            compared++;
            if (!data[..blockSize].SequenceEqual(_bytes.AsSpan(block * blockSize, blockSize)))
            {
                return block;
            }
        }

        return -1;
    }
}
