namespace Emulator.Memory;

/// <summary>Guest RAM that a device works on in place. Dispose it when done; no fence goes with that.</summary>
/// <remarks>
/// Accesses through it are the device's to order: one fence stands before all of them and none between. Clearing bus
/// mastering does not take it back; a device looks at <see cref="DmaContext.IsBusMaster"/> between long steps.
/// </remarks>
public readonly unsafe struct DmaMapping : IDisposable
{
    private readonly DmaContext? _context;
    private readonly byte* _host;
    private readonly byte* _codeMap;
    private readonly MappedCopy? _copy;
    private readonly ulong _physical;
    private readonly DmaDirection _direction;

    internal DmaMapping(DmaContext context, byte* host, byte* codeMap, ulong physical, int length, DmaDirection direction, MappedCopy? copy)
    {
        _context = context;
        _host = host;
        _codeMap = codeMap;
        _physical = physical;
        _direction = direction;
        _copy = copy;
        Length = length;
    }

    /// <summary>Bytes mapped: less than was asked for where the memory behind does not go on in one piece.</summary>
    public int Length { get; }

    /// <summary>The memory; written only if it was mapped for <see cref="DmaDirection.Write"/>. Not after <see cref="Dispose"/>.</summary>
    public Span<byte> Bytes => _copy is null ? new(_host, Length) : _copy.Bytes;

    /// <summary>Ends the use: what may have been written is dirty, and decoded code in it is noticed.</summary>
    public void Dispose()
    {
        if (_context is not null)
        {
            _context.Unmap(_direction, _physical, _codeMap, Length, _copy);
        }
    }
}

/// <summary>What a device works on where memory is simulated: a copy, whose changes are stored when it is done.</summary>
/// <remarks>The stores are made between map and unmap, in no order and by no words of the device's; a byte that it wrote as it was is not stored.</remarks>
internal sealed unsafe class MappedCopy
{
    private readonly Initiator _initiator;
    private readonly byte* _host;
    private readonly byte[] _bytes;
    private readonly byte[] _before;

    public MappedCopy(Initiator initiator, byte* host, ulong physical, int length)
    {
        _host = host;
        (_initiator, _bytes) = (initiator, new byte[length]);
        initiator.Read(host, physical, _bytes);
        _before = (byte[])_bytes.Clone();
    }

    public Span<byte> Bytes => _bytes;

    public void Store(ulong physical, byte* codeMap)
    {
        for (int at = 0, size; at < _bytes.Length; at += size)
        {
            var changed = Changed(at);
            size = changed == 0 ? 1 : GuestWords.WordAt(_host + at, changed);
            if (changed != 0)
            {
                var page = ((physical & (RamBlock.PageSize - 1)) + (ulong)at) / RamBlock.PageSize;
                _initiator.Write(_host + at, codeMap + page, physical + (ulong)at, _bytes.AsSpan(at, size));
            }
        }
    }

    // How many bytes from there on are others than they were; more than a word are not counted. Beside them may be what others wrote meanwhile.
    private int Changed(int at)
    {
        var count = 0;
        while (count < sizeof(ulong) && at + count < _bytes.Length && _bytes[at + count] != _before[at + count])
        {
            count++;
        }

        return count;
    }
}
