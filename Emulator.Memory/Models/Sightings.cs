namespace Emulator.Memory;

/// <summary>As of when an initiator knows which bytes: behind that no load of its goes, for one location never goes backwards.</summary>
internal sealed unsafe class Sightings
{
    private const int Capacity = 64;

    private readonly Sighting[] _seen = new Sighting[Capacity];
    private int _count;
    private int _next;

    /// <summary>As of when it knows all of memory.</summary>
    public long Floor { get; private set; }

    /// <summary>A read fence: what was visible by then is what it sees at least.</summary>
    public void Raise(long time)
    {
        Floor = time;
        _count = 0;
    }

    /// <summary>The memory has forgotten its past.</summary>
    public void Clear() => Raise(0);

    /// <summary>The earliest moment whose value of these bytes may still be taken.</summary>
    public long FloorOf(byte* host, int size)
    {
        var floor = Floor;
        for (var i = 0; i < _count; i++)
        {
            if (_seen[i].Host < host + size && host < _seen[i].Host + _seen[i].Size)
            {
                floor = Math.Max(floor, _seen[i].Time);
            }
        }

        return floor;
    }

    /// <summary>Notes that it knows these bytes as of a moment.</summary>
    public void Note(byte* host, int size, long time)
    {
        if (time <= Floor)
        {
            return;
        }

        for (var i = 0; i < _count; i++)
        {
            if (_seen[i].Host == host && _seen[i].Size == size)
            {
                _seen[i].Time = Math.Max(_seen[i].Time, time);
                return;
            }
        }

        if (_count < Capacity)
        {
            _next = _count++;
        }
        else
        {
            // Where there is no room the oldest becomes a bound for everything: stronger than needed, never wrong.
            _next = (_next + 1) % Capacity;
            Floor = Math.Max(Floor, _seen[_next].Time);
        }

        _seen[_next] = new Sighting { Host = host, Size = size, Time = time };
    }

    private struct Sighting
    {
        public byte* Host;
        public int Size;
        public long Time;
    }
}
