namespace Emulator.Devices;

/// <summary>Tasks that have ended, for use again.</summary>
/// <remarks>
/// Nobody says when an initiator has read the status of a task that ended. It has at most one task for each of the 256 tags and one without
/// (SPI-4), so one that ended more than that many tasks ago is not looked at any more.
/// </remarks>
/// <typeparam name="T">The unit's kind.</typeparam>
/// <param name="make">Makes one, while there are too few.</param>
internal sealed class ScsiTaskPool<T>(Func<T> make)
    where T : ScsiTask
{
    private const int Nexuses = 257;

    private readonly Queue<T> _ended = new(Nexuses + 1);

    /// <summary>One that nobody looks at.</summary>
    public T Take() => _ended.Count > Nexuses ? _ended.Dequeue() : make();

    /// <summary>One has ended, or was given up and has nothing under way any more.</summary>
    public void Return(T task) => _ended.Enqueue(task);
}
