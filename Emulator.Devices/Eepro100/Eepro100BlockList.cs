using Emulator.Memory;

namespace Emulator.Devices;

/// <summary>What a unit does (8255x manual, 6.3.1).</summary>
internal enum Eepro100UnitState
{
    /// <summary>Nothing: it was not started, or is through its list.</summary>
    Idle,

    /// <summary>It waits behind a block that had its S bit set.</summary>
    Suspended,

    /// <summary>The receive unit has no frame descriptors.</summary>
    NoResources,

    /// <summary>The receive unit has no buffer descriptors.</summary>
    NoBuffers,

    /// <summary>It works. Of the receive unit: ready.</summary>
    Active,
}

/// <summary>Where a unit is in its list of blocks, and what the driver has told it: starting, suspending and resuming are the same for both.</summary>
/// <remarks>
/// The driver adds a block by setting S in it, clearing S in the one before, and a resume. The unit may be anywhere meanwhile: it may have
/// come to the cleared S already, and have done the new block when the resume arrives. So a resume means: look at the S bit again,
/// which says whether there is more. A command is accepted, and the SCB command byte cleared, between two blocks: a driver that waits
/// for that is never so far ahead that the block whose S bit is looked at has become another.
/// </remarks>
/// <param name="function">The device.</param>
internal sealed class Eepro100BlockList(Eepro100Function function)
{
    // Under the device's lock.
    private uint _base;
    private uint _start;
    private bool _starts;
    private bool _aborts;
    private Resumption _resumption;

    // Written under the lock, read by the I/O thread without it.
    private volatile Eepro100UnitState _state;
    private volatile bool _told;

    // The I/O thread's: the block at Address is done, and had S set in this command word.
    private bool _isBehind;
    private Eepro100BlockFlags _flags;

    private enum Resumption
    {
        None,
        IfCleared,
        Always,
    }

    /// <summary>What the unit does. Any thread.</summary>
    public Eepro100UnitState State => _state;

    /// <summary>True while a command is not accepted yet. Any thread.</summary>
    public bool IsTold => _told;

    /// <summary>The block to do. On the I/O thread.</summary>
    public ulong Address { get; private set; }

    /// <summary>The driver gives what is added to addresses. Under the device's lock.</summary>
    /// <param name="value">Bytes.</param>
    public void LoadBase(uint value) => _base = value;

    /// <summary>The driver starts the unit, which the caller posts. Under the device's lock.</summary>
    /// <param name="offset">The first block, less the base.</param>
    public void Start(uint offset)
    {
        (_start, _starts, _aborts, _resumption) = (_base + offset, true, false, Resumption.None);
        (_state, _told) = (Eepro100UnitState.Active, true);
    }

    /// <summary>The driver resumes the unit, which the caller posts. Nothing happens if it is not suspended, nor will be. Under the device's lock.</summary>
    /// <param name="always">True to go on whatever the S bit says.</param>
    public void Resume(bool always)
    {
        if (_state is Eepro100UnitState.Active or Eepro100UnitState.Suspended)
        {
            _resumption = always ? Resumption.Always : Resumption.IfCleared;
            (_state, _told) = (Eepro100UnitState.Active, true);
        }
    }

    /// <summary>The driver stops the unit, which the caller posts: it is idle once what it does is done. Under the device's lock.</summary>
    public void Abort()
    {
        (_aborts, _starts, _resumption) = (true, false, Resumption.None);
        _told = true;
    }

    /// <summary>The receive unit has buffer descriptors again; the caller posts. Under the device's lock.</summary>
    public void ResumeBuffers() => _state = _state == Eepro100UnitState.NoBuffers ? Eepro100UnitState.Active : _state;

    /// <summary>As after a reset. Under the device's lock, with nothing running.</summary>
    /// <param name="keepBase">True for a selective reset.</param>
    public void Reset(bool keepBase)
    {
        _base = keepBase ? _base : 0;
        (_starts, _aborts, _resumption, _isBehind) = (false, false, Resumption.None, false);
        (_state, _told) = (Eepro100UnitState.Idle, false);
    }

    /// <summary>Accepts what the driver has written, and brings the unit to its next block. On the I/O thread, before each.</summary>
    /// <param name="begins">True if the driver has started it: nothing is left of what it did before.</param>
    /// <returns>False if it has nothing to do; it is posted when it has.</returns>
    public bool TryContinue(out bool begins)
    {
        var resumption = Resumption.None;

        // A resume that could not look at the block it is about stays where it is until the function masters the bus.
        begins = _told && (!_isBehind || function.Dma.IsBusMaster) && TakeCommands(out resumption);
        if (_state != Eepro100UnitState.Active)
        {
            return false;
        }

        // eepro100.command-before-block: a command, or the block before without S or EL, said that there is one. Pairs with the driver's
        // barrier between the block and either.
        function.Dma.ReadBarrier(Eepro100Sites.CommandBeforeBlock);
        return !_isBehind || (resumption != Resumption.None && MayGoOn(resumption) && LoadLink()) || GoOn(0);
    }

    /// <summary>Goes to the next block. On the I/O thread.</summary>
    /// <param name="link">The block's link.</param>
    public void Follow(uint link) => Address = _base + link;

    /// <summary>The unit is through its list, or has come upon something it cannot do. On the I/O thread.</summary>
    /// <param name="state">What it is now, unless the driver has started it again.</param>
    /// <param name="cause">Raised.</param>
    public void Stop(Eepro100UnitState state, Eepro100Cause cause)
    {
        lock (function.Lock)
        {
            if (!_starts && _state == Eepro100UnitState.Active)
            {
                _state = state;
            }

            _resumption = Resumption.None;
        }

        function.Raise(cause);
    }

    /// <summary>The block at <see cref="Address"/> is done and had its S bit set. On the I/O thread.</summary>
    /// <param name="flags">Its command word.</param>
    /// <param name="cause">Raised, as the unit is suspended.</param>
    /// <returns>True if there is a next block all the same.</returns>
    public bool Suspend(Eepro100BlockFlags flags, Eepro100Cause cause)
    {
        (_isBehind, _flags) = (true, flags);
        return GoOn(cause);
    }

    // True if it was started.
    private bool TakeCommands(out Resumption resumption)
    {
        bool starts, leaves;
        lock (function.Lock)
        {
            (starts, resumption, leaves) = (_starts, _resumption, _aborts && _state == Eepro100UnitState.Active);
            _state = _aborts ? Eepro100UnitState.Idle
                : resumption != Resumption.None && _state == Eepro100UnitState.Suspended ? Eepro100UnitState.Active
                : _state;
            (Address, _isBehind) = starts ? (_start, false) : (Address, _isBehind);
            (_starts, _aborts, _resumption, _told) = (false, false, Resumption.None, false);
        }

        if (leaves)
        {
            function.Raise(Eepro100Cause.ReceiveNotReady);
        }

        return starts;
    }

    // eepro100.suspend-recheck: suspended, then the latch and the S bit. The driver clears S and then looks at the state, or writes a
    // resume, which does. Without the fence both are looked at too early, and one of the two misses the other.
    private bool GoOn(Eepro100Cause cause)
    {
        var isUnfenced = IsUnfenced;
        var early = isUnfenced && MayGoOn(Resumption.None);
        Turn.SwitchPoint();
        lock (function.Lock)
        {
            if (_starts || _state != Eepro100UnitState.Active)
            {
                return false;
            }

            _state = Eepro100UnitState.Suspended;
            _resumption = isUnfenced ? Resumption.None : _resumption;
        }

        function.Raise(cause);
        function.Dma.FullBarrier(Eepro100Sites.SuspendRecheck);

        // If it was told anything since, it is posted too.
        return (isUnfenced ? early : !_told && MayGoOn(Resumption.None)) && LoadLink();
    }

    // Broken on purpose, and on a bus that has no full fence before a read either, which would do as well.
    private bool IsUnfenced =>
        function.Dma.IsDropped(Eepro100Sites.SuspendRecheck) && function.Dma.Ordering is (DmaOrdering.Split or DmaOrdering.Relaxed);

    // With a resume the S bit alone decides. Without, the block must be the one that was done but for S: a driver that needs no resume
    // may have put another thing in its place.
    private bool MayGoOn(Resumption resumption)
    {
        if (resumption == Resumption.Always)
        {
            return true;
        }

        return function.Dma.Load<ushort>(Address + Eepro100CommandBlock.CommandOffset, out var word) == DmaStatus.Ok
            && ((Eepro100BlockFlags)word & Eepro100BlockFlags.Suspend) == 0
            && (resumption != Resumption.None || (Eepro100BlockFlags)word == (_flags & ~Eepro100BlockFlags.Suspend));
    }

    // eepro100.command-before-block: S was cleared when the link, and what it leads to, were as they are to be.
    private bool LoadLink()
    {
        function.Dma.ReadBarrier(Eepro100Sites.CommandBeforeBlock);
        if (function.Dma.Load<uint>(Address + Eepro100CommandBlock.LinkOffset, out var link) != DmaStatus.Ok)
        {
            return false;
        }

        lock (function.Lock)
        {
            if (_state == Eepro100UnitState.Suspended)
            {
                _state = Eepro100UnitState.Active;
            }
        }

        _isBehind = false;
        Follow(link);
        return true;
    }
}
