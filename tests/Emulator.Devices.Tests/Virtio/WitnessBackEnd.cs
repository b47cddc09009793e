using System.Collections.Concurrent;

namespace Emulator.Devices.Tests;

/// <summary>A disk of zeroes that writes down what it is asked for, and fails as it is told.</summary>
internal sealed class WitnessBackEnd(long length, bool isReadOnly = false) : IBlockBackEnd
{
    private readonly RamBackEnd _disk = new(length);
    private int _started;

    /// <summary>What was asked for: operation, offset, length, and whether it must be stable.</summary>
    public ConcurrentQueue<(BlockOperation Operation, long Offset, long Length, bool IsStable)> Asked { get; } = new();

    /// <summary>Which request fails, from 1; 0 for none.</summary>
    public int Fails { get; set; }

    /// <summary>How.</summary>
    public BlockStatus With { get; set; }

    public long Length => length;

    public bool IsReadOnly => isReadOnly;

    public bool CanDiscard => true;

    public void Start(BlockRequest request)
    {
        Asked.Enqueue((request.Operation, request.Offset, request.Length, request.ForceUnitAccess));
        if (++_started == Fails)
        {
            // A part of it is there, which nobody may see.
            request.Buffer.Span[..(request.Buffer.Length / 2)].Fill(0x5A);
            request.Complete(With);
        }
        else
        {
            _disk.Start(request);
        }
    }

    public void Forget()
    {
        Asked.Clear();
        _started = 0;
    }

    public void Dispose() => _disk.Dispose();
}
