using System.Runtime.InteropServices;

namespace Emulator.Cpu.Translation;

/// <summary>Native memory that decoded blocks are put into, one behind the other; freed all at once.</summary>
internal sealed unsafe class CodeArena : IDisposable
{
    private const int ChunkOps = 1 << 15;
    private const int MaximumChunks = 64;

    private readonly List<nint> _chunks = [];
    private int _chunk = -1;
    private int _used = ChunkOps;

    /// <summary>True when nothing more fits and everything must be dropped first.</summary>
    public bool IsFull => _chunk == MaximumChunks - 1 && _used > ChunkOps - 256;

    /// <summary>Room for a block of at most 256 ops.</summary>
    public Op* Allocate(int ops)
    {
        if (_used + ops > ChunkOps)
        {
            _chunk++;
            _used = 0;
            if (_chunk == _chunks.Count)
            {
                _chunks.Add((nint)NativeMemory.AlignedAlloc(ChunkOps * (nuint)sizeof(Op), 64));
            }
        }

        var block = (Op*)_chunks[_chunk] + _used;
        _used += ops;
        return block;
    }

    /// <summary>Forgets every block.</summary>
    public void Clear()
    {
        _chunk = -1;
        _used = ChunkOps;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var chunk in _chunks)
        {
            NativeMemory.AlignedFree((void*)chunk);
        }

        _chunks.Clear();
        Clear();
    }
}
