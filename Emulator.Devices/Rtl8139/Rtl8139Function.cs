using Emulator.Memory;
using Emulator.Pci;

namespace Emulator.Devices;

/// <summary>rtl8139: a Realtek RTL8139C or RTL8139C+ (docs/devices/rtl8139.md).</summary>
/// <remarks>
/// One lock, the device's, for registers, EEPROM, link and timer. The I/O thread does the rest: it copies what the registers say,
/// moves packets without a lock, and takes the lock again to say what came of it. What it copied has a stamp that each
/// write of a register changes, so that it looks again when there is something new.
/// </remarks>
public sealed partial class Rtl8139Function : PciFunction, IBusTarget, IRegisterBehaviour<Rtl8139Register>, IDisposable
{
    /// <summary>Realtek.</summary>
    public const ushort Vendor = 0x10EC;

    /// <summary>Both parts.</summary>
    public const ushort Device = 0x8139;

    private const int IoWindow = 0;
    private const int MemoryWindow = 1;

    private readonly Lock _lock = new();
    private readonly RegisterFile<Rtl8139Register> _registers;
    private readonly InterruptCause _causes;
    private readonly MicrowireEeprom _eeprom;
    private readonly Rtl8139Media _media;
    private readonly Rtl8139Timer _timer;
    private readonly Rtl8139Receiver _receiver;
    private readonly Rtl8139Transmitter _transmitter;
    private readonly Rtl8139TallyDump _tallyDump;
    private readonly LinkWork _linkWork;

    // All under the lock.
    private Reset _resetWritten;
    private int _resets;

    /// <summary>A function to put on a bus.</summary>
    /// <param name="name">What messages call it.</param>
    /// <param name="variant">Which part.</param>
    /// <param name="thread">Moves its packets.</param>
    /// <param name="clock">The machine's time.</param>
    /// <param name="port">What is in its socket.</param>
    /// <param name="address">What its EEPROM has as the station's address.</param>
    public Rtl8139Function(string name, Rtl8139Variant variant, IoThread thread, IClock clock, NetworkPort port, MacAddress address)
        : base(name, new PciIdentity(Vendor, Device, (byte)variant, 0x020000))
    {
        ArgumentNullException.ThrowIfNull(clock);
        ArgumentNullException.ThrowIfNull(port);
        Port = port;
        UseInterruptPin(1);
        AddIoBar(IoWindow, Rtl8139Registers.Length, this);
        AddMemoryBar(MemoryWindow, Rtl8139Registers.Length, this);
        AddPowerManagement();
        _registers = new RegisterFile<Rtl8139Register>(Rtl8139Registers.Length, Rtl8139Registers.Table(variant, address), this);
        _causes = new InterruptCause(Interrupt);
        _eeprom = Rtl8139Eeprom.Create(address);
        Queue = new IoQueue(thread, name, _lock);
        _linkWork = new LinkWork(this);
        _media = new Rtl8139Media(clock, name, () => Queue.Post(_linkWork));
        _timer = new Rtl8139Timer(clock, name, ExpireTimer);
        _receiver = new Rtl8139Receiver(this, clock);
        _transmitter = new Rtl8139Transmitter(this, _receiver);
        _tallyDump = new Rtl8139TallyDump(this);
        IsCPlus = variant == Rtl8139Variant.CPlus;
    }

    private enum Reset : byte
    {
        None,

        // CR's: IDR, MAR, the configuration and the PHY stay.
        Soft,

        // 9346CR's, and the bus's.
        Full,
    }

    /// <summary>True for an RTL8139C+.</summary>
    public bool IsCPlus { get; }

    internal IoQueue Queue { get; }

    internal NetworkPort Port { get; }

    internal Rtl8139Tally Tally { get; } = new();

    /// <summary>Ends what runs. Before its thread is disposed; the guest no longer runs.</summary>
    public void Dispose()
    {
        Queue.Dispose();
        _media.Dispose();
        _timer.Dispose();
        _receiver.Dispose();
    }

    /// <inheritdoc/>
    BusStatus IBusTarget.Read(ulong offset, int size, out ulong value)
    {
        if (!Answers)
        {
            value = ulong.MaxValue;
            return BusStatus.InvalidRegister;
        }

        lock (_lock)
        {
            return _registers.Read(offset, size, out value);
        }
    }

    /// <inheritdoc/>
    BusStatus IBusTarget.Write(ulong offset, int size, ulong value)
    {
        if (!Answers)
        {
            return BusStatus.InvalidRegister;
        }

        Reset reset;
        BusStatus status;
        lock (_lock)
        {
            status = _registers.Write(offset, size, value);
            Volatile.Write(ref _stamp, _stamp + 1);
            (reset, _resetWritten) = (_resetWritten, Reset.None);
        }

        if (reset != Reset.None)
        {
            // Waits for the I/O thread, so never under the lock.
            ResetFunction(reset);
        }

        return status;
    }

    /// <inheritdoc/>
    protected override void OnAttached()
    {
        Port.Listen(Queue, _receiver, _transmitter, _linkWork);
        PostAll();
    }

    /// <inheritdoc/>
    protected override void OnReset()
    {
        (_state, _isPowered) = (PowerState.D0, true);
        ResetFunction(Reset.Full);
    }

    // Stops accepting, waits for what runs, then clears: nothing of the old is applied to what is new.
    private void ResetFunction(Reset reset)
    {
        lock (_lock)
        {
            _resets++;
        }

        Queue.Reset(() =>
        {
            lock (_lock)
            {
                if (reset == Reset.Soft)
                {
                    ResetRegistersButKept();
                }
                else
                {
                    _registers.Reset();
                    _registers[Rtl8139Register.Address] = Rtl8139Eeprom.AddressIn(_eeprom);
                    _eeprom.SetPins(false, false, false);
                    _media.Reset();
                }

                _causes.Reset();
                _timer.SetLimit(0);
                _timer.Restart();
                Tally.Clear();
                (_enabled, _dump, _ringShift, _clockHalted) = (0, 0, 0, false);
                _receiveEpoch++;
                _transmitEpoch++;
                Volatile.Write(ref _stamp, _stamp + 1);
                _resets--;
            }
        });

        PostAll();
    }

    // What was posted before is gone, and the wire does not say it twice.
    private void PostAll()
    {
        Queue.Post(_linkWork);
        Queue.Post(_receiver);
        Queue.Post(_transmitter);
    }

    private void ExpireTimer()
    {
        lock (_lock)
        {
            if (_resets == 0 && _timer.Expire())
            {
                _causes.Raise((uint)Rtl8139Cause.Timeout);
            }
        }
    }

    // Looks at the wire, and at the end of negotiation.
    private sealed class LinkWork(Rtl8139Function function) : IoWork
    {
        protected internal override void Run()
        {
            lock (function._lock)
            {
                if (!function.Queue.IsStale && function._media.Look(function.Port.IsLinkUp))
                {
                    function._causes.Raise((uint)Rtl8139Cause.LinkChange);
                }
            }
        }
    }
}
