namespace Emulator.Host.Disks.Nbd;

/// <summary>Copies of what a server has taken and may still lose, in the order in which it said so (decision 0013).</summary>
/// <remarks>Not synchronized. Allocates only while its queue grows.</remarks>
/// <param name="room">Bytes that are kept at most.</param>
internal sealed class UnflushedWrites(int room)
{
    private const int MostEntries = 1 << 16;
    private const int Pipelined = 16;

    private readonly Queue<Entry> _entries = new();
    private byte[]? _ring;      // A copy is in one piece: one that would not fit before the ring's end begins at its start.
    private long _end;

    /// <summary>True if nothing is kept.</summary>
    public bool IsEmpty => _entries.Count == 0;

    /// <summary>How many are kept.</summary>
    public int Count => _entries.Count;

    /// <summary>True if it is time for a flush.</summary>
    public bool IsHalfFull => _entries.Count > MostEntries / 2 || _end - Begin > room / 2;

    private long Begin => _entries.TryPeek(out var first) ? first.Position : _end;

    /// <summary>Keeps one.</summary>
    /// <param name="number">Its number; each is larger than the last.</param>
    /// <param name="message">What was asked for.</param>
    /// <returns>False if there is no room.</returns>
    public bool TryAdd(long number, in NbdMessage message)
    {
        var length = message.Payload.Length;
        if (IsEmpty)
        {
            _end = 0;
        }

        var start = (int)(_end % room);
        var position = start + length > room ? _end + room - start : _end;
        if (_entries.Count == MostEntries || length > room || position + length - Begin > room)
        {
            return false;
        }

        _ring ??= GC.AllocateUninitializedArray<byte>(room);
        message.Payload.Span.CopyTo(_ring.AsSpan((int)(position % room)));
        _entries.Enqueue(new Entry(number, message with { Payload = default }, position));
        _end = position + length;
        return true;
    }

    /// <summary>Forgets those up to a number: they are stable.</summary>
    public void Drop(long number)
    {
        while (_entries.TryPeek(out var first) && first.Number <= number)
        {
            _entries.Dequeue();
        }
    }

    /// <summary>Forgets all.</summary>
    public void Clear() => _entries.Clear();

    /// <summary>Asks for all of it again, on a new connection that nobody else uses yet, and waits for the answers.</summary>
    /// <param name="connection">Has a limit to its patience.</param>
    /// <param name="error">What the server says if it does not take one of them.</param>
    /// <returns>False if the connection has ended before that.</returns>
    public bool TryReplay(NbdConnection connection, out NbdError error)
    {
        error = NbdError.None;
        var pipeline = new NbdMessage[Pipelined];
        var count = 0;
        foreach (var entry in _entries)
        {
            var length = entry.Message.Command == NbdCommand.Write ? entry.Message.Length : 0;
            var message = entry.Message with { Payload = _ring.AsMemory((int)(entry.Position % room), length) };

            // The server may carry out in any order what it has at the same time; a later one of the same place must wait.
            if (count == Pipelined || Overlaps(pipeline.AsSpan(0, count), message))
            {
                if (!TryFinish(connection, count, ref error))
                {
                    return false;
                }

                count = 0;
            }

            if (!connection.TryWrite(message with { Cookie = (ulong)count }))
            {
                return false;
            }

            pipeline[count++] = message;
        }

        return TryFinish(connection, count, ref error);
    }

    private static bool Overlaps(ReadOnlySpan<NbdMessage> earlier, in NbdMessage message)
    {
        foreach (ref readonly var other in earlier)
        {
            if (message.Offset < other.Offset + other.Length && other.Offset < message.Offset + message.Length)
            {
                return true;
            }
        }

        return false;
    }

    // All answers to cookies 0 to count, in any order.
    private static bool TryFinish(NbdConnection connection, int count, ref NbdError error)
    {
        if (!connection.TrySend())
        {
            return false;
        }

        var missing = (1u << count) - 1;
        while (missing != 0)
        {
            if (!connection.TryReadReply(out var result, out var cookie))
            {
                return false;
            }

            if (cookie >= Pipelined || (missing & (1u << (int)cookie)) == 0)
            {
                return connection.Fail("the server answered what was not asked");
            }

            missing &= ~(1u << (int)cookie);
            error = error == NbdError.None ? result : error;
        }

        return true;
    }

    private readonly record struct Entry(long Number, NbdMessage Message, long Position);
}
