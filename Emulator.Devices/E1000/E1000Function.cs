using Emulator.Memory;
using Emulator.Pci;

namespace Emulator.Devices;

/// <summary>e1000: the Intel 82540EM network controller (docs/devices/e1000.md; 8254x Family Software Developer's Manual).</summary>
/// <remarks>
/// One lock, the device's, for the registers; the work on the I/O thread takes it at the beginning and at the end of a
/// turn, for many packets. Interrupt causes have no part in it.
/// </remarks>
public sealed partial class E1000Function : PciFunction, IBusTarget, IDisposable
{
    private const int MemoryWindow = 0;
    private const int IoWindow = 1;

    private static readonly PciIdentity s_identity = new(0x8086, 0x100E, 0x03, 0x020000);

    private readonly RegisterFile<E1000Register> _registers;
    private readonly MicrowireEeprom _eeprom;
    private readonly E1000Receiver _receiver;
    private readonly E1000Transmitter _transmitter;
    private readonly E1000Link _link;
    private readonly E1000Throttle _throttle;
    private readonly InterruptCause _causes;
    private readonly NetworkPort _port;

    // Under the lock.
    private bool _resetWritten;
    private int _resets;
    private uint _indirect;

    /// <summary>A function to put on a bus.</summary>
    /// <param name="name">What messages call it.</param>
    /// <param name="thread">Sends and receives.</param>
    /// <param name="clock">Delays its interrupts, and negotiates.</param>
    /// <param name="port">Its end of the wire.</param>
    /// <param name="address">In its EEPROM.</param>
    public E1000Function(string name, IoThread thread, IClock clock, NetworkPort port, MacAddress address)
        : base(name, s_identity)
    {
        ArgumentNullException.ThrowIfNull(port);
        ArgumentNullException.ThrowIfNull(clock);
        UseInterruptPin(1);
        AddMemoryBar(MemoryWindow, E1000Registers.WindowLength, this);
        AddIoBar(IoWindow, E1000Registers.Ports, new IndirectWindow(this));
        _registers = new RegisterFile<E1000Register>(E1000Registers.Length, E1000Registers.Table, this);
        _eeprom = E1000Eeprom.Create(
            address, (s_identity.SubsystemVendorId, s_identity.SubsystemId), (s_identity.VendorId, s_identity.DeviceId));
        _throttle = new E1000Throttle(Interrupt, clock, $"{name} ITR");
        _causes = new InterruptCause(_throttle);
        Queue = new IoQueue(thread, name, Lock);
        _receiver = new E1000Receiver(this, port);
        _transmitter = new E1000Transmitter(this, _receiver, port);
        _link = new E1000Link(this, port, clock, $"{name} link");
        ReceiveDelay = new E1000Delay(this, clock, $"{name} RDTR", E1000Cause.ReceiveTimer);
        TransmitDelay = new E1000Delay(this, clock, $"{name} TIDV", E1000Cause.TransmitWritten);
        LoadAddress();
        _port = port;
    }

    /// <summary>The device's lock.</summary>
    internal Lock Lock { get; } = new();

    /// <summary>Its place on its I/O thread.</summary>
    internal IoQueue Queue { get; }

    /// <summary>RDTR and RADV. Under the lock.</summary>
    internal E1000Delay ReceiveDelay { get; }

    /// <summary>TIDV and TADV. Under the lock.</summary>
    internal E1000Delay TransmitDelay { get; }

    /// <summary>The registers. Under the lock.</summary>
    internal RegisterFile<E1000Register> Registers => _registers;

    /// <summary>True if work must not change anything: there was a reset since it was posted, or there is one. Under the lock, on the I/O thread.</summary>
    internal bool IsHalted => Queue.IsStale || _resets > 0;

    /// <summary>CTRL.VME. Under the lock.</summary>
    internal bool IsVlanMode => ((E1000Control)_registers[E1000Register.Control] & E1000Control.VlanMode) != 0;

    /// <summary>STATUS.LU. Under the lock.</summary>
    internal bool IsLinkUp => ((E1000Status)_registers[E1000Register.Status] & E1000Status.LinkUp) != 0;

    /// <summary>True if what is sent comes back: by the PHY, or by RCTL.LBM. Under the lock.</summary>
    internal bool IsLoopback =>
        _link.Phy.IsLoopback || ((E1000ReceiveControl)_registers[E1000Register.ReceiveControl] & E1000ReceiveControl.Loopback) != 0;

    /// <summary>Ends what runs. Before its thread is disposed; the guest no longer runs.</summary>
    public void Dispose()
    {
        Queue.Dispose();
        _throttle.Dispose();
        ReceiveDelay.Dispose();
        TransmitDelay.Dispose();
        _link.Dispose();
    }

    /// <summary>Sets causes, of what is in memory by now. On the I/O thread, without the device's lock: causes and their mask keep their own order.</summary>
    internal void Raise(E1000Cause causes)
    {
        if (causes == 0)
        {
            return;
        }

        if (Dma.IsDropped(InterruptSites.MaskRecheck))
        {
            _causes.RaiseUnfenced((uint)causes);
        }
        else
        {
            _causes.Raise((uint)causes);
        }
    }

    /// <summary>Brings STATUS.LU to where the PHY and CTRL.SLU have it. Under the lock.</summary>
    /// <returns>True if it has changed: LSC is to be raised.</returns>
    internal bool UpdateLink()
    {
        var isUp = _link.Phy.IsLinkUp && ((E1000Control)_registers[E1000Register.Control] & E1000Control.SetLinkUp) != 0;
        if (isUp == IsLinkUp)
        {
            return false;
        }

        _registers[E1000Register.Status] ^= (ulong)E1000Status.LinkUp;
        return true;
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
        bool wasReset;
        BusStatus status;
        lock (Lock)
        {
            status = _registers.Write(offset, size, value);
            (wasReset, _resetWritten) = (_resetWritten, false);
        }

        if (wasReset)
        {
            // Waits for the I/O thread, so never under the lock.
            ResetFunction(withPhy: false);
        }

        return status;
    }

    /// <inheritdoc/>
    protected override void OnAttached()
    {
        _port.Listen(Queue, _receiver, _transmitter, _link);
        PostAll();
    }

    /// <inheritdoc/>
    protected override void OnReset() => ResetFunction(withPhy: true);

    /// <inheritdoc/>
    protected override void OnConfigWritten(int offset, int size)
    {
        if (offset <= PciRegister.Command && offset + size > PciRegister.Command)
        {
            // Work that was refused the bus goes on now.
            PostAll();
        }
    }

    // What a reset drops is posted again by this: what is on the wire is looked at, and the link.
    private void PostAll()
    {
        Queue.Post(_link);
        Queue.Post(_receiver);
        Queue.Post(_transmitter);
    }

    // Stops accepting, waits for what runs, then clears: nothing of the old is applied to what is new.
    private void ResetFunction(bool withPhy)
    {
        lock (Lock)
        {
            _resets++;
        }

        Queue.Reset(() =>
        {
            lock (Lock)
            {
                _registers.Reset();
                LoadAddress();
                _eeprom.SetPins(select: false, clock: false, dataIn: false);
                _transmitter.Reset();
                _receiver.Reset();
                ReceiveDelay.Cancel();
                TransmitDelay.Cancel();
                _causes.Reset();
                _throttle.Reset();
                _indirect = 0;
                if (withPhy)
                {
                    _link.Reset();
                }

                UpdateLink();
                _resets--;
            }
        });

        PostAll();
    }

    private void LoadAddress() => _registers[E1000Register.ReceiveAddress] = E1000Eeprom.ReceiveAddress(_eeprom);
}
