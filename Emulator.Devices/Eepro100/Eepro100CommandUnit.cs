using System.Runtime.InteropServices;
using Emulator.Memory;

namespace Emulator.Devices;

/// <summary>CU: goes through the list of command blocks (8255x manual, 6.4.2), and writes the statistics.</summary>
/// <param name="function">The device.</param>
/// <param name="receiveUnit">Takes what is sent in loopback.</param>
internal sealed class Eepro100CommandUnit(Eepro100Function function, Eepro100ReceiveUnit receiveUnit) : IoWork
{
    // Blocks in a turn on the I/O thread: a list may be without an end.
    private const int BlocksPerRun = 16;

    // What stands behind the statistics when they are written.
    private const uint DumpComplete = 0xA005;
    private const uint DumpAndResetComplete = 0xA007;

    private readonly Eepro100BlockList _list = new(function);
    private readonly Eepro100Actions _actions = new(function, receiveUnit);

    // Under the device's lock.
    private uint _statisticsAddress;
    private uint _completion;

    // A block that is done, and could not be told so while the function was no bus master.
    private Eepro100BlockStatus? _untold;

    /// <summary>CUS. Any thread.</summary>
    public Eepro100UnitState State => _list.State;

    /// <summary>True while a command is not accepted yet. Any thread.</summary>
    public bool IsTold => _list.IsTold;

    /// <summary>The driver gives a command. Under the device's lock.</summary>
    /// <param name="command">Upper half of the SCB command byte.</param>
    /// <param name="pointer">SCB general pointer.</param>
    /// <returns>True if the unit is to be posted.</returns>
    public bool Accept(Eepro100CommandUnitCommand command, uint pointer)
    {
        switch (command)
        {
            case Eepro100CommandUnitCommand.Start:
                _list.Start(pointer);
                return true;
            case Eepro100CommandUnitCommand.Resume:
                _list.Resume(always: false);
                return true;
            case Eepro100CommandUnitCommand.StaticResume when !function.Variant.Is82557:
                _list.Resume(always: true);
                return true;
            case Eepro100CommandUnitCommand.LoadBase:
                _list.LoadBase(pointer);
                return false;
            case Eepro100CommandUnitCommand.LoadStatisticsAddress:
                _statisticsAddress = pointer & ~3U;
                return false;
            case Eepro100CommandUnitCommand.DumpStatistics:
                // One that was not waited for is one with this one, and resets if either does.
                _completion = Math.Max(_completion, DumpComplete);
                return true;
            case Eepro100CommandUnitCommand.DumpAndResetStatistics:
                _completion = DumpAndResetComplete;
                return true;
            default:
                return false;
        }
    }

    /// <summary>As after a reset. Under the device's lock, with nothing running.</summary>
    /// <param name="isSelective">True to keep what was loaded.</param>
    public void Reset(bool isSelective)
    {
        _list.Reset(keepBase: isSelective);
        _statisticsAddress = isSelective ? _statisticsAddress : 0;
        (_completion, _untold) = (0, null);
    }

    /// <inheritdoc/>
    protected internal override void Run()
    {
        WriteStatistics();
        for (var i = 0; i < BlocksPerRun; i++)
        {
            if (function.Queue.IsStale || !_list.TryContinue(out var begins))
            {
                return;
            }

            _untold = begins ? null : _untold;
            if (!Execute(_list.Address))
            {
                return;
            }
        }

        function.Queue.Post(this);
    }

    // False if the unit waits: it is posted when there is a reason to go on.
    private bool Execute(ulong address)
    {
        Eepro100CommandBlock block = default;
        var status = function.Dma.Read(address, MemoryMarshal.AsBytes(new Span<Eepro100CommandBlock>(ref block)));
        if (status == DmaStatus.Ok)
        {
            if (_untold is null && !_actions.HasRoomFor(block.Command))
            {
                return false;
            }

            status = _untold is { } untold ? Tell(address, untold) : Execute(address, in block, out untold);
            if (status == DmaStatus.Ok)
            {
                return Finish(in block, untold);
            }
        }

        if (status != DmaStatus.NotBusMaster)
        {
            _list.Stop(Eepro100UnitState.Idle, Eepro100Cause.CommandUnitNotActive);
        }

        return false;
    }

    // eepro100.cb.work-before-status: the command, then the status word alone: the driver may write the command word beside it at any time.
    // Pairs with the read barrier of a driver that has found C.
    private DmaStatus Execute(ulong address, in Eepro100CommandBlock block, out Eepro100BlockStatus result)
    {
        const Eepro100BlockStatus Done = Eepro100BlockStatus.Complete | Eepro100BlockStatus.Ok;
        result = Done;
        var early = function.Dma.IsSwapped(Eepro100Sites.WorkBeforeStatus);
        if (early)
        {
            Tell(address, Done);
        }

        var status = _actions.Execute(address, in block);
        if (status == DmaStatus.NotBusMaster)
        {
            return status;
        }

        if (status != DmaStatus.Ok)
        {
            result = Eepro100BlockStatus.Complete
                | (block.Command == Eepro100BlockCommand.Transmit ? Eepro100BlockStatus.Underrun : 0);
        }

        return early ? DmaStatus.Ok : Tell(address, result);
    }

    private DmaStatus Tell(ulong address, Eepro100BlockStatus result)
    {
        var status = function.Dma.Publish(address, (ushort)result, Eepro100Sites.WorkBeforeStatus);
        _untold = status == DmaStatus.NotBusMaster ? result : null;
        return status;
    }

    private bool Finish(in Eepro100CommandBlock block, Eepro100BlockStatus result)
    {
        var isBad = (result & Eepro100BlockStatus.Ok) == 0 && function.Variant.Is82557 && function.Configuration.TransmitNotOkInterrupt;
        if (isBad || (block.Flags & Eepro100BlockFlags.Interrupt) != 0)
        {
            function.Raise(Eepro100Cause.CommandExecuted);
        }

        if ((block.Flags & Eepro100BlockFlags.EndOfList) != 0)
        {
            _list.Stop(Eepro100UnitState.Idle, Eepro100Cause.CommandUnitNotActive);
            return true;
        }

        if ((block.Flags & Eepro100BlockFlags.Suspend) != 0)
        {
            return _list.Suspend(block.Flags, function.Configuration.InterruptsWhenIdleOnly ? 0 : Eepro100Cause.CommandUnitNotActive);
        }

        _list.Follow(block.Link);
        return true;
    }

    private void WriteStatistics()
    {
        uint address, completion;
        lock (function.Lock)
        {
            (address, completion) = (_statisticsAddress, _completion);
            _completion = 0;
        }

        if (completion == 0)
        {
            return;
        }

        Span<byte> counters = stackalloc byte[Eepro100Statistics.LargestSize];
        counters.Clear();
        function.Statistics.CopyTo(counters);
        var size = StatisticsSize;
        var status = function.Dma.WriteThenPublish(
            address, counters[..size], address + (ulong)size, completion, Eepro100Sites.WorkBeforeStatus);
        if (status == DmaStatus.NotBusMaster)
        {
            lock (function.Lock)
            {
                _completion = Math.Max(_completion, completion);
            }
        }
        else if (completion == DumpAndResetComplete)
        {
            function.Statistics.Reset();
        }
    }

    private int StatisticsSize =>
        function.Variant.Is82557 ? 64
        : function.Configuration.TransmitNotOkInterrupt ? Eepro100Statistics.LargestSize
        : function.Configuration.ExtendedStatistics ? 76
        : 64;
}
