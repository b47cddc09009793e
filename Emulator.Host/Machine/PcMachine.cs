using Emulator.Cpu;
using Emulator.Devices;
using Emulator.Host.Console;
using Emulator.Host.Disks;
using Emulator.Host.Firmware;
using Emulator.Host.Functions;
using Emulator.Host.Loading;
using Emulator.Host.Network;
using Emulator.Host.Vcpus;
using Emulator.Memory;
using Emulator.Pci;
using Microsoft.Extensions.Logging;

namespace Emulator.Host.Machine;

/// <summary>A PC with its parts: the one place where they are made and wired.</summary>
/// <remarks>
/// Made and disposed on one thread; runs on its own: a thread a vCPU, the clock's and the character ports'. Ends by
/// <see cref="MachineControl"/> only.
/// </remarks>
internal sealed partial class PcMachine : IDisposable
{
    private static readonly (ushort Port, int Irq)[] s_serialPorts = [(0x3F8, 4), (0x2F8, 3), (0x3E8, 4), (0x2E8, 3)];

    private readonly MachineControl _control;
    private readonly ILogger _logger;
    private readonly RamBlock _ram;
    private readonly RamBlock? _firmware;
    private readonly MachineSchedule? _schedule;
    private readonly SimulatedMemory? _simulation;
    private readonly IClock _clock;
    private readonly I8259Pair _interrupts = new();
    private readonly ApicBus _apics;
    private readonly IoApic _ioApic;
    private readonly TimeStampOrigin _timeStampOrigin;
    private readonly Lock _intr = new();
    private readonly SharedInterruptLine[] _isaLines;
    private readonly List<IResettable> _resettable = [];
    private readonly List<IDisposable> _disposable = [];
    private readonly List<CharacterPort> _characters = [];
    private readonly List<SerialPort> _serialPorts = [];
    private readonly VcpuThread[] _vcpus;
    private readonly ResetGate _resetGate;
    private PciBus _bus;
    private I440FxHostBridge _bridge;
    private BootImage? _boot;

    /// <summary>Builds a machine, not started.</summary>
    /// <param name="description">What to build.</param>
    /// <param name="files">What it starts from; the firmware and the expansion ROMs are taken here.</param>
    /// <param name="characters">The description's character back ends, open; the machine starts but does not dispose them.</param>
    /// <param name="networks">What is behind its network controllers, open; the machine starts but does not dispose it.</param>
    /// <param name="drives">What is behind its disks, open; the machine does not dispose it.</param>
    /// <param name="control">Ends and resets it.</param>
    /// <param name="loggers">Its parts' logs.</param>
    /// <exception cref="OutOfMemoryException">The host has no address space for the guest's RAM.</exception>
    public PcMachine(
        MachineDescription description,
        BootFiles files,
        IReadOnlyDictionary<string, CharacterPort> characters,
        Networks networks,
        Drives drives,
        MachineControl control,
        ILoggerFactory loggers)
    {
        (_control, _networks, _drives, _logger) = (control, networks, drives, loggers.CreateLogger<PcMachine>());
        var choices = new SeededChoices(description.Seed);
        _schedule = description.Schedule == ScheduleKind.Deterministic ? new MachineSchedule(choices, control) : null;
        _clock = _schedule is null ? StoppableClock(control) : _schedule.Clock;
        SwitchedOn = _schedule is null ? DateTime.UtcNow : MachineSchedule.SwitchedOn;
        _timeStampOrigin = new TimeStampOrigin(_schedule is null ? () => (ulong)_clock.NowNanoseconds : () => _schedule.Now);
        _simulation = Simulate(description.MemoryModel, choices);
        _ioThreads = new IoThreads(control, _schedule?.Baton);
        _ram = new RamBlock("ram", description.MemorySize);
        if (files.Firmware is { } firmware)
        {
            _firmware = new RamBlock("firmware", (ulong)firmware.Length);
            _firmware.Load(0, firmware);
        }

        _apics = new ApicBus(description.Processors, new ApicClock(_clock));
        _ioApic = new IoApic(_apics);
        _isaLines = [.. Enumerable.Range(0, 16).Select(WireIsaInterrupt)];
        Layout = AddBridges(description.DmaOrdering, loggers.CreateLogger<PciBus>());
        AddInterruptControllers();
        AddLegacyDevices(description.Processors);
        AddSerialPorts(description, characters);
        AddDevices(description, characters);
        AddFunctions(description, files.ExpansionRoms);

        _resetGate = new ResetGate(description.Processors, Reset);
        _vcpus = new VcpuThread[description.Processors];
        for (var i = 0; i < _vcpus.Length; i++)
        {
            var options = new VcpuOptions
            {
                ProcessorCount = description.Processors,
                HasLocalApic = true,
                TimeStampOrigin = _timeStampOrigin,
                Initiator = description.MemoryModel == MemoryModel.Host ? null : _simulation!.Add(NameOf(i), isProcessor: true),
            };
            var vcpu = new InterpretedVcpu(new Vcpu(i, Memory, loggers.CreateLogger<Vcpu>(), options));
            _vcpus[i] = new VcpuThread(vcpu, _apics[i], _interrupts, Ports, Memory, control, _resetGate, _schedule?.Baton.Add(VcpuThread.NameOf(i)))
            {
                Pace = _schedule?.Add(vcpu),
            };
        }

        _interrupts.OutputChanged = _ => CarryPairOutput();
        control.Changed = NotifyAll;
    }

    /// <summary>The guest-physical address space.</summary>
    public GuestMemory Memory { get; } = new();

    /// <summary>The port space.</summary>
    public PortSpace Ports { get; } = new();

    /// <summary>Where RAM is.</summary>
    public MemoryLayout Layout { get; }

    /// <summary>Starts from an image instead of the reset vector; before <see cref="Start"/>.</summary>
    public void SetBoot(BootImage boot)
    {
        _boot = boot;
        PrepareAsFirmware(isFirst: true);
    }

    /// <summary>Lets it run.</summary>
    public void Start()
    {
        LogStart(_logger, _vcpus.Length, _ram.Size >> 20);
        foreach (var port in _characters)
        {
            port.Start();
        }

        _networks.Start();

        foreach (var vcpu in _vcpus)
        {
            vcpu.Start();
        }

        _schedule?.Baton.Start();
    }

    /// <summary>Waits for the vCPUs after the end was asked for; false if one does not come.</summary>
    public bool Join(TimeSpan patience)
    {
        var deadline = DateTime.UtcNow + patience;
        return Array.TrueForAll(_vcpus, v => v.Join(TimeSpan.FromTicks(Math.Max(0, (deadline - DateTime.UtcNow).Ticks))));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _schedule?.Baton.Abandon();
        _control.Changed = null;
        foreach (var vcpu in _vcpus)
        {
            vcpu.Dispose();
        }

        _interrupts.OutputChanged = null;
        foreach (var device in _disposable)
        {
            device.Dispose();
        }

        _apics.Dispose();
        (_clock as IDisposable)?.Dispose();
        var hasEnded = _ioThreads.Stop(TimeSpan.FromSeconds(2)) & Join(TimeSpan.Zero);
        EndTrace();
        if (!hasEnded)
        {
            return;     // a thread that does not end still uses the memory; the process is about to take it with it
        }

        _resetGate.Dispose();
        Memory.Dispose();
        _firmware?.Dispose();
        _expansionRoms.ForEach(rom => rom.Dispose());
        _ram.Dispose();
    }

    // Time stands still with the machine: no driver's patience ends meanwhile.
    private static RealTimeClock StoppableClock(MachineControl control)
    {
        var clock = new RealTimeClock();
        control.Stopped += _ => clock.Stop();
        control.OnContinue(clock.Continue);
        return clock;
    }

    private void NotifyAll()
    {
        foreach (var vcpu in _vcpus)
        {
            vcpu.Notify();
        }
    }

    /// <summary>The reset line: with all vCPUs stopped, on one of their threads.</summary>
    private void Reset()
    {
        _control.AcknowledgeReset();
        LogReset(_logger);

        // First, and with no lock held: nothing of the old run is under way when the board goes back to its beginning.
        _ioThreads.Reset();
        _simulation?.Settle();
        _bus.Reset();
        foreach (var device in _resettable)
        {
            device.Reset();
        }

        _timeStampOrigin.Restart();
        foreach (var thread in _vcpus)
        {
            thread.Reset();
        }

        if (_boot is not null)
        {
            PrepareAsFirmware(isFirst: false);
        }
    }

    /// <summary>Does what firmware would have done, and puts the image where its loader would have.</summary>
    private void PrepareAsFirmware(bool isFirst)
    {
        foreach (var bar in FirmwareSetup.Run(_bridge))
        {
            LogUnplaced(_logger, bar.Index);
        }

        LegacyFirmware.Prepare(Memory, Ports, _apics[0], _serialPorts);
        var identity = _vcpus[0].Vcpu.QueryCpuid(1);
        FirmwareTables.Write(Memory, Layout, BoardDescription.Of(_bridge, _vcpus.Length, identity.Eax, identity.Edx, [.. _serialPorts]));
        foreach (var piece in _boot!.Pieces)
        {
            _ = Memory.Write(piece.Address, piece.Data.Span);
            if (!isFirst)
            {
                Clear(piece.Address + (ulong)piece.Data.Length, piece.MemorySize - (ulong)piece.Data.Length);
            }
        }

        FirmwareSetup.ProtectTables(_bridge);
        _vcpus[0].Vcpu.SetState(_boot.Entry);
    }

    /// <summary>Zeros RAM that a guest has used; before the first start it is zero, and untouched pages cost nothing.</summary>
    private void Clear(ulong address, ulong size)
    {
        ReadOnlySpan<byte> zeros = new byte[Math.Min(size, 64 << 10)];
        while (size > 0)
        {
            var part = zeros[..(int)Math.Min(size, (ulong)zeros.Length)];
            _ = Memory.Write(address, part);
            address += (ulong)part.Length;
            size -= (ulong)part.Length;
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "starts with {Processors} vCPU(s) and {Memory} MiB of RAM")]
    private static partial void LogStart(ILogger logger, int processors, ulong memory);

    [LoggerMessage(Level = LogLevel.Warning, Message = "no room in the address space for BAR {Index} of a function")]
    private static partial void LogUnplaced(ILogger logger, int index);

    [LoggerMessage(Level = LogLevel.Information, Message = "reset")]
    private static partial void LogReset(ILogger logger);
}
