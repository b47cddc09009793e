namespace Emulator.Memory.Tests.Models;

/// <summary>Random accesses to a few words by one initiator, written down in a record.</summary>
internal sealed class RandomWork(SimulatedBoard board, Record record, Initiator who, int seed)
{
    /// <summary>The bytes that are worked on.</summary>
    public const int Bytes = 24;

    /// <summary>A word that is only ever incremented, behind those.</summary>
    public const int Counter = Bytes;

    /// <summary>With the counter.</summary>
    public const int AllBytes = Bytes + 8;

    /// <summary>Where messages go.</summary>
    public const ulong Messages = 0xFEE00000;

    private readonly Random _random = new(seed);

    /// <summary>The messages sent.</summary>
    public List<uint> Sent { get; } = [];

    /// <summary>How often the counter has been incremented.</summary>
    public ulong Increments { get; private set; }

    /// <summary>Does one thing.</summary>
    public void Step(IMessageTarget target)
    {
        switch (_random.Next(17))
        {
            case < 5:
                var (from, length) = Place();
                _ = board.Load(who, from, length);
                break;
            case < 10:
                var (to, size) = Place();
                var value = (ulong)_random.NextInt64() & (ulong.MaxValue >> (64 - (8 * size)));
                board.Store(who, to, value, size);
                break;
            case 10:
                Fence((DmaFence)_random.Next(1, (int)DmaFence.Full + 1));
                break;
            case 11:
                var at = _random.Next(Bytes - 12);
                var data = new byte[_random.Next(1, 12)];
                _random.NextBytes(data);
                board.Write(who, at, data);
                break;
            case 12:
                var bytes = new byte[_random.Next(1, 12)];
                var first = _random.Next(Bytes - 12);
                board.Read(who, first, bytes);
                break;
            case 13:
                _ = board.Increment(who, Counter, 8);
                Increments++;
                break;
            case 14:
                _ = board.Load(who, Counter, 8);
                break;
            case 15:
                // Publishes: what was done before comes first.
                Fence(DmaFence.Release);
                board.Store(who, 0, (ulong)_random.Next(), 4);
                break;
            default:
                Fence(DmaFence.Release);
                Sent.Add(((uint)seed << 16) + (uint)Sent.Count);
                who.Send(target, Messages, Sent[^1]);
                break;
        }
    }

    private void Fence(DmaFence fence)
    {
        var began = record.Now;
        who.Fence(fence);
        record.Fenced(who, fence, began);
    }

    // Mostly aligned; a function's words always are.
    private (int At, int Size) Place()
    {
        var size = 1 << _random.Next(4);
        var at = _random.Next(Bytes - size + 1);
        return who.IsProcessor && _random.Next(8) == 0 ? (at, size) : (at & -size, size);
    }
}
