using Emulator.Pci;

namespace Emulator.Fuzz;

/// <summary>Makes an input from a seed: what a driver would do, with a rare mistake, among things that just happen.</summary>
/// <remarks>One input in four has a driver that is right throughout; the more the others have of everything else, the fewer of them there are.</remarks>
public sealed class FuzzWriter : FuzzDriver
{
    private const int MostActs = 48;

    // Wider than flags are, and no wider than lengths and counts.
    private const int FlagBits = 8;
    private const int CountBits = 16;

    private readonly FuzzTarget _target;
    private readonly List<FuzzOperation> _operations = [];

    // The last addresses that the driver has given: one of them again makes lists that are loops, and buffers that are lists.
    private readonly ulong[] _given = new ulong[8];
    private int _gave;

    // One choice of a driver in so many is wrong, and one act in so many is no driver's; 0 for none.
    private readonly int _mistakes;
    private readonly int _noise;

    // Some drivers have one idea of all small numbers: a ring of buffers without room takes more than one mistake.
    private readonly ulong? _idea;

    private FuzzWriter(FuzzTarget target, ulong seed)
    {
        _target = target;
        Random = new FuzzRandom(seed);
        (_mistakes, _noise) = Random.Below(8) switch
        {
            0 or 1 => (0, 0),
            2 => (100, 0),
            3 => (100, 12),
            4 => (30, 6),
            5 => (10, 4),
            6 => (300, 2),
            _ => (4, 2),
        };
        _idea = _mistakes != 0 && Random.OneIn(8) ? Random.Of(0UL, 0UL, 1UL, 4UL, 60UL, 0xFFFFUL) : null;
    }

    /// <summary>All choices come from here.</summary>
    public FuzzRandom Random { get; }

    /// <summary>True if the driver makes no mistake in this input.</summary>
    public bool IsRight => _mistakes == 0;

    /// <summary>Makes the input of a seed.</summary>
    public static FuzzInput Make(FuzzTarget target, ulong seed)
    {
        var writer = new FuzzWriter(target, seed);
        if (writer.IsRight || !writer.Random.OneIn(8))
        {
            target.SetUp(writer);
        }

        for (var acts = 1 + writer.Random.Below(MostActs); acts > 0; acts--)
        {
            writer.Act();
        }

        return new FuzzInput(target.Name, seed, writer._operations);
    }

    /// <inheritdoc/>
    public override void Do(FuzzOperation operation) => _operations.Add(operation);

    /// <inheritdoc/>
    public override void Guard(ulong address, ulong length)
    {
        if (IsRight)
        {
            base.Guard(address, length);
        }
    }

    /// <inheritdoc/>
    public override ulong Address(ulong valid)
    {
        _given[_gave++ % _given.Length] = valid;
        return IsMistaken() ? AnyAddress(valid) : valid;
    }

    /// <inheritdoc/>
    public override ulong Number(ulong valid, int bits = 16)
    {
        var mask = ulong.MaxValue >> (64 - bits);
        return _idea is { } idea && bits is > FlagBits and <= CountBits && !Random.OneIn(16) ? idea & mask : IsMistaken() ? AnyNumber(valid) & mask : valid;
    }

    /// <summary>True if the driver does something wrong here.</summary>
    public bool IsMistaken() => _mistakes != 0 && Random.OneIn(_mistakes);

    /// <summary>A number that somebody may not have thought of.</summary>
    public ulong AnyNumber(ulong near = 0) => Random.Below(8) switch
    {
        0 => 0,
        1 => 1UL << Random.Below(64),
        2 => (1UL << Random.Below(64)) - 1,
        3 => ulong.MaxValue,
        4 => near + 1,
        5 => near - 1,
        6 => near ^ (1UL << Random.Below(32)),
        _ => Random.Next(),
    };

    /// <summary>An address that a device should not be given.</summary>
    public ulong AnyAddress(ulong near = 0) => Random.Below(14) switch
    {
        0 => 0,
        1 => FuzzBoard.BarHome(_target.Windows.Count == 0 ? 0 : _target.Windows[0].Bar) + (ulong)(AnyOffset() & ~3),
        2 => FuzzBoard.RamSize - (ulong)Random.Below(64),
        3 => FuzzBoard.Rom,
        4 => FuzzBoard.Messages,
        5 => FuzzBoard.Nowhere,
        6 => uint.MaxValue - (ulong)Random.Below(32),
        7 => ulong.MaxValue - (ulong)Random.Below(32),
        8 => near + (ulong)Random.Below(16),
        9 => FuzzBoard.HighRam - (ulong)Random.Below(16) + (ulong)Random.Below(2) * (ulong)Random.Below((int)FuzzBoard.HighRamSize),
        10 => (ulong)Random.Below((int)FuzzBoard.RamSize),
        _ => _given[Random.Below(_given.Length)],
    };

    /// <summary>What happens beside the driver: the wire, time, how far the device's thread gets.</summary>
    public void Happen()
    {
        switch (Random.Below(10))
        {
            case 0:
                Do(new FuzzOperation(FuzzVerb.Advance, (ulong)Random.Of(1, 1_000, 100_000, 10_000_000) * (ulong)(1 + Random.Below(100))));
                break;
            case 1:
                Do(new FuzzOperation(FuzzVerb.Link, (ulong)Random.Below(2)));
                Do(new FuzzOperation(FuzzVerb.Link, 1));
                break;
            case 2 or 3:
                // Now and then more than a wire holds.
                for (var frames = Random.OneIn(8) ? Random.Below(250) : 0; frames >= 0; frames--)
                {
                    Frame();
                }

                break;
            case 4:
                Do(new FuzzOperation(FuzzVerb.Take, (ulong)Random.Of(1, 4, 1000)));
                break;
            case 5 or 6:
                Do(new FuzzOperation(FuzzVerb.Step, (ulong)(1 + Random.Below(Random.Of(4, 16, 200)))));
                break;
            default:
                Run();
                break;
        }
    }

    /// <summary>A frame arrives.</summary>
    public void Frame()
    {
        var length = Random.Below(8) switch
        {
            0 => Random.Of(1, 13, 14, 59, 60, 61, 64, 1514, 1518, 1519, 1522, 1523, 2047, 2048, 2049, 4096, 8192, 9018, 16384, 65535, 65536, 65537),
            1 => Random.Below(20_000),
            2 => 1 + Random.Below(64),
            _ => 60 + Random.Below(1455),
        };
        var header = Random.Below(4) switch
        {
            0 => "FFFFFFFFFFFF",
            1 => "01005E000001",
            2 => "525400123456525400ABCDEF0800",
            _ => string.Empty,
        };
        Do(new FuzzOperation(FuzzVerb.Frame, (ulong)length, Random.Next() & 0xFFFF, Header: header));
    }

    /// <summary>An offset in a window: a register's, the last bytes, anywhere.</summary>
    public int AnyOffset() => AnyRegister(Random.Of<RegisterWindow?>([.. _target.Windows, null]));

    private int AnyRegister(RegisterWindow? window)
    {
        if (window is null || window.Rows.Count == 0 || Random.OneIn(8))
        {
            return window is null ? Random.Below(0x100) : Random.OneIn(2) ? window.Length - 1 - Random.Below(8) : Random.Below(window.Length);
        }

        var row = window.Rows[Random.Below(window.Rows.Count)];
        return row.Offset + (Random.OneIn(6) ? Random.Below(row.Size) : 0);
    }

    private void Act()
    {
        if (_noise != 0 && Random.OneIn(_noise))
        {
            MakeNoise();
        }
        else if (Random.OneIn(3))
        {
            Happen();
        }
        else
        {
            _target.Act(this);
        }
    }

    // What no driver does.
    private void MakeNoise()
    {
        switch (Random.Below(16))
        {
            case 0:
                Do(new FuzzOperation(FuzzVerb.Config, (ulong)Random.Below(256), (ulong)Random.Of(1, 2, 4), AnyNumber() & uint.MaxValue));
                break;
            case 1:
                Do(new FuzzOperation(FuzzVerb.Config, PciRegister.Command, 2, (ulong)(Random.Below(8) | 3)));
                break;
            case 2:
                Do(new FuzzOperation(FuzzVerb.Reset));
                break;
            case 3 or 4:
                Do(new FuzzOperation(FuzzVerb.Flip, (ulong)(1 + Random.Below(12)), (ulong)Random.Below(64), AnyNumber() & uint.MaxValue));
                break;
            case 5:
                Do(new FuzzOperation(FuzzVerb.Fill, (ulong)Random.Below((int)FuzzBoard.RamSize), (ulong)Random.Below(0x1000), Random.Next() & 0xFFFF));
                break;
            case 6:
                _target.SetUp(this);
                break;
            case 7 or 8 or 9:
                Access(isWrite: false);
                break;
            default:
                Access(isWrite: true);
                break;
        }
    }

    private void Access(bool isWrite)
    {
        var window = _target.Windows.Count == 0 || Random.OneIn(16) ? null : _target.Windows[Random.Below(_target.Windows.Count)];
        var bar = (ulong)(window?.Bar ?? Random.Below(6));
        var offset = (ulong)AnyRegister(window);
        var size = (ulong)Random.Of(1, 2, 4, 4, 4, 8);
        Do(isWrite
            ? new FuzzOperation(FuzzVerb.Write, bar, offset, size, (Random.OneIn(6) ? AnyAddress() : AnyNumber()) & (ulong.MaxValue >> (64 - ((int)size * 8))))
            : new FuzzOperation(FuzzVerb.Read, bar, offset, size));
    }
}
