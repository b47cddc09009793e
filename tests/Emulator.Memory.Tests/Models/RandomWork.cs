namespace Emulator.Memory.Tests.Models;

/// <summary>Random accesses to a few words by one initiator, written down in a record.</summary>
/// <param name="board">The memory.</param>
/// <param name="record">The record.</param>
/// <param name="who">Who works.</param>
/// <param name="seed">Of what it does.</param>
/// <param name="bytes">How many it works on; behind them is a qword that is only ever incremented.</param>
/// <param name="isFenced">False for loads and stores of words and nothing else.</param>
internal sealed class RandomWork(SimulatedBoard board, Record record, Initiator who, int seed, int bytes, bool isFenced)
{
    /// <summary>The size of the word behind the bytes.</summary>
    public const int CounterSize = 8;

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
        switch (_random.Next(isFenced ? 17 : 10))
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
                var at = _random.Next(bytes - 12);
                var data = new byte[_random.Next(1, 12)];
                _random.NextBytes(data);
                board.Write(who, at, data);
                break;
            case 12:
                var found = new byte[_random.Next(1, 12)];
                var first = _random.Next(bytes - 12);
                board.Read(who, first, found);
                break;
            case 13:
                _ = board.Increment(who, bytes, CounterSize);
                Increments++;
                break;
            case 14:
                _ = board.Load(who, bytes, CounterSize);
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
        var at = _random.Next(bytes - size + 1);
        return who.IsProcessor && _random.Next(8) == 0 ? (at, size) : (at & -size, size);
    }
}
