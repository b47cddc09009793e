namespace Emulator.Devices;

/// <summary>The PHY and the link it tells of; as work it follows the wire.</summary>
internal sealed class Eepro100Link : IoWork, IDisposable
{
    private readonly Eepro100Function _function;
    private readonly IClock _clock;
    private readonly ITimer _negotiation;

    // Under the device's lock.
    private readonly MiiPhy _phy;
    private long _negotiated;

    // What the units need of it, without the lock.
    private volatile bool _isUp;
    private volatile bool _isLoopback;

    /// <summary>A PHY on the wire.</summary>
    /// <param name="function">The device.</param>
    /// <param name="clock">Times negotiation.</param>
    /// <param name="phy">The PHY.</param>
    public Eepro100Link(Eepro100Function function, IClock clock, MiiPhy phy)
    {
        (_function, _clock, _phy) = (function, clock, phy);
        _negotiation = clock.CreateTimer($"{function.Name} negotiation", OnNegotiated);
    }

    /// <summary>True if there is a link. Any thread.</summary>
    public bool IsUp => _isUp;

    /// <summary>True if the PHY sends back what it is sent. Any thread.</summary>
    public bool IsLoopback => _isLoopback;

    /// <summary>General status. Under the device's lock.</summary>
    public Eepro100GeneralStatus Status =>
        _isUp ? Eepro100GeneralStatus.Link | Eepro100GeneralStatus.Fast | Eepro100GeneralStatus.FullDuplex : 0;

    /// <summary>No timer any more.</summary>
    public void Dispose() => _negotiation.Dispose();

    /// <summary>The PHY to its reset values. Under the device's lock.</summary>
    public void Reset()
    {
        _phy.SetCarrier(_function.Port.IsLinkUp);
        _phy.Reset();
        Changed();
    }

    /// <summary>A transaction of the management interface. Under the device's lock.</summary>
    /// <param name="control">MDI control as it was written.</param>
    /// <returns>The data; ones where there is no PHY.</returns>
    public uint Execute(uint control)
    {
        var register = (int)(control >> 16) & 31;
        if (((control >> 21) & 31) != Eepro100Board.PhyAddress)
        {
            return 0xFFFF;
        }

        switch ((Eepro100Mdi)control & (Eepro100Mdi.Read | Eepro100Mdi.Write))
        {
            case Eepro100Mdi.Read:
                return _phy.Read(register);
            case Eepro100Mdi.Write:
                if (_phy.Write(register, (ushort)control))
                {
                    Changed();
                }

                Publish();
                break;
            default:
                break;
        }

        return control & 0xFFFF;
    }

    /// <inheritdoc/>
    protected internal override void Run()
    {
        lock (_function.Lock)
        {
            if (_phy.SetCarrier(_function.Port.IsLinkUp))
            {
                Changed();
            }
        }
    }

    private void OnNegotiated()
    {
        lock (_function.Lock)
        {
            if (_phy.IsNegotiating && _clock.NowNanoseconds >= _negotiated)
            {
                _phy.EndNegotiation();
                Publish();
            }
        }
    }

    private void Changed()
    {
        if (_phy.IsNegotiating)
        {
            _negotiated = _clock.NowNanoseconds + MiiPhy.NegotiationNanoseconds;
            _negotiation.Arm(_negotiated);
        }

        Publish();
    }

    // What waits for room on the wire need not wait for it any longer.
    private void Publish()
    {
        (_isUp, _isLoopback) = (_phy.IsLinkUp, _phy.IsLoopback);
        _function.PostUnits();
    }
}
