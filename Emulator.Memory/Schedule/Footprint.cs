namespace Emulator.Memory;

/// <summary>What one step of a schedule touched: two steps that touch nothing in common come to the same in either order.</summary>
/// <remarks>
/// By aligned qwords, as a load that takes one from before stores to both its halves sees in which order they were made.
/// </remarks>
internal sealed unsafe class Footprint
{
    private readonly List<Touch> _touches = [];
    private bool _isEverything;
    private bool _readsAll;

    /// <summary>Forgets it.</summary>
    public void Clear()
    {
        _touches.Clear();
        (_isEverything, _readsAll) = (false, false);
    }

    /// <summary>Bytes were loaded.</summary>
    public void Read(byte* host, int size) => Add(Touch.Of(host, size, false));

    /// <summary>A store to bytes became visible.</summary>
    public void Write(byte* host, int size) => Add(Touch.Of(host, size, true));

    /// <summary>All that is visible so far was taken note of: a load fence where loads may be old.</summary>
    public void ReadAll() => _readsAll = true;

    /// <summary>Something other than memory was touched: a function's registers, an interrupt, another thread's waiting.</summary>
    public void Everything() => _isEverything = true;

    /// <summary>Puts another one to this.</summary>
    public void Add(Footprint other)
    {
        foreach (var touch in other._touches)
        {
            Add(touch);
        }

        _isEverything |= other._isEverything;
        _readsAll |= other._readsAll;
    }

    /// <summary>True if the order of the two steps may matter.</summary>
    public bool Meets(Footprint other)
    {
        if (_isEverything || other._isEverything || (_readsAll && other.Writes) || (other._readsAll && Writes))
        {
            return true;
        }

        foreach (var mine in _touches)
        {
            foreach (var theirs in other._touches)
            {
                if ((mine.IsWrite || theirs.IsWrite) && mine.Overlaps(theirs))
                {
                    return true;
                }
            }
        }

        return false;
    }

    private bool Writes => _touches.Exists(t => t.IsWrite);

    // Once each: an execution that begins as others did makes the same steps again.
    private void Add(Touch touch)
    {
        if (!_touches.Contains(touch))
        {
            _touches.Add(touch);
        }
    }

    private readonly record struct Touch(nuint First, nuint Last, bool IsWrite)
    {
        private const nuint InQword = 7;

        public static Touch Of(byte* host, int size, bool isWrite) =>
            new((nuint)host & ~InQword, ((nuint)host + (nuint)size - 1) | InQword, isWrite);

        public bool Overlaps(Touch other) => First <= other.Last && other.First <= Last;
    }
}
