using Emulator.Memory;

namespace Emulator.Fuzz;

/// <summary>
/// Two threads, the driver's and the device's, one at a time: the device's gets as far as the driver lets it, a piece of work
/// begun or a DMA access a step. Sees the device's DMA: counts it, and changes what was read where the input says so.
/// </summary>
/// <param name="memory">The board's.</param>
/// <param name="mostAllocated">As <see cref="FuzzTarget.MostAllocated"/>.</param>
internal sealed class FuzzSchedule(GuestMemory memory, long mostAllocated) : IChoices, IDmaObserver
{
    /// <summary>Steps after which a device that is at work still, with nobody asking anything of it, must have got somewhere.</summary>
    public const int Stretch = 100_000;

    /// <summary>Stretches of one <c>run</c>. What gets somewhere comes to its end, but may have a million segments of one byte before it.</summary>
    public const int MostStretches = 10;

    /// <summary>Somewhere: so many addresses.</summary>
    public const int EnoughPlaces = 1000;

    /// <summary>Steps in which a device that may work for ever gets far enough.</summary>
    public const int EnoughSteps = 500;

    /// <summary>DMA accesses of one piece of work: then others on its thread wait too long.</summary>
    private const int MostAccesses = 50_000;

    private const int DriverFirst = 0;
    private const int DeviceNext = 1;

    private readonly List<(ulong First, ulong Length)> _guards = [];
    private readonly List<(int After, int Offset, uint Bits)> _flips = [];
    private readonly bool[] _places = new bool[1 << 16];
    private int _credits;
    private int _accesses;
    private int _reads;
    private long _allocated = -1;
    private bool _inAccess;

    /// <summary>The driver's thread.</summary>
    public Turn? Driver { get; set; }

    /// <summary>The device's thread.</summary>
    public Turn? Device { get; set; }

    /// <summary>The first thing that was wrong.</summary>
    public FuzzFinding? Finding { get; private set; }

    /// <summary>DMA accesses, also those refused.</summary>
    public long Accesses { get; private set; }

    /// <summary>DMA accesses that were refused.</summary>
    public long Refused { get; private set; }

    /// <summary>How many addresses DMA has been at since <see cref="ForgetPlaces"/>, about.</summary>
    public int Places { get; private set; }

    /// <summary>Something is wrong; the first thing counts.</summary>
    public void Report(string kind, string detail) => Finding ??= new FuzzFinding(kind, detail);

    /// <summary>Lets the device's thread go on; on the driver's.</summary>
    /// <param name="steps">How far at most.</param>
    /// <returns>True if it has nothing more to do.</returns>
    public bool Advance(int steps)
    {
        _credits = steps;
        Driver!.Pass();
        var isIdle = _credits > 0;
        _credits = 0;
        return isIdle;
    }

    /// <summary>Counts <see cref="Places"/> anew.</summary>
    public void ForgetPlaces()
    {
        Array.Clear(_places);
        Places = 0;
    }

    /// <summary>From here on the device has no business to write there.</summary>
    public void Guard(ulong first, ulong length) => _guards.Add((first, length));

    /// <summary>What was guarded is so no longer, and nothing more will change by itself.</summary>
    public void Forget()
    {
        _guards.Clear();
        _flips.Clear();
    }

    /// <summary>Behind the N-th DMA read from here on, bits of what was read change.</summary>
    public void Flip(int reads, int offset, uint bits) => _flips.Add((_reads + reads, offset, bits));

    /// <inheritdoc/>
    public int Next(int turns, int stores)
    {
        if (Turn.Current != Device)
        {
            if (turns == 1 || Turn.Current is null)
            {
                return DriverFirst;
            }

            // The driver lets the device go on, or waits for it in a reset: then step by step.
            _credits = Math.Max(_credits, 1);
            return DeviceNext;
        }

        if (!_inAccess)
        {
            _accesses = 0;
        }

        Measure();
        return --_credits > 0 && turns > 1 ? DeviceNext : DriverFirst;
    }

    /// <inheritdoc/>
    public int Version(int versions) => 0;

    /// <inheritdoc/>
    public int Quantum(int most) => most;

    /// <inheritdoc/>
    public void Begin(bool relaxed)
    {
        if (Turn.Current == Device)
        {
            _inAccess = true;
            Turn.SwitchPoint();
            _inAccess = false;
        }
    }

    /// <inheritdoc/>
    public void Fence(DmaFence fence)
    {
    }

    /// <inheritdoc/>
    public void Accessed(DmaDirection direction, ulong address, int length, DmaStatus status)
    {
        Accesses++;
        if (Turn.Current != Device)
        {
            return;
        }

        ref var place = ref _places[(ushort)(address ^ (address >> 16))];
        Places += place ? 0 : 1;
        place = true;
        if (status != DmaStatus.Ok)
        {
            Refused++;
        }
        else if (direction == DmaDirection.Write)
        {
            CheckGuards(address, (ulong)length);
        }
        else
        {
            ApplyFlips(address, length);
        }

        if (++_accesses > MostAccesses)
        {
            _accesses = 0;
            throw new FuzzLimitException($"one piece of work makes more than {MostAccesses} DMA accesses, the last {direction} of {length} bytes at {address:X}");
        }
    }

    private void CheckGuards(ulong address, ulong length)
    {
        foreach (var (first, guarded) in _guards)
        {
            if (address < first + guarded && first < address + length)
            {
                Report("guard", $"{length} bytes are written at {address:X}, where {first:X} to {first + guarded - 1:X} is not the device's");
            }
        }
    }

    private void ApplyFlips(ulong address, int length)
    {
        _reads++;
        for (var i = _flips.Count - 1; i >= 0; i--)
        {
            var (after, offset, bits) = _flips[i];
            if (after <= _reads)
            {
                _flips.RemoveAt(i);
                if (length >= sizeof(uint))
                {
                    var at = address + (ulong)(offset % (length - sizeof(uint) + 1));
                    memory.Read(at, sizeof(uint), out var before);
                    memory.Write(at, sizeof(uint), before ^ bits);
                }
            }
        }
    }

    private void Measure()
    {
        var allocated = GC.GetAllocatedBytesForCurrentThread();
        _allocated = _allocated < 0 ? allocated : _allocated;
        if (allocated - _allocated > mostAllocated)
        {
            Report("allocates", $"more than {mostAllocated >> 10} KiB are allocated on the device's thread");
        }
    }
}

/// <summary>What was wrong.</summary>
/// <param name="Kind">What makes two findings the same one.</param>
/// <param name="Detail">What a reader wants to know.</param>
public sealed record FuzzFinding(string Kind, string Detail);

/// <summary>Ends work that does not end by itself.</summary>
internal sealed class FuzzLimitException(string message) : Exception(message);
