using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Emulator.Cpu;
using Emulator.Devices;
using Emulator.Host.Loading;
using Emulator.Host.Machine;
using Emulator.Host.Tracing;
using Emulator.Host.Vcpus;
using Emulator.Memory;
using Emulator.Pci;
using Microsoft.Extensions.Logging.Abstractions;

namespace Emulator.Host.Litmus;

/// <summary>The machine that a test runs on: a vCPU on its thread for each processor's column, dma-test on its I/O thread for each device's.</summary>
/// <remarks>
/// The parts are the PC's and so are the wires; what it lacks is all that would happen by itself: no timer runs and nobody
/// else interrupts. A round is started by <see cref="Prepare"/>, and is over when every column has ended.
/// </remarks>
internal sealed class LitmusMachine : IDisposable
{
    private const int FirstSlot = 3;

    // One for each of the four pins that functions in neighbouring slots have, routed to inputs that nothing else uses.
    private static readonly byte[] s_interrupts = [5, 9, 10, 11];

    private readonly LitmusTest _test;
    private readonly LitmusLayout _layout;
    private readonly Meeting? _meeting;
    private readonly MachineControl _control = new(noReboot: true);
    private readonly RamBlock _ram = new("ram", LitmusLayout.RamSize);
    private readonly GuestMemory _memory = new();
    private readonly PortSpace _ports = new();
    private readonly PciBus _bus;
    private readonly I440FxHostBridge _bridge;
    private readonly Piix3IsaBridge _isaBridge;
    private readonly ApicBus _apics;
    private readonly IoApic _ioApic;
    private readonly ResetGate _resetGate = new(1, () => { });
    private readonly List<VcpuThread> _vcpus = [];
    private readonly List<IoThread> _ioThreads = [];
    private readonly List<DmaTestFunction> _functions = [];
    private readonly ImmutableArray<ulong> _windows;
    private readonly bool[] _waitsForDoorbell;
    private readonly byte[] _locations;
    private uint _round;

    /// <summary>Builds it, not started.</summary>
    /// <param name="test">The test.</param>
    /// <param name="ordering">The bus's.</param>
    /// <param name="model">Host, unless there are choices.</param>
    /// <param name="choices">Decide the schedule and what becomes visible when; null lets the threads run freely.</param>
    public LitmusMachine(LitmusTest test, DmaOrdering ordering, MemoryModel model, IChoices? choices)
    {
        _test = test;
        _layout = new LitmusLayout(test.Locations);
        _waitsForDoorbell = [.. test.Columns.Select((_, i) => test.Columns.Any(c => c.Cells.Any(cell => cell is DoorbellCell d && d.Target == i)))];
        _apics = new ApicBus(Math.Max(test.Columns.Count(c => c.Kind == LitmusColumnKind.Vcpu), 1), new ApicClock(new ManualClock()));
        _ioApic = new IoApic(_apics);
        _bus = new PciBus(_memory, _ports) { DmaOrdering = ordering };
        _bridge = new I440FxHostBridge(_bus, _ram);
        _isaBridge = new Piix3IsaBridge(_bus, [.. Enumerable.Range(0, 16).Select(_ioApic.Input)]);
        _memory.AddMmio("io apic", IoApic.DefaultBase, IoApic.WindowSize, _ioApic);
        _memory.AddMmio("local apics", ApicBus.WindowBase, ApicBus.WindowSize, _apics);
        _apics.EndOfInterrupt = _ioApic.EndOfInterrupt;
        if (choices is not null)
        {
            Schedule = new Baton(choices);
            Simulation = new SimulatedMemory(_memory, model, choices) { IsScheduled = true, IsStepped = true };
            Simulation.Cover(LitmusLayout.Locations, LitmusLayout.Locations + LitmusLayout.LocationsSize - 1);
            Schedule.Memory = Simulation;
            (choices as Exploration)?.Attach(Schedule, Simulation);
        }
        else
        {
            _meeting = MeetingOf(test);
        }

        AddFunctions();
        _ = FirmwareSetup.Run(_bridge);
        _windows = [.. test.Columns.Select(WindowOf)];
        _ = _memory.Write(LitmusLayout.DescriptorTable, FlatSegments.Table());
        AddVcpus();
        PrepareFunctions();
        _control.Changed = () => _vcpus.ForEach(v => v.Notify());
        _locations = new byte[LitmusLayout.LocationsSize];
        for (var i = 0; i < test.Locations.Length; i++)
        {
            MemoryMarshal.Write(_locations.AsSpan((int)(_layout[i] - LitmusLayout.Locations)), test.Locations[i].Initial);
        }
    }

    /// <summary>The schedule, if there is one.</summary>
    public Baton? Schedule { get; }

    /// <summary>The memory model, if it is not the host's.</summary>
    public SimulatedMemory? Simulation { get; }

    /// <summary>How many columns are a processor's.</summary>
    public int VcpuColumns => _vcpus.Count;

    /// <summary>Called, on its thread, with a processor's column that has come to its end; the column begins anew when it returns. Set before the start.</summary>
    public Action<int>? ColumnEnded { get; set; }

    /// <summary>What ended the machine, if something did.</summary>
    public MachineEnd? Failure => _control.End.IsCompletedSuccessfully ? _control.End.Result : null;

    /// <summary>Cancelled at the end.</summary>
    public CancellationToken Ending => _control.Ending;

    /// <summary>Has a recorder see it all: a lane a column. Before the start.</summary>
    public void Trace(TraceRecorder recorder)
    {
        var vcpu = 0;
        foreach (var column in _test.Columns)
        {
            if (column.Kind == LitmusColumnKind.Vcpu)
            {
                _vcpus[vcpu].InterruptTaken = recorder.AddProcessor(column.Name, VcpuThread.NameOf(vcpu));
                vcpu++;
            }
            else
            {
                recorder.Add(_functions.Single(f => f.Name == column.Name));
            }
        }
    }

    /// <summary>Lets the threads go: the processors' columns come to their end at once, and wait for a round.</summary>
    public void Start()
    {
        foreach (var vcpu in _vcpus)
        {
            vcpu.Start();
        }

        Schedule?.Start();
    }

    /// <summary>Begins a round, when every column has ended: memory as the test has it at first, and the devices started. Not the processors.</summary>
    /// <param name="delays">How long each column waits once all are there; empty with a schedule.</param>
    public void Prepare(ReadOnlySpan<uint> delays)
    {
        _round++;
        _ = _memory.Write(LitmusLayout.Round, 4, _round);
        var used = (int)(_layout.End - LitmusLayout.Locations);
        _ = _memory.Write(LitmusLayout.Locations, _locations.AsSpan(0, used));
        for (var i = 0; i < delays.Length; i++)
        {
            _ = _memory.Write(LitmusLayout.Delay(i), 4, delays[i]);
        }

        Simulation?.Forget();
        for (var column = 0; column < _windows.Length; column++)
        {
            if (_windows[column] != 0 && !_waitsForDoorbell[column])
            {
                _ = _memory.Write(Register(column, DmaTestRegister.Doorbell), 4, 0);
            }
        }
    }

    /// <summary>True while a device's column runs, or waits for its doorbell in a round that has begun.</summary>
    /// <exception cref="InvalidOperationException">It has failed: a mistake in the program.</exception>
    public bool IsRunning(int column)
    {
        _ = _memory.Read(Register(column, DmaTestRegister.Status), 4, out var status);
        _ = _memory.Read(Register(column, DmaTestRegister.Sequence), 4, out var started);
        return DmaTestRegisters.State(status) switch
        {
            DmaTestState.Running => true,
            DmaTestState.Failed => throw new InvalidOperationException($"{_test.Path}: the script of {_test.Columns[column].Name} failed, status {status:X8}"),
            _ => (uint)started != _round,
        };
    }

    /// <summary>True if a column is a device's.</summary>
    public bool IsDevice(int column) => _windows[column] != 0;

    /// <summary>Reads the outcome of a round that is over.</summary>
    /// <param name="values">Takes a value for each of the test's variables.</param>
    public void Collect(Span<uint> values)
    {
        for (var i = 0; i < values.Length; i++)
        {
            var variable = _test.Variables[i];
            var address = variable.Column < 0 ? _layout[variable.Index] : LitmusLayout.Results(variable.Column) + ((ulong)variable.Index * 4);
            _ = _memory.Read(address, 4, out var value);
            values[i] = (uint)value;
        }
    }

    /// <summary>Ends it: the columns' threads come out.</summary>
    public void End() => _control.RequestEnd(new MachineEnd(ExitStatus.Success));

    /// <inheritdoc/>
    public void Dispose()
    {
        End();
        Schedule?.Abandon();
        _control.Changed = null;
        foreach (var vcpu in _vcpus)
        {
            vcpu.Dispose();
        }

        foreach (var function in _functions)
        {
            function.Dispose();
        }

        var stopped = true;
        foreach (var thread in _ioThreads)
        {
            stopped &= thread.Stop(TimeSpan.FromSeconds(2));
        }

        _apics.Dispose();
        _resetGate.Dispose();
        _control.Dispose();
        if (stopped && _vcpus.TrueForAll(v => v.Join(TimeSpan.Zero)))
        {
            _memory.Dispose();
            _ram.Dispose();
        }
    }

    private static Meeting MeetingOf(LitmusTest test)
    {
        var columns = Enumerable.Range(0, test.Columns.Length)
            .Where(i => !test.Columns.Any(c => c.Cells.Any(cell => cell is DoorbellCell d && d.Target == i)))
            .ToArray();
        var leader = columns.FirstOrDefault(i => test.Columns[i].Kind == LitmusColumnKind.Vcpu, columns[0]);
        return new Meeting(leader, [.. columns.Where(i => i != leader)]);
    }

    private void AddFunctions()
    {
        foreach (var column in _test.Columns.Where(c => c.Kind == LitmusColumnKind.Dma))
        {
            var thread = new IoThread(column.Name, (_, e) => Fail($"internal error on I/O thread {column.Name}: {e}"), Schedule?.Add(column.Name));
            _ioThreads.Add(thread);
            var function = new DmaTestFunction(column.Name, thread);
            _bus.Add(function, (FirstSlot + _functions.Count) << 3);
            _functions.Add(function);
            if (Simulation is not null)
            {
                function.SimulateDma(Simulation.Add(column.Name, isProcessor: false));
            }
        }
    }

    private ulong WindowOf(LitmusColumn column) =>
        column.Kind == LitmusColumnKind.Dma ? _functions.Single(f => f.Name == column.Name).Bars[0].Address ?? 0 : 0;

    private ulong Register(int column, DmaTestRegister register) => _windows[column] + (ulong)register;

    private void AddVcpus()
    {
        for (var column = 0; column < _test.Columns.Length; column++)
        {
            if (_test.Columns[column].Kind != LitmusColumnKind.Vcpu)
            {
                continue;
            }

            var index = _vcpus.Count;
            var options = new VcpuOptions
            {
                // Never one alone: with more, one that waits in a loop gives way to the others.
                ProcessorCount = Math.Max(_test.Columns.Count(c => c.Kind == LitmusColumnKind.Vcpu), 2),
                HasLocalApic = true,
                Initiator = Simulation?.Add(_test.Columns[column].Name, isProcessor: true),
            };
            var vcpu = new InterpretedVcpu(new Vcpu(index, _memory, NullLogger.Instance, options));
            var apic = _apics[index];
            _vcpus.Add(new VcpuThread(vcpu, apic, null, _ports, _memory, _control, _resetGate, Schedule?.Add(_test.Columns[column].Name)));
            LetRun(apic, index);
            apic.Write(0xF0, 4, 0x1FF);     // software enable

            var code = VcpuColumn.Assemble(_test, column, _layout, _meeting, _windows);
            _ = _memory.Write(LitmusLayout.Code(column), code);
            var state = FlatSegments.ProtectedMode(LitmusLayout.DescriptorTable, (uint)LitmusLayout.Code(column));
            state.Gpr[4] = LitmusLayout.Stack(column);
            (state.IdtBase, state.IdtLimit) = (LitmusLayout.InterruptTable(column), 0x7FF);
            vcpu.SetState(in state);
            PutHandler(column);
            var ended = column;
            _ports.Add($"end of {_test.Columns[column].Name}", (ushort)(VcpuColumn.EndPort + column), 1, new EndPort(this, ended));
        }
    }

    // What firmware and the first processor do for the others: they take their start-up here, not in real mode.
    private void LetRun(LocalApic apic, int index)
    {
        if (apic.IsWaitingForStartUp)
        {
            _apics.Send(new InterruptMessage(DeliveryMode.StartUp, 1, (byte)index, IsLogical: false, IsLevel: false));
            _ = apic.TakeStartUp(out _);
        }
    }

    private void PutHandler(int column)
    {
        var address = LitmusLayout.InterruptTable(column) + 0x800;
        var holder = _test.Columns.Select((c, i) => (c, i)).FirstOrDefault(c => c.c.Cells.Any(cell => cell is DmaIntxCell x && x.Target == column));
        var handler = VcpuColumn.AssembleHandler(address, holder.c is null ? 0 : Register(holder.i, DmaTestRegister.InterruptCause));
        _ = _memory.Write(address, handler);

        // A 32-bit interrupt gate (SDM volume 3, 6.11).
        var gate = (address & 0xFFFF) | ((ulong)FlatSegments.Code32 << 16) | (0x8EUL << 40) | (address >> 16 << 48);
        _ = _memory.Write(LitmusLayout.InterruptTable(column) + (VcpuColumn.Vector * 8), 8, gate);
    }

    private void PrepareFunctions()
    {
        for (var column = 0; column < _windows.Length; column++)
        {
            if (_windows[column] == 0)
            {
                continue;
            }

            var devFn = FunctionOf(column).DevFn;
            var command = (PciCommand)_bus.ReadConfig(0, devFn, PciRegister.Command, 2) | PciCommand.BusMaster;
            _bus.WriteConfig(0, devFn, PciRegister.Command, 2, (uint)command);
            var script = DmaColumn.Write(_test, column, _layout, _meeting);
            _ = _memory.Write(_windows[column] + DmaTestRegisters.ScriptOffset, DmaColumn.Bytes(script));
            var cells = _test.Columns[column].Cells;
            foreach (var cell in cells)
            {
                switch (cell)
                {
                    case DmaMessageCell message:
                        AimMessages(column, message.Target);
                        break;
                    case DmaIntxCell intx:
                        AimPin(column, intx.Target);
                        break;
                    default:
                        break;
                }
            }
        }
    }

    private int VcpuOf(int column) => _test.Columns.Take(column).Count(c => c.Kind == LitmusColumnKind.Vcpu);

    private DmaTestFunction FunctionOf(int column) => _functions.Single(f => f.Name == _test.Columns[column].Name);

    // The vector's number is the target column's.
    private void AimMessages(int column, int target)
    {
        const uint Enable = 0x8000;
        var function = FunctionOf(column);
        var entry = (function.Bars[2].Address ?? 0) + ((ulong)target * 16);
        _ = _memory.Write(entry, 8, ApicBus.WindowBase | ((ulong)VcpuOf(target) << 12));
        _ = _memory.Write(entry + 8, 8, VcpuColumn.Vector);
        for (var at = _bus.ReadConfig(0, function.DevFn, 0x34, 1); at != 0; at = _bus.ReadConfig(0, function.DevFn, (int)at + 1, 1))
        {
            if (_bus.ReadConfig(0, function.DevFn, (int)at, 1) == MsixCapability.Id)
            {
                _bus.WriteConfig(0, function.DevFn, (int)at + 2, 2, Enable);
            }
        }
    }

    private void AimPin(int column, int target)
    {
        const uint Level = 1 << 15;
        const ulong Window = IoApic.DefaultBase + 0x10;
        const int RedirectionTable = 0x10;
        const int PirqRouteControl = 0x60;
        var function = FunctionOf(column);
        var pirq = PciInterruptRouter.Pirq(function.DevFn >> 3, 1);
        var irq = s_interrupts[pirq];
        _bus.WriteConfig(0, _isaBridge.DevFn, PirqRouteControl + pirq, 1, irq);
        _ = _memory.Write(IoApic.DefaultBase, 4, (ulong)(RedirectionTable + (irq * 2) + 1));
        _ = _memory.Write(Window, 4, (ulong)VcpuOf(target) << 24);
        _ = _memory.Write(IoApic.DefaultBase, 4, (ulong)(RedirectionTable + (irq * 2)));
        _ = _memory.Write(Window, 4, VcpuColumn.Vector | Level);
        _ = _memory.Write(Register(column, DmaTestRegister.InterruptEnable), 4, DmaColumn.Cause);
    }

    private void Fail(string message) => _control.RequestEnd(new MachineEnd(ExitStatus.InternalError, message));

    private sealed class EndPort(LitmusMachine machine, int column) : IBusTarget
    {
        public BusStatus Read(ulong offset, int size, out ulong value)
        {
            value = 0;
            return BusStatus.InvalidRegister;
        }

        public BusStatus Write(ulong offset, int size, ulong value)
        {
            machine.ColumnEnded!(column);
            return BusStatus.Ok;
        }
    }
}
