namespace Emulator.Memory;

/// <summary>A run of I/O ports. Made and changed through <see cref="PortSpace"/> only.</summary>
public sealed class PortRegion
{
    internal PortRegion(string name, ushort first, int count, IBusTarget target, int widest, int priority)
    {
        Name = name;
        First = first;
        Count = count;
        Target = target;
        Widest = widest;
        Priority = priority;
    }

    /// <summary>What messages and the monitor call it.</summary>
    public string Name { get; }

    /// <summary>The first port.</summary>
    public ushort First { get; internal set; }

    /// <summary>How many ports.</summary>
    public int Count { get; }

    /// <summary>Who answers.</summary>
    public IBusTarget Target { get; }

    /// <summary>The widest access <see cref="Target"/> is given, in bytes: 1, 2 or 4.</summary>
    public int Widest { get; }

    /// <summary>Where regions overlap the higher one is seen; of equals, the one added later.</summary>
    public int Priority { get; }

    /// <summary>False while the region answers nowhere.</summary>
    public bool Enabled { get; internal set; } = true;

    /// <summary>The last port.</summary>
    public int Last => First + Count - 1;
}
