namespace Emulator.Devices.Tests;

/// <summary>A disk in memory that carries out requests in the order in which it is told to, or fails them.</summary>
internal sealed class ShufflingBackEnd(RamBackEnd memory) : IBlockBackEnd
{
    public List<BlockRequest> Held { get; } = [];

    public long Length => memory.Length;

    public bool IsReadOnly => false;

    public bool CanDiscard => true;

    public void Start(BlockRequest request) => Held.Add(request);

    /// <summary>Ends one of them.</summary>
    public void End(Random random, BlockStatus status = BlockStatus.Ok)
    {
        var request = Held[random.Next(Held.Count)];
        Held.Remove(request);
        if (status == BlockStatus.Ok)
        {
            memory.Start(request);
        }
        else
        {
            request.Complete(status);
        }
    }

    public void Dispose()
    {
    }
}
