using Emulator.Memory;
using Emulator.Pci;

namespace Emulator.Devices;

/// <summary>eepro100: an Ethernet controller of Intel's 8255x family (docs/devices/eepro100.md).</summary>
/// <remarks>
/// One lock, the device's, for registers, the states of the units and the PHY. The units themselves, the configuration and the
/// statistics belong to the I/O thread and need none. Here is the bus side; what the I/O thread uses is in the other file.
/// </remarks>
public sealed partial class Eepro100Function : PciFunction, IBusTarget, IRegisterBehaviour<Eepro100Register>, IDisposable
{
    private const int MemoryWindow = 0;
    private const int IoWindow = 1;
    private const int FlashWindow = 2;

    private readonly Eepro100Variant _variant;
    private readonly RegisterFile<Eepro100Register> _registers;
    private readonly InterruptCause _causes;
    private readonly MicrowireEeprom _eeprom;
    private readonly Eepro100CommandUnit _commandUnit;
    private readonly Eepro100ReceiveUnit _receiveUnit;
    private readonly Eepro100PortWork _portWork;

    // Under the lock.
    private uint? _portWritten;
    private int _resets;

    /// <summary>A function to put on a bus.</summary>
    /// <param name="name">What messages call it.</param>
    /// <param name="variant">Which of the family.</param>
    /// <param name="thread">Does its DMA.</param>
    /// <param name="clock">Times the PHY's negotiation.</param>
    /// <param name="port">Its end of the wire.</param>
    /// <param name="address">What its EEPROM says is its address.</param>
    public Eepro100Function(string name, Eepro100Variant variant, IoThread thread, IClock clock, NetworkPort port, MacAddress address)
        : base(name, (variant ?? throw new ArgumentNullException(nameof(variant))).Identity)
    {
        ArgumentNullException.ThrowIfNull(clock);
        ArgumentNullException.ThrowIfNull(port);
        _variant = variant;
        DescribeConfiguration();
        _registers = new RegisterFile<Eepro100Register>(Eepro100Registers.Length, Eepro100Registers.Table, this);
        _causes = new InterruptCause(Interrupt);
        _eeprom = Eepro100Board.CreateEeprom(variant, address);
        Queue = new IoQueue(thread, name, Lock);
        Port = port;
        _receiveUnit = new Eepro100ReceiveUnit(this);
        _commandUnit = new Eepro100CommandUnit(this, _receiveUnit);
        _portWork = new Eepro100PortWork(this);
        _link = new Eepro100Link(this, clock, Eepro100Board.CreatePhy());
        Configuration.Reset(Eepro100Board.AddressIn(_eeprom));
        SetMask();
    }

    /// <summary>Ends what runs. Before its thread is disposed; the guest no longer runs.</summary>
    public void Dispose()
    {
        _link.Dispose();
        Queue.Dispose();
    }

    /// <inheritdoc/>
    BusStatus IBusTarget.Read(ulong offset, int size, out ulong value)
    {
        lock (Lock)
        {
            return _registers.Read(offset, size, out value);
        }
    }

    /// <inheritdoc/>
    BusStatus IBusTarget.Write(ulong offset, int size, ulong value)
    {
        BusStatus status;
        uint? port;
        lock (Lock)
        {
            status = _registers.Write(offset, size, value);
            (port, _portWritten) = (_portWritten, null);
        }

        if (port is { } written)
        {
            // A reset waits for the I/O thread, so never under the lock.
            ExecutePort((Eepro100PortCommand)(written & 0xF), written & ~0xFU);
        }

        return status;
    }

    /// <inheritdoc/>
    ulong IRegisterBehaviour<Eepro100Register>.ReadRegister(Eepro100Register register, ulong value, ulong lanes) => register switch
    {
        Eepro100Register.UnitStatus => (CommandUnitCode(_commandUnit.State) << 6) | (ReceiveUnitCode(_receiveUnit.State) << 2),
        Eepro100Register.Acknowledge => _causes.Cause,
        Eepro100Register.Command => value & ((_commandUnit.IsTold ? 0xF0U : 0) | (_receiveUnit.IsTold ? 0x0FU : 0)),
        Eepro100Register.Port => 0,
        Eepro100Register.EepromControl => (value & ~(ulong)Eepro100EepromPins.DataOut) | (_eeprom.DataOut ? (ulong)Eepro100EepromPins.DataOut : 0),
        Eepro100Register.GeneralStatus => (ulong)_link.Status,
        _ => value,
    };

    /// <inheritdoc/>
    void IRegisterBehaviour<Eepro100Register>.WriteRegister(Eepro100Register register, ulong written, ulong lanes)
    {
        switch (register)
        {
            case Eepro100Register.Acknowledge:
                _causes.Clear((uint)written);
                break;
            case Eepro100Register.Command when _resets == 0:
                _registers[Eepro100Register.Command] = written;
                ExecuteReceiveUnit((Eepro100ReceiveUnitCommand)(written & 0x7));
                ExecuteCommandUnit((Eepro100CommandUnitCommand)(written >> 4));
                break;
            case Eepro100Register.InterruptMask:
                SetMask();
                if (((Eepro100InterruptMask)written & Eepro100InterruptMask.Software) != 0)
                {
                    _causes.Raise((uint)Eepro100Cause.Software);
                }

                break;
            case Eepro100Register.Port when lanes >> 24 != 0:
                _portWritten = (uint)_registers[Eepro100Register.Port];
                break;
            case Eepro100Register.EepromControl when (lanes & 0xFF) != 0:
                SetEepromPins();
                break;
            case Eepro100Register.MdiControl:
                ExecuteMdi(lanes >> 24 != 0);
                break;
            default:
                break;
        }
    }

    /// <inheritdoc/>
    protected override void OnConfigWritten(int offset, int size)
    {
        if (offset == PciRegister.Command && (Command & PciCommand.BusMaster) != 0)
        {
            // What could not reach memory may now.
            Post();
        }
    }

    /// <inheritdoc/>
    protected override void OnAttached()
    {
        Port.Listen(Queue, _receiveUnit, _commandUnit, _link);
        lock (Lock)
        {
            _link.Reset();
        }
    }

    /// <inheritdoc/>
    protected override void OnReset() => ResetFunction(Eepro100PortCommand.SoftwareReset, withPhy: true);

    private static ulong CommandUnitCode(Eepro100UnitState state) => state switch
    {
        Eepro100UnitState.Active => 2,
        Eepro100UnitState.Suspended => 1,
        _ => 0,
    };

    private static ulong ReceiveUnitCode(Eepro100UnitState state) => state switch
    {
        Eepro100UnitState.Active => 4,
        Eepro100UnitState.Suspended => 1,
        Eepro100UnitState.NoResources => 2,
        Eepro100UnitState.NoBuffers => 10,
        _ => 0,
    };

    private void DescribeConfiguration()
    {
        const int MinimumGrant = 0x3E, MaximumLatency = 0x3F;
        const uint FastBackToBackMediumSelect = 0x0280;
        UseInterruptPin(1);
        Config.SetBits(PciRegister.Status, 2, FastBackToBackMediumSelect, FastBackToBackMediumSelect);
        Config.Define(MinimumGrant, 1, 0x08);
        Config.Define(MaximumLatency, 1, 0x18);
        AddMemoryBar(MemoryWindow, Eepro100Registers.WindowLength, this, prefetchable: true);
        AddIoBar(IoWindow, Eepro100Registers.Length, this);
        AddMemoryBar(FlashWindow, Eepro100Registers.FlashLength, new ErasedFlash());
    }

    private void ExecuteReceiveUnit(Eepro100ReceiveUnitCommand command)
    {
        if (_receiveUnit.Accept(command, (uint)_registers[Eepro100Register.Pointer]))
        {
            Queue.Post(_receiveUnit);
        }
    }

    private void ExecuteCommandUnit(Eepro100CommandUnitCommand command)
    {
        if (_commandUnit.Accept(command, (uint)_registers[Eepro100Register.Pointer]))
        {
            Queue.Post(_commandUnit);
        }
    }

    private void SetEepromPins()
    {
        var pins = (Eepro100EepromPins)_registers[Eepro100Register.EepromControl];
        _eeprom.SetPins((pins & Eepro100EepromPins.Select) != 0, (pins & Eepro100EepromPins.Clock) != 0, (pins & Eepro100EepromPins.DataIn) != 0);
    }

    // The transaction takes no time: it is over when its register is next read.
    private void ExecuteMdi(bool execute)
    {
        var control = _registers[Eepro100Register.MdiControl];
        if (execute)
        {
            control = (control & ~0xFFFFUL) | _link.Execute((uint)control) | (uint)Eepro100Mdi.Ready;
            if (((Eepro100Mdi)control & Eepro100Mdi.InterruptEnable) != 0)
            {
                _causes.Raise((uint)Eepro100Cause.Mdi);
            }
        }

        _registers[Eepro100Register.MdiControl] = control;
    }

    private void ExecutePort(Eepro100PortCommand command, uint address)
    {
        if (command <= Eepro100PortCommand.SelectiveReset)
        {
            ResetFunction(command, withPhy: false);
        }

        if (command is Eepro100PortCommand.SelfTest or Eepro100PortCommand.Dump)
        {
            lock (Lock)
            {
                _portWork.Accept(command, address);
            }

            Queue.Post(_portWork);
        }
    }

    // Stops accepting, waits for what runs, then clears: nothing of the old is applied to what is new.
    private void ResetFunction(Eepro100PortCommand reset, bool withPhy)
    {
        lock (Lock)
        {
            _resets++;
        }

        Queue.Reset(() =>
        {
            lock (Lock)
            {
                var isSelective = reset == Eepro100PortCommand.SelectiveReset;
                _registers.Reset();
                _causes.Reset();
                SetMask();
                SetEepromPins();
                _commandUnit.Reset(isSelective);
                _receiveUnit.Reset(isSelective);
                _portWork.Reset();
                if (!isSelective)
                {
                    Configuration.Reset(Eepro100Board.AddressIn(_eeprom));
                    Statistics.Reset();
                }

                if (withPhy)
                {
                    _link.Reset();
                }

                _resets--;
            }
        });

        Post();
    }

    private void Post()
    {
        PostUnits();
        Queue.Post(_portWork);
        Queue.Post(_link);
    }

    private void SetMask()
    {
        var written = (Eepro100InterruptMask)_registers[Eepro100Register.InterruptMask];
        var masked = (uint)(written & Eepro100InterruptMask.Specific)
            | ((written & Eepro100InterruptMask.FlowControlPause) != 0 ? (uint)Eepro100Cause.FlowControlPause : 0);
        _causes.SetMask((written & Eepro100InterruptMask.All) != 0 ? 0 : _variant.Is82557 ? 0xFF : 0xFF & ~masked);
    }

    // No flash chip has anything written to it.
    private sealed class ErasedFlash : IBusTarget
    {
        public BusStatus Read(ulong offset, int size, out ulong value)
        {
            value = ulong.MaxValue;
            return BusStatus.Ok;
        }

        public BusStatus Write(ulong offset, int size, ulong value) => BusStatus.Ok;
    }
}
