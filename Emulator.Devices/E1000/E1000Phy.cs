namespace Emulator.Devices;

/// <summary>The PHY in the controller, an M88E1000 (8254x manual, 13.4.7 and chapter 11). Under the device's lock.</summary>
internal sealed class E1000Phy
{
    /// <summary>Its address on the management interface: the only one that answers.</summary>
    public const int Address = 1;

    private const int GigabitStatus = 10;
    private const int SpecificStatus = 17;

    // What the other end offers, and that it receives, once negotiation is over.
    private const ushort PartnerAbility = 0x41E1;
    private const ushort PartnerGigabit = 0x3C00;

    // 1000 Mb/s, full duplex, resolved, link.
    private const ushort ResolvedStatus = 0xAC00;

    private readonly MiiPhy _phy = new(s_reset, s_writable);

    /// <summary>True if there is a link.</summary>
    public bool IsLinkUp => _phy.IsLinkUp;

    /// <summary>True if what is sent comes back.</summary>
    public bool IsLoopback => _phy.IsLoopback;

    /// <summary>True while negotiation is under way.</summary>
    public bool IsNegotiating => _phy.IsNegotiating;

    // Registers that this PHY has beyond those that all have: 9 to 10 and 15 for 1000 Mb/s, and from 16 its own.
    private static ReadOnlySpan<ushort> s_reset =>
    [
        0x1140, 0x7949, 0x0141, 0x0C20, 0x0DE1, 0, 0x0004, 0x2001, 0, 0x0E00, 0, 0, 0, 0, 0, 0x3000,
        0x0360, 0, 0, 0, 0x0D68, 0, 0, 0, 0x4100, 0, 0, 0, 0, 0, 0, 0,
    ];

    private static ReadOnlySpan<ushort> s_writable =>
    [
        0x7DC0, 0, 0, 0, 0xAFFF, 0, 0, 0xBFFF, 0, 0xFF00, 0, 0, 0, 0, 0, 0,
        0xFFFF, 0, 0xFFFF, 0, 0xFFFF, 0, 0xFFFF, 0, 0xFFFF, 0xFFFF, 0, 0, 0, 0xFFFF, 0xFFFF, 0,
    ];

    /// <summary>The driver reads a register.</summary>
    /// <param name="register">0 to 31.</param>
    public ushort Read(int register)
    {
        var value = _phy.Read(register);
        return register switch
        {
            (int)MiiRegister.PartnerAbility => IsLinkUp ? PartnerAbility : value,
            GigabitStatus => IsLinkUp ? PartnerGigabit : value,
            SpecificStatus => IsLinkUp ? ResolvedStatus : value,
            _ => value,
        };
    }

    /// <summary>The driver writes a register.</summary>
    /// <param name="register">0 to 31.</param>
    /// <param name="value">What it writes.</param>
    /// <returns>True if the link may have changed, or negotiation begun.</returns>
    public bool Write(int register, ushort value) => _phy.Write(register, value);

    /// <summary>The plug goes in or out.</summary>
    /// <param name="present">True if there is somebody at the other end.</param>
    /// <returns>True if that changes anything.</returns>
    public bool SetCarrier(bool present) => _phy.SetCarrier(present);

    /// <summary>All registers to their reset values, and negotiation from the beginning.</summary>
    public void Reset() => _phy.Reset();

    /// <summary>Negotiation is over; nothing if none is under way.</summary>
    public void EndNegotiation() => _phy.EndNegotiation();
}
