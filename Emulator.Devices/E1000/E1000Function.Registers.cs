using Emulator.Memory;

namespace Emulator.Devices;

// The registers that do something (8254x manual, 13.4).
public sealed partial class E1000Function : IRegisterBehaviour<E1000Register>
{
    private const uint FlushPartial = 1U << 31;

    /// <inheritdoc/>
    ulong IRegisterBehaviour<E1000Register>.ReadRegister(E1000Register register, ulong value, ulong lanes)
    {
        switch (register)
        {
            case E1000Register.InterruptCauseRead:
                return _causes.Clear((uint)lanes);
            case E1000Register.InterruptCauseSet:
                return _causes.Cause;
            case E1000Register.InterruptMaskSet:
                return _causes.Mask;
            case E1000Register.EepromControl:
                return value | (_eeprom.DataOut ? (ulong)E1000EepromControl.DataOut : 0);
            default:
                return value;
        }
    }

    /// <inheritdoc/>
    void IRegisterBehaviour<E1000Register>.WriteRegister(E1000Register register, ulong written, ulong lanes)
    {
        switch (register)
        {
            case E1000Register.Control:
                WriteControl((E1000Control)written);
                break;
            case E1000Register.EepromControl:
                WriteEepromPins();
                break;
            case E1000Register.EepromRead:
                ReadEeprom((uint)written);
                break;
            case E1000Register.ControlExtended when ((E1000ControlExtended)written & E1000ControlExtended.EepromReset) != 0:
                LoadAddress();
                _receiver.FilterWritten();
                break;
            case E1000Register.MdiControl when lanes >> 24 != 0:
                WriteMdi((uint)written);
                break;

            case E1000Register.InterruptCauseRead:
                _causes.Clear((uint)written);
                break;
            case E1000Register.InterruptCauseSet:
                _causes.Raise((uint)written & (uint)E1000Cause.All);
                break;
            case E1000Register.InterruptMaskSet:
                _causes.SetMask(_causes.Mask | ((uint)written & (uint)E1000Cause.All));
                break;
            case E1000Register.InterruptMaskClear:
                _causes.SetMask(_causes.Mask & ~(uint)written);
                break;
            case E1000Register.InterruptThrottling:
                _throttle.SetInterval(_registers[register]);
                break;

            case E1000Register.TransmitTail:
                _transmitter.TailWritten();
                Queue.Post(_transmitter);
                break;
            case E1000Register.TransmitControl:
                Queue.Post(_transmitter);
                break;
            case E1000Register.TransmitBase or E1000Register.TransmitLength or E1000Register.TransmitHead:
                _transmitter.RingWritten();
                break;
            case E1000Register.TransmitDelay when (written & FlushPartial) != 0 && TransmitDelay.Cancel():
                _causes.Raise((uint)E1000Cause.TransmitWritten);
                break;

            case E1000Register.ReceiveTail:
                PostBoth();
                break;
            case E1000Register.ReceiveControl:
                WriteReceiveControl();
                break;
            case E1000Register.ReceiveBase or E1000Register.ReceiveLength or E1000Register.ReceiveHead:
                _receiver.RingWritten();
                break;
            case E1000Register.ReceiveDelay when (written & FlushPartial) != 0 && ReceiveDelay.Cancel():
                _causes.Raise((uint)E1000Cause.ReceiveTimer);
                break;

            case E1000Register.PacketBufferAllocation:
                var receive = _registers[register] & 0x7F;
                _registers[register] = receive | ((E1000Registers.PacketBuffer - Math.Min(receive, E1000Registers.PacketBuffer)) << 16);
                break;
            case E1000Register.VlanType or E1000Register.FlowControlAddress or E1000Register.FlowControlType:
                _receiver.FilterWritten();
                break;
            case >= E1000Register.MulticastTable and < E1000Register.WakeUpControl:
                _receiver.FilterWritten();
                break;
            default:
                break;
        }
    }

    private void WriteControl(E1000Control written)
    {
        _resetWritten |= (written & E1000Control.DeviceReset) != 0;
        if ((written & E1000Control.PhyReset) != 0)
        {
            _link.Reset();
        }

        FollowLink();
    }

    private void WriteReceiveControl()
    {
        if (((E1000ReceiveControl)_registers[E1000Register.ReceiveControl] & E1000ReceiveControl.Enable) == 0)
        {
            _receiver.RingWritten();
        }

        _receiver.FilterWritten();
        PostBoth();
    }

    // In a loopback the transmitter waits for the receiver's descriptors.
    private void PostBoth()
    {
        Queue.Post(_receiver);
        if (IsLoopback)
        {
            Queue.Post(_transmitter);
        }
    }

    private void WriteEepromPins()
    {
        var control = (E1000EepromControl)_registers[E1000Register.EepromControl];
        _eeprom.SetPins(
            (control & E1000EepromControl.Select) != 0,
            (control & E1000EepromControl.Clock) != 0,
            (control & E1000EepromControl.DataIn) != 0);

        // There is nobody else who would want them; DO is what the EEPROM says, and in the register always 0.
        control &= ~(E1000EepromControl.Grant | E1000EepromControl.DataOut);
        control |= (control & E1000EepromControl.Request) != 0 ? E1000EepromControl.Grant : 0;
        _registers[E1000Register.EepromControl] = (ulong)control;
    }

    private void ReadEeprom(uint written)
    {
        if (((E1000EepromRead)written & E1000EepromRead.Start) != 0)
        {
            var address = (byte)(written >> 8);
            _registers[E1000Register.EepromRead] = ((ulong)_eeprom[address] << 16) | ((ulong)address << 8) | (ulong)E1000EepromRead.Done;
        }
    }

    private void WriteMdi(uint written)
    {
        var control = ((E1000MdiControl)written & ~E1000MdiControl.Error) | E1000MdiControl.Ready;
        var register = (int)(written >> 16) & 31;
        if ((written >> 21 & 31) != E1000Phy.Address)
        {
            control |= E1000MdiControl.Error;
        }
        else if ((control & E1000MdiControl.Read) != 0)
        {
            control = (E1000MdiControl)((uint)control & 0xFFFF_0000) | (E1000MdiControl)_link.Phy.Read(register);
        }
        else if ((control & E1000MdiControl.Write) != 0)
        {
            WritePhy(register, (ushort)written);
        }

        _registers[E1000Register.MdiControl] = (ulong)control;
        if ((control & E1000MdiControl.Interrupt) != 0)
        {
            _causes.Raise((uint)E1000Cause.MdiDone);
        }
    }

    private void WritePhy(int register, ushort value)
    {
        if (_link.Phy.Write(register, value))
        {
            _link.Negotiate();
        }

        // A loopback may have come or gone, and frames that wait with it.
        FollowLink();
        Queue.Post(_receiver);
        Queue.Post(_transmitter);
    }

    private void FollowLink()
    {
        if (UpdateLink())
        {
            _causes.Raise((uint)E1000Cause.LinkChanged);
        }
    }

    // The registers by way of two ports: IOADDR says which, IODATA is it (13.3.2).
    private sealed class IndirectWindow(E1000Function function) : IBusTarget
    {
        private const uint DataPort = 4;
        private const int DwordSize = 4;

        public BusStatus Read(ulong offset, int size, out ulong value)
        {
            IBusTarget registers = function;
            if (offset is >= DataPort and < 2 * DataPort)
            {
                return registers.Read(Address + offset - DataPort, Math.Min(size, (int)((2 * DataPort) - offset)), out value);
            }

            value = offset < DataPort ? Address >> ((int)offset * 8) : ulong.MaxValue >> (64 - (size * 8));
            return offset < DataPort ? BusStatus.Ok : BusStatus.InvalidRegister;
        }

        public BusStatus Write(ulong offset, int size, ulong value)
        {
            IBusTarget registers = function;
            if (offset is >= DataPort and < 2 * DataPort)
            {
                return registers.Write(Address + offset - DataPort, Math.Min(size, (int)((2 * DataPort) - offset)), value);
            }

            if (offset != 0 || size != DwordSize)
            {
                return BusStatus.InvalidSize;
            }

            lock (function.Lock)
            {
                // It is always a whole dword that is reached; bits beyond the window are not there.
                function._indirect = (uint)value & (E1000Registers.WindowLength - DwordSize);
            }

            return BusStatus.Ok;
        }

        private uint Address
        {
            get
            {
                lock (function.Lock)
                {
                    return function._indirect;
                }
            }
        }
    }
}
