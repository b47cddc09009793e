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
    private readonly ulong _physical;
    private readonly DmaDirection _direction;

    internal DmaMapping(DmaContext context, byte* host, byte* codeMap, ulong physical, int length, DmaDirection direction)
    {
        _context = context;
        _host = host;
        _codeMap = codeMap;
        _physical = physical;
        _direction = direction;
        Length = length;
    }

    /// <summary>Bytes mapped: less than was asked for where the memory behind does not go on in one piece.</summary>
    public int Length { get; }

    /// <summary>The memory; written only if it was mapped for <see cref="DmaDirection.Write"/>. Not after <see cref="Dispose"/>.</summary>
    public Span<byte> Bytes => new(_host, Length);

    /// <summary>Ends the use: what may have been written is dirty, and decoded code in it is noticed.</summary>
    public void Dispose()
    {
        if (_context is not null)
        {
            _context.Unmap(_direction, _physical, _codeMap, Length);
        }
    }
}
