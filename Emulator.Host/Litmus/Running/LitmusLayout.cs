using System.Collections.Immutable;

namespace Emulator.Host.Litmus;

/// <summary>Where things are in the RAM of the machine that a test runs on. All addresses guest-physical.</summary>
internal sealed class LitmusLayout
{
    /// <summary>Bytes of RAM.</summary>
    public const ulong RamSize = 4 << 20;

    /// <summary>Segment descriptors.</summary>
    public const ulong DescriptorTable = 0x7000;

    /// <summary>The locations, and nothing else: the range whose accesses a memory model decides over.</summary>
    public const ulong Locations = 0x20_0000;

    /// <summary>Bytes of that range.</summary>
    public const ulong LocationsSize = 0x4000;

    /// <summary>The words by which the columns begin a round together: what they wait for, and who is there.</summary>
    public const ulong Go = 0x30_0000;

    /// <summary>Where a column takes apart what it fetched in bulk.</summary>
    public const ulong Unpack = 0x30_0080;

    /// <summary>The number of the round.</summary>
    public const ulong Round = 0x30_0040;

    private const ulong CacheLine = 64;
    private const ulong ArrayStride = 8;

    private readonly ulong[] _locations;

    /// <summary>Places the locations of a test: each on a cache line of its own, the elements of an array 8 bytes apart on one.</summary>
    public LitmusLayout(ImmutableArray<LitmusLocation> locations)
    {
        _locations = new ulong[locations.Length];
        var line = Locations;
        for (var i = 0; i < locations.Length; i++)
        {
            _locations[i] = line + ((ulong)locations[i].Element * ArrayStride);
            var continues = i + 1 < locations.Length && locations[i + 1].Element > locations[i].Element && locations[i].ArrayLength > 0;
            line += continues ? 0 : CacheLine;
        }

        End = line;
    }

    /// <summary>The address of a location, by its index in the test.</summary>
    public ulong this[int location] => _locations[location];

    /// <summary>Behind the last location.</summary>
    public ulong End { get; }

    /// <summary>Where a column's code is.</summary>
    public static ulong Code(int column) => 0x1_0000 + ((ulong)column * 0x1000);

    /// <summary>The top of a column's stack.</summary>
    public static ulong Stack(int column) => 0x4_0000 + ((ulong)column * 0x1000) + 0xFF0;

    /// <summary>A column's interrupt descriptors.</summary>
    public static ulong InterruptTable(int column) => 0x5_0000 + ((ulong)column * 0x1000);

    /// <summary>Where a column leaves its registers, a dword each.</summary>
    public static ulong Results(int column) => 0x30_1000 + ((ulong)column * CacheLine);

    /// <summary>Where a column says that it is there, by the number of the round.</summary>
    public static ulong There(int column) => 0x30_2000 + ((ulong)column * CacheLine);

    /// <summary>How long a column waits once all are there.</summary>
    public static ulong Delay(int column) => 0x30_3000 + ((ulong)column * CacheLine);
}
