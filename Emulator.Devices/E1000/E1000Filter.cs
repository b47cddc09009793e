using System.Buffers.Binary;

namespace Emulator.Devices;

/// <summary>Which frames are for this station (8254x manual, 3.2.1 and 13.5).</summary>
/// <remarks>Works on copies of the tables, taken over when the driver has changed them.</remarks>
internal sealed class E1000Filter
{
    /// <summary>The EtherType of MAC control frames.</summary>
    private const ushort MacControl = 0x8808;

    private const ulong Valid = 1UL << 63;
    private const ulong SourceSelect = 1UL << 48;
    private const ulong AddressBits = 0xFFFF_FFFF_FFFF;

    private readonly ulong[] _addresses = new ulong[E1000Registers.Addresses];
    private readonly uint[] _multicast = new uint[E1000Registers.TableLength];
    private readonly uint[] _vlans = new uint[E1000Registers.TableLength];
    private E1000ReceiveControl _control;
    private ushort _vlanType;
    private ulong _pauseAddress;
    private ushort _pauseType;

    /// <summary>Takes the registers over. Under the device's lock.</summary>
    public void Load(RegisterFile<E1000Register> registers)
    {
        for (var i = 0; i < _addresses.Length; i++)
        {
            _addresses[i] = registers[E1000Registers.Address(i)];
        }

        for (var i = 0; i < E1000Registers.TableLength; i++)
        {
            _multicast[i] = (uint)registers[E1000Register.MulticastTable.At(i)];
            _vlans[i] = (uint)registers[E1000Register.VlanTable.At(i)];
        }

        _control = (E1000ReceiveControl)registers[E1000Register.ReceiveControl];
        _vlanType = (ushort)registers[E1000Register.VlanType];
        _pauseAddress = registers[E1000Register.FlowControlAddress];
        _pauseType = (ushort)registers[E1000Register.FlowControlType];
    }

    /// <summary>True if a frame goes to everybody.</summary>
    /// <param name="frame">Any length.</param>
    public static bool IsBroadcast(ReadOnlySpan<byte> frame) => frame.StartsWith(Everybody);

    /// <summary>True if a frame has a tag.</summary>
    public bool IsTagged(ReadOnlySpan<byte> frame) => TypeAt(frame, 12) == _vlanType;

    /// <summary>True if a frame is to be received.</summary>
    /// <param name="frame">60 bytes at least.</param>
    /// <param name="inexact">True if only the hash or promiscuity let it pass.</param>
    /// <param name="pause">+1 for XOFF, -1 for XON, 0 for what is no PAUSE frame.</param>
    public bool Passes(ReadOnlySpan<byte> frame, out bool inexact, out int pause)
    {
        inexact = false;
        pause = PauseOf(frame);
        if (pause != 0 && Has(E1000ReceiveControl.DiscardPause))
        {
            return false;
        }

        if (pause == 0 && Has(E1000ReceiveControl.PassControl) && TypeAt(frame, 12) == MacControl)
        {
            return true;
        }

        return PassesAddress(frame, out inexact) && PassesVlan(frame);
    }

    private bool PassesAddress(ReadOnlySpan<byte> frame, out bool inexact)
    {
        inexact = false;
        var destination = Destination(frame);
        var source = BinaryPrimitives.ReadUInt64LittleEndian(frame[6..]) & AddressBits;
        foreach (var entry in _addresses)
        {
            if ((entry & Valid) != 0 && (entry & AddressBits) == ((entry & SourceSelect) != 0 ? source : destination))
            {
                return true;
            }
        }

        if (destination == AddressBits && Has(E1000ReceiveControl.Broadcast))
        {
            return true;
        }

        inexact = true;
        if ((destination & 1) == 0)
        {
            return Has(E1000ReceiveControl.UnicastPromiscuous);
        }

        var hash = (int)(destination >> 32 >> _control.MulticastShift()) & 0xFFF;
        return Has(E1000ReceiveControl.MulticastPromiscuous) || (_multicast[hash >> 5] & (1U << hash)) != 0;
    }

    private bool PassesVlan(ReadOnlySpan<byte> frame)
    {
        if (!Has(E1000ReceiveControl.VlanFilter) || !IsTagged(frame))
        {
            return true;
        }

        var tag = TypeAt(frame, 14);
        if (Has(E1000ReceiveControl.CanonicalFilter) && ((tag & 0x1000) != 0) != Has(E1000ReceiveControl.Canonical))
        {
            return false;
        }

        var identifier = tag & 0xFFF;
        return (_vlans[identifier >> 5] & (1U << identifier)) != 0;
    }

    // IEEE 802.3, 31B: to the multicast address or the station's own, with opcode 1 and the time to be silent.
    private int PauseOf(ReadOnlySpan<byte> frame)
    {
        var destination = Destination(frame);
        var isPause = _pauseType != 0 && TypeAt(frame, 12) == _pauseType && TypeAt(frame, 14) == 1
            && (destination == _pauseAddress || destination == (_addresses[0] & AddressBits));
        return !isPause ? 0 : TypeAt(frame, 16) != 0 ? 1 : -1;
    }

    private static ReadOnlySpan<byte> Everybody => [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF];

    private bool Has(E1000ReceiveControl bit) => (_control & bit) != 0;

    // The first byte on the wire lowest, as in RAL and FCAL.
    private static ulong Destination(ReadOnlySpan<byte> frame) => BinaryPrimitives.ReadUInt64LittleEndian(frame) & AddressBits;

    private static ushort TypeAt(ReadOnlySpan<byte> frame, int offset) => BinaryPrimitives.ReadUInt16BigEndian(frame[offset..]);
}
