namespace Emulator.Devices.Tests;

/// <summary>A back end of zeroes that ends requests when it is told to.</summary>
internal sealed class HeldBackEnd(long length) : IBlockBackEnd
{
    /// <summary>What was started and has not ended, in that order.</summary>
    public List<BlockRequest> Held { get; } = [];

    public long Length => length;

    public bool IsReadOnly { get; init; }

    public bool CanDiscard => false;

    public void Start(BlockRequest request) => Held.Add(request);

    /// <summary>Ends one of those.</summary>
    public void End(BlockRequest request, BlockStatus status = BlockStatus.Ok)
    {
        Held.Remove(request);
        request.Complete(status);
    }

    public void Dispose()
    {
    }
}
