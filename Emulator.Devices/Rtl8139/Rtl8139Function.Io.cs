using Emulator.Memory;
using Emulator.Pci;

namespace Emulator.Devices;

// The function as its I/O thread uses it: what the registers say, and what comes of it.
public sealed partial class Rtl8139Function
{
    // Status register, bit 13: a master abort; bit 12: a target's.
    private const uint MasterAbort = 0x2000;
    private const uint TargetAbort = 0x1000;

    private int _stamp;

    /// <summary>Changes whenever a register was written. Any thread.</summary>
    internal int Stamp => Volatile.Read(ref _stamp);

    /// <summary>Copies what the receiver needs.</summary>
    internal void Load(out Rtl8139Reception reception)
    {
        lock (_lock)
        {
            LoadUnderLock(out reception);
        }
    }

    /// <summary>Copies what the transmitter needs.</summary>
    internal void Load(out Rtl8139Transmission transmission)
    {
        lock (_lock)
        {
            var on = (_enabled & Rtl8139Command.TransmitEnable) != 0 && _isPowered && !_clockHalted;
            transmission = new Rtl8139Transmission
            {
                Stamp = _stamp,
                Epoch = _transmitEpoch,
                IsOn = on,
                Configuration = TransmitConfiguration,
                IsCPlus = HasDump,
                Poll = IsCPlus ? (Rtl8139TransmitPoll)_registers[Rtl8139Register.TransmitPoll] : 0,
                NormalRing = RingAt(0),
                HighRing = RingAt(2),
            };
            _transmitter.IsBusy = on;
        }
    }

    /// <summary>One of the four descriptors in registers.</summary>
    internal (Rtl8139TransmitStatus Status, uint Address) LoadTransmit(int descriptor)
    {
        lock (_lock)
        {
            return (TransmitStatus(descriptor), (uint)_registers[Rtl8139Register.TransmitAddress + (ushort)(descriptor * 4)]);
        }
    }

    /// <summary>Sets bits of a descriptor in a register; not if the transmitter was restarted since.</summary>
    internal void CompleteTransmit(int descriptor, Rtl8139TransmitStatus bits, int epoch)
    {
        lock (_lock)
        {
            if (epoch == _transmitEpoch && !Queue.IsStale)
            {
                _registers[TransmitStatusOf(descriptor)] |= (ulong)bits;
            }
        }
    }

    /// <summary>A ring has come to its end.</summary>
    /// <param name="ring">TPPoll's bit.</param>
    /// <param name="stamp">What it was when the ring was looked at.</param>
    /// <returns>False if a register was written since: perhaps TPPoll, so look again.</returns>
    internal bool EndPoll(Rtl8139TransmitPoll ring, int stamp)
    {
        lock (_lock)
        {
            if (stamp != _stamp || Queue.IsStale)
            {
                return Queue.IsStale;
            }

            _registers[Rtl8139Register.TransmitPoll] &= ~(ulong)ring;
            return true;
        }
    }

    /// <summary>TDOKLA.</summary>
    internal void SetLastTransmitted(ulong address)
    {
        lock (_lock)
        {
            if (!Queue.IsStale)
            {
                _registers[Rtl8139Register.LastTransmitted] = (ushort)address;
            }
        }
    }

    /// <summary>Moves CBR, which shows the driver a packet, and copies anew what the receiver needs.</summary>
    internal void MoveWritePointer(int offset, ref Rtl8139Reception reception)
    {
        lock (_lock)
        {
            if (reception.Epoch == _receiveEpoch && !Queue.IsStale)
            {
                _registers[Rtl8139Register.WritePointer] = (ulong)offset;
            }

            LoadUnderLock(out reception);
        }
    }

    /// <summary>Counts a packet that was lost for want of room: MPC, 24 bits.</summary>
    internal void CountMissed()
    {
        lock (_lock)
        {
            if (!Queue.IsStale)
            {
                _registers[Rtl8139Register.MissedPackets] = (_registers[Rtl8139Register.MissedPackets] + 1) & 0xFF_FFFF;
            }
        }

        Tally.CountMissed();
    }

    /// <summary>DTCCR.</summary>
    internal ulong LoadDump()
    {
        lock (_lock)
        {
            return _dump;
        }
    }

    /// <summary>The counters are in memory, or never will be.</summary>
    internal void EndDump()
    {
        lock (_lock)
        {
            if (!Queue.IsStale)
            {
                _dump &= ~(ulong)Rtl8139DumpTally.Command;
            }
        }
    }

    /// <summary>Sets causes. Without the device's lock: causes and their mask keep their own order.</summary>
    internal void Raise(Rtl8139Cause causes)
    {
        if (Dma.IsDropped(InterruptSites.MaskRecheck))
        {
            _causes.RaiseUnfenced((uint)causes);
        }
        else
        {
            _causes.Raise((uint)causes);
        }
    }

    /// <summary>An access to memory was refused for another reason than that the function is no bus master.</summary>
    internal void Fault(DmaStatus status)
    {
        var abort = status == DmaStatus.Unassigned ? MasterAbort : TargetAbort;
        Config.SetBits(PciRegister.Status, 2, abort, abort);
        Raise(Rtl8139Cause.SystemError);
    }

    // TNPDS, THPDS: multiples of 256.
    private ulong RingAt(int index) =>
        (_registers[Rtl8139Register.TransmitAddress + (ushort)(index * 4)]
            | (_registers[Rtl8139Register.TransmitAddress + (ushort)((index + 1) * 4)] << 32)) & ~0xFFUL;

    private void LoadUnderLock(out Rtl8139Reception reception)
    {
        var configuration = ReceiveConfiguration;
        reception = new Rtl8139Reception
        {
            Stamp = _stamp,
            Epoch = _receiveEpoch,
            IsOn = (_enabled & Rtl8139Command.ReceiveEnable) != 0 && _isPowered && !_clockHalted,
            IsLoopback = (TransmitConfiguration & Rtl8139TransmitConfiguration.Loopback) == Rtl8139TransmitConfiguration.Loopback,
            Configuration = configuration,
            Address = _registers[Rtl8139Register.Address] & Rtl8139Registers.WritableAddress,
            Filter = _registers[Rtl8139Register.MulticastFilter],
            Ring = (uint)_registers[Rtl8139Register.ReceiveBufferStart],
            RingSize = RingSize,
            Write = WriteOffset,
            Read = ReadOffset,
            CPlus = CPlusCommand,
            Descriptors = IsCPlus ? _registers[Rtl8139Register.ReceiveDescriptors] : 0,
        };
        _receiver.IsBusy = reception.IsOn;
    }
}
