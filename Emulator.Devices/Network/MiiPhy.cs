namespace Emulator.Devices;

/// <summary>A PHY with the registers that all have (IEEE 802.3, 22.2.4), and the link they tell of.</summary>
/// <remarks>
/// Negotiation begins when there is a carrier, or when the driver asks, and is over after <see cref="NegotiationNanoseconds"/>; until then there is no
/// link. Not thread-safe: the device calls it under its lock, and keeps the time.
/// </remarks>
public sealed class MiiPhy
{
    /// <summary>How long negotiation takes. Real ones take seconds, for which nobody would want to wait.</summary>
    public const long NegotiationNanoseconds = 200_000;

    private readonly ushort[] _reset;
    private readonly ushort[] _writable;
    private readonly ushort[] _values;
    private bool _carrier;
    private bool _linkLost = true;

    /// <summary>A PHY at its reset values, without a carrier.</summary>
    /// <param name="reset">32 registers. The status register's link and negotiation bits are this class's to give.</param>
    /// <param name="writable">Which bits of each the driver may change.</param>
    /// <exception cref="ArgumentException">There are not 32 of each.</exception>
    public MiiPhy(ReadOnlySpan<ushort> reset, ReadOnlySpan<ushort> writable)
    {
        if (reset.Length != 32 || writable.Length != 32)
        {
            throw new ArgumentException("A PHY has 32 registers.");
        }

        (_reset, _writable, _values) = (reset.ToArray(), writable.ToArray(), reset.ToArray());
    }

    /// <summary>True if what is sent comes back.</summary>
    public bool IsLoopback => (Control & MiiControl.Loopback) != 0;

    /// <summary>True if the driver has switched it off.</summary>
    public bool IsPoweredDown => (Control & MiiControl.PowerDown) != 0;

    /// <summary>True while negotiation is under way: the device calls <see cref="EndNegotiation"/> when its time is over.</summary>
    public bool IsNegotiating { get; private set; }

    /// <summary>True if there is a link.</summary>
    public bool IsLinkUp => _carrier && !IsPoweredDown && !IsNegotiating;

    private MiiControl Control => (MiiControl)_values[(int)MiiRegister.Control];

    /// <summary>A register as it is, without effects; the device's own access.</summary>
    /// <param name="register">0 to 31.</param>
    public ushort this[int register]
    {
        get => register == (int)MiiRegister.Status ? Status : _values[register & 31];
        set => _values[register & 31] = value;
    }

    /// <summary>The driver reads a register.</summary>
    /// <param name="register">0 to 31.</param>
    public ushort Read(int register)
    {
        var value = this[register];
        if (register == (int)MiiRegister.Status)
        {
            // Bit 2 latches low until it is read (22.2.4.2.13).
            value &= (ushort)~(_linkLost ? MiiStatus.Link : 0);
            _linkLost = !IsLinkUp;
        }

        return value;
    }

    /// <summary>The driver writes a register.</summary>
    /// <param name="register">0 to 31.</param>
    /// <param name="value">What it writes.</param>
    /// <returns>True if the link may have changed, or negotiation begun.</returns>
    public bool Write(int register, ushort value)
    {
        var before = Control;
        ref var cell = ref _values[register & 31];
        cell = (ushort)((cell & ~_writable[register & 31]) | (value & _writable[register & 31]));
        if (register != (int)MiiRegister.Control)
        {
            return false;
        }

        var written = (MiiControl)value;
        if ((written & MiiControl.Reset) != 0)
        {
            Reset();
            return true;
        }

        _values[register] &= (ushort)~(MiiControl.Reset | MiiControl.RestartNegotiation);
        var changed = before ^ Control;
        if ((written & MiiControl.RestartNegotiation) != 0 || (changed & (MiiControl.PowerDown | MiiControl.Negotiation)) != 0)
        {
            Begin();
            return true;
        }

        return false;
    }

    /// <summary>All registers to their reset values, and negotiation from the beginning.</summary>
    public void Reset()
    {
        _reset.CopyTo(_values, 0);
        Begin();
    }

    /// <summary>The plug goes in or out.</summary>
    /// <param name="present">True if there is somebody at the other end.</param>
    /// <returns>True if that changes anything.</returns>
    public bool SetCarrier(bool present)
    {
        if (_carrier == present)
        {
            return false;
        }

        _carrier = present;
        Begin();
        return true;
    }

    /// <summary>Negotiation is over; nothing if none is under way.</summary>
    /// <returns>True if there is a link now.</returns>
    public bool EndNegotiation()
    {
        var was = IsNegotiating;
        IsNegotiating = false;
        return was && IsLinkUp;
    }

    private ushort Status
    {
        get
        {
            var live = MiiStatus.Link | MiiStatus.NegotiationComplete;
            var status = (MiiStatus)_values[(int)MiiRegister.Status] & ~live;
            if (IsLinkUp)
            {
                status |= (Control & MiiControl.Negotiation) != 0 ? live : MiiStatus.Link;
            }

            return (ushort)status;
        }
    }

    private void Begin()
    {
        _linkLost = true;
        IsNegotiating = _carrier && !IsPoweredDown && (Control & MiiControl.Negotiation) != 0;
    }
}
