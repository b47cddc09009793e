namespace Emulator.Host.Console;

/// <summary>Bytes on their way out: the guest's side never waits, a thread does.</summary>
internal sealed class OutputQueue : IDisposable
{
    private const int Capacity = 8192;

    private readonly Lock _gate = new();
    private readonly byte[] _ring = new byte[Capacity];
    private readonly AutoResetEvent _filled = new(false);
    private readonly AutoResetEvent _progress = new(false);
    private readonly Channel _channel;
    private readonly Action _room;
    private int _start;
    private int _count;
    private bool _refused;
    private volatile bool _stopping;

    /// <summary>Starts the thread.</summary>
    /// <param name="name">Names it.</param>
    /// <param name="channel">Where the bytes go.</param>
    /// <param name="room">Called, with no lock held, when there is room again after a byte was refused.</param>
    public OutputQueue(string name, Channel channel, Action room)
    {
        (_channel, _room) = (channel, room);
        new Thread(Drain) { Name = name + "-output", IsBackground = true }.Start();
    }

    /// <summary>Adds a byte; false if there is no room for it. Any thread.</summary>
    public bool TryAdd(byte value)
    {
        lock (_gate)
        {
            if (_count == Capacity)
            {
                _refused = true;
                return false;
            }

            _ring[(_start + _count) % Capacity] = value;
            if (_count++ > 0)
            {
                return true;    // the thread has been woken and looks again before it sleeps
            }
        }

        _filled.Set();
        return true;
    }

    /// <summary>Waits until all is written; gives up once nothing has moved for the given time.</summary>
    public bool Flush(TimeSpan patience)
    {
        while (true)
        {
            lock (_gate)
            {
                if (_count == 0)
                {
                    return true;
                }
            }

            if (!_progress.WaitOne(patience))
            {
                return false;
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _stopping = true;
        _filled.Set();
    }

    private void Drain()
    {
        Span<byte> batch = stackalloc byte[1024];
        while (!_stopping)
        {
            var count = Peek(batch);
            if (count == 0)
            {
                _filled.WaitOne();
                continue;
            }

            _channel.Write(batch[..count]);
            bool wasRefused;
            lock (_gate)
            {
                // Taken out only now, so that an empty queue means that all is written.
                _start = (_start + count) % Capacity;
                _count -= count;
                wasRefused = _refused;
                _refused = false;
            }

            _progress.Set();
            if (wasRefused)
            {
                _room();
            }
        }
    }

    private int Peek(Span<byte> batch)
    {
        lock (_gate)
        {
            var count = Math.Min(Math.Min(_count, Capacity - _start), batch.Length);
            _ring.AsSpan(_start, count).CopyTo(batch);
            return count;
        }
    }
}
