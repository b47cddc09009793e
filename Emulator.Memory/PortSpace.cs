namespace Emulator.Memory;

/// <summary>The 64 Ki I/O ports.</summary>
/// <remarks>
/// An access belongs whole to the region that owns its first port, as a transaction on the bus is claimed by one agent:
/// so a dword to 0xCF8 is the host bridge's although another part answers to bytes at 0xCF9. It is split, ascending,
/// where it is wider than the region takes or runs past the region's end. Reading takes no lock; changes swap the map.
/// </remarks>
public sealed class PortSpace
{
    /// <summary>How many ports there are.</summary>
    public const int Ports = 0x10000;

    private readonly Lock _changing = new();
    private readonly List<PortRegion> _regions = [];
    private PortMap _map;
    private long _unassignedReads;
    private long _unassignedWrites;

    /// <summary>Ports of which none answers.</summary>
    public PortSpace() => _map = new PortMap(_regions);

    /// <summary>How many reads, or parts of reads, found nobody.</summary>
    public long UnassignedReads => Interlocked.Read(ref _unassignedReads);

    /// <summary>How many writes, or parts of writes, found nobody.</summary>
    public long UnassignedWrites => Interlocked.Read(ref _unassignedWrites);

    /// <summary>The regions, in the order they were added: a copy, for the monitor.</summary>
    public IReadOnlyList<PortRegion> Regions
    {
        get
        {
            lock (_changing)
            {
                return [.. _regions];
            }
        }
    }

    /// <summary>Adds a run of ports.</summary>
    /// <param name="name">What messages and the monitor call it.</param>
    /// <param name="first">The first port.</param>
    /// <param name="count">How many; not past port 0xFFFF.</param>
    /// <param name="target">Who answers; offsets count from <paramref name="first"/>.</param>
    /// <param name="widest">The widest access the target is given: 1, 2 or 4 bytes.</param>
    /// <param name="priority">Where regions overlap the higher one is seen; of equals, the one added later.</param>
    /// <exception cref="ArgumentOutOfRangeException">Empty, past the last port, or no such width.</exception>
    public PortRegion Add(string name, ushort first, int count, IBusTarget target, int widest = 1, int priority = 0)
    {
        ArgumentNullException.ThrowIfNull(target);
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, Ports - first);
        if (widest is not (1 or 2 or 4))
        {
            throw new ArgumentOutOfRangeException(nameof(widest), widest, "A port access is 1, 2 or 4 bytes.");
        }

        var region = new PortRegion(name, first, count, target, widest, priority);
        lock (_changing)
        {
            _regions.Add(region);
            Swap();
        }

        return region;
    }

    /// <summary>Moves a run of ports.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It would end past port 0xFFFF.</exception>
    public void Move(PortRegion region, ushort first)
    {
        ArgumentNullException.ThrowIfNull(region);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(region.Count, Ports - first, nameof(first));
        lock (_changing)
        {
            region.First = first;
            Swap();
        }
    }

    /// <summary>Makes a run of ports answer or not.</summary>
    public void SetEnabled(PortRegion region, bool enabled)
    {
        ArgumentNullException.ThrowIfNull(region);
        lock (_changing)
        {
            region.Enabled = enabled;
            Swap();
        }
    }

    /// <summary>Takes a run of ports away for good. One that is not there is no error.</summary>
    public void Remove(PortRegion region)
    {
        lock (_changing)
        {
            _regions.Remove(region);
            Swap();
        }
    }

    /// <summary>Reads ports. Any thread.</summary>
    /// <param name="port">The first port.</param>
    /// <param name="size">1, 2 or 4 bytes.</param>
    /// <param name="value">Little-endian, zero-extended; ones in the bytes that nobody served.</param>
    /// <returns>The status of the first part that was not served, or <see cref="BusStatus.Ok"/>.</returns>
    public BusStatus Read(ushort port, int size, out ulong value)
    {
        var map = Volatile.Read(ref _map);
        var status = BusStatus.Ok;
        value = 0;
        for (var done = 0; done < size;)
        {
            var part = Part(map, port + done, size - done, out var region, out var offset);
            ulong bits;
            if (region is not null)
            {
                status = BusAccess.First(status, BusAccess.Read(region.Target, (ulong)offset, part, out bits));
            }
            else
            {
                Interlocked.Increment(ref _unassignedReads);
                status = BusAccess.First(status, BusStatus.Unassigned);
                bits = BusAccess.AllOnes(part);
            }

            value |= bits << (done * 8);
            done += part;
        }

        return status;
    }

    /// <summary>Writes ports. Any thread.</summary>
    /// <param name="port">The first port.</param>
    /// <param name="size">1, 2 or 4 bytes.</param>
    /// <param name="value">Little-endian; bits above the size do not matter.</param>
    /// <returns>The status of the first part that was not served, or <see cref="BusStatus.Ok"/>.</returns>
    public BusStatus Write(ushort port, int size, ulong value)
    {
        var map = Volatile.Read(ref _map);
        var status = BusStatus.Ok;
        for (var done = 0; done < size;)
        {
            var part = Part(map, port + done, size - done, out var region, out var offset);
            if (region is not null)
            {
                status = BusAccess.First(status, BusAccess.Write(region.Target, (ulong)offset, part, value >> (done * 8)));
            }
            else
            {
                Interlocked.Increment(ref _unassignedWrites);
                status = BusAccess.First(status, BusStatus.Unassigned);
            }

            done += part;
        }

        return status;
    }

    // How many bytes one agent takes of an access of which so many remain.
    private static int Part(PortMap map, int port, int remaining, out PortRegion? region, out int offset)
    {
        region = null;
        offset = 0;
        if (port >= Ports)
        {
            return BusAccess.LargestWord(remaining);
        }

        ref readonly var range = ref map.Find(port);
        if (range.Region is null)
        {
            return BusAccess.LargestWord(Math.Min(remaining, range.Last - port + 1));
        }

        region = range.Region;
        offset = range.Offset + (port - range.First);
        return BusAccess.LargestWord(Math.Min(Math.Min(remaining, region.Widest), region.Count - offset));
    }

    private void Swap() => Volatile.Write(ref _map, new PortMap(_regions));
}
