namespace Emulator.Devices;

/// <summary>The link as the registers have it: the PHY's, MSR and CSCR. Under the device's lock but for its timer's callback.</summary>
internal sealed class Rtl8139Media : IDisposable
{
    /// <summary>BMCR after power-on: 100 Mb/s, full duplex, by negotiation.</summary>
    public const ushort ControlReset = (ushort)(MiiControl.SpeedLow | MiiControl.Negotiation | MiiControl.FullDuplex);

    /// <summary>BMSR after power-on: 10 and 100 Mb/s, half and full duplex, can negotiate, no link.</summary>
    public const ushort StatusReset = 0x7800 | (ushort)(MiiStatus.CanNegotiate | MiiStatus.Extended);

    /// <summary>ANAR after power-on: all that BMSR has, and flow control.</summary>
    public const ushort AbilityReset = 0x05E1;

    private const ushort Acknowledged = 0x4000;

    private readonly MiiPhy _phy;
    private readonly IClock _clock;
    private readonly ITimer _negotiated;
    private bool _linkChanged;
    private long _due;

    /// <summary>A link that is down.</summary>
    /// <param name="clock">The machine's time.</param>
    /// <param name="name">The device's.</param>
    /// <param name="negotiated">Called, with no lock held, when negotiation may be over.</param>
    public Rtl8139Media(IClock clock, string name, Action negotiated)
    {
        Span<ushort> reset = stackalloc ushort[32];
        Span<ushort> writable = stackalloc ushort[32];
        reset.Clear();
        writable.Clear();
        reset[(int)MiiRegister.Control] = ControlReset;
        reset[(int)MiiRegister.Status] = StatusReset;
        reset[(int)MiiRegister.Advertisement] = AbilityReset;
        reset[(int)MiiRegister.PartnerAbility] = AbilityReset | Acknowledged;
        reset[(int)MiiRegister.Expansion] = 1;
        writable[(int)MiiRegister.Control] = Rtl8139Registers.LockedMode;
        writable[(int)MiiRegister.Advertisement] = 0x2DFF;
        _phy = new MiiPhy(reset, writable);
        _clock = clock;
        _negotiated = clock.CreateTimer($"{name} negotiation", negotiated);
    }

    /// <summary>True if there is a link.</summary>
    public bool IsLinkUp => _phy.IsLinkUp;

    /// <inheritdoc/>
    public void Dispose() => _negotiated.Dispose();

    /// <summary>To the state after power-on, with what there is of a carrier.</summary>
    public void Reset()
    {
        _phy.Reset();
        _linkChanged = false;
        Await();
    }

    /// <summary>The driver reads one of the PHY's registers.</summary>
    public ushort Read(MiiRegister register) =>
        register is MiiRegister.PartnerAbility or MiiRegister.Expansion && !IsLinkUp ? (ushort)0 : _phy.Read((int)register);

    /// <summary>The driver writes a part of one of the PHY's registers.</summary>
    /// <param name="register">Which.</param>
    /// <param name="bits">What it writes.</param>
    /// <param name="mask">The bits that it may change and does.</param>
    /// <returns>True if the link went.</returns>
    public bool Write(MiiRegister register, ushort bits, ushort mask)
    {
        var was = IsLinkUp;
        if (_phy.Write((int)register, (ushort)((_phy[(int)register] & ~mask) | (bits & mask))))
        {
            Await();
        }

        return Note(was);
    }

    /// <summary>MSR but for what the driver keeps there.</summary>
    public Rtl8139MediaStatus Status =>
        Rtl8139MediaStatus.AuxiliaryPower
        | (IsLinkUp ? 0 : Rtl8139MediaStatus.NoLink)
        | (IsLinkUp && ((MiiControl)_phy[(int)MiiRegister.Control] & MiiControl.SpeedLow) == 0 ? Rtl8139MediaStatus.Speed10 : 0);

    /// <summary>CSCR but for what the driver keeps there.</summary>
    public Rtl8139LinkConfiguration ReadLink()
    {
        var link = (IsLinkUp ? Rtl8139LinkConfiguration.Connected | Rtl8139LinkConfiguration.LinkOk : 0)
            | (_linkChanged ? Rtl8139LinkConfiguration.LinkChanged : 0);
        _linkChanged = false;
        return link;
    }

    /// <summary>Looks whether the wire came or went, and whether negotiation is over.</summary>
    /// <param name="carrier">True if there is somebody at the other end.</param>
    /// <returns>True if the link came or went.</returns>
    public bool Look(bool carrier)
    {
        var was = IsLinkUp;
        if (_phy.SetCarrier(carrier))
        {
            Await();
        }
        else if (_clock.NowNanoseconds >= _due)
        {
            _phy.EndNegotiation();
        }

        return Note(was);
    }

    private bool Note(bool was)
    {
        var changed = was != IsLinkUp;
        _linkChanged |= changed;
        return changed;
    }

    private void Await()
    {
        if (_phy.IsNegotiating)
        {
            _due = _clock.NowNanoseconds + MiiPhy.NegotiationNanoseconds;
            _negotiated.Arm(_due);
        }
    }
}
