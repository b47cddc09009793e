namespace Emulator.Devices;

/// <summary>The buffers of a unit's tasks. At most two for each task that there can be.</summary>
internal sealed class ScsiBuffers
{
    private readonly Stack<byte[]> _free = [];

    /// <summary>One of <see cref="ScsiDiskTask.PieceLength"/> bytes, with whatever is left in it.</summary>
    public byte[] Rent() => _free.TryPop(out var buffer) ? buffer : new byte[ScsiDiskTask.PieceLength];

    /// <summary>It is needed no longer.</summary>
    /// <param name="buffer">Or null.</param>
    public void Return(byte[]? buffer)
    {
        if (buffer is not null)
        {
            _free.Push(buffer);
        }
    }
}
