namespace Emulator.Devices;

/// <summary>The controller's link: the wire's, the PHY's, and the time that negotiation takes.</summary>
/// <remarks>All but its turn on the I/O thread, and its timer, is under the device's lock.</remarks>
internal sealed class E1000Link : IoWork, IDisposable
{
    private readonly E1000Function _function;
    private readonly NetworkPort _port;
    private readonly IClock _clock;
    private readonly ITimer _timer;
    private long _due;

    /// <summary>A link that is down until its work has run.</summary>
    /// <param name="function">Whose it is.</param>
    /// <param name="port">The wire.</param>
    /// <param name="clock">The time.</param>
    /// <param name="name">Names the timer.</param>
    public E1000Link(E1000Function function, NetworkPort port, IClock clock, string name)
    {
        (_function, _port, _clock) = (function, port, clock);
        _timer = clock.CreateTimer(name, () => function.Queue.Post(this));
    }

    /// <summary>The PHY. What changes its link is followed by <see cref="Negotiate"/>.</summary>
    public E1000Phy Phy { get; } = new();

    /// <summary>Lets negotiation take its time, if there is any.</summary>
    public void Negotiate()
    {
        if (Phy.IsNegotiating)
        {
            _due = _clock.NowNanoseconds + MiiPhy.NegotiationNanoseconds;
            _timer.Arm(_due);
        }
    }

    /// <summary>The reset line: the PHY begins anew.</summary>
    public void Reset()
    {
        Phy.Reset();
        Negotiate();
    }

    /// <inheritdoc/>
    public void Dispose() => _timer.Dispose();

    /// <inheritdoc/>
    protected internal override void Run()
    {
        bool changed;
        lock (_function.Lock)
        {
            if (_function.IsHalted)
            {
                return;
            }

            if (Phy.SetCarrier(_port.IsLinkUp))
            {
                Negotiate();
            }
            else if (Phy.IsNegotiating)
            {
                EndNegotiation();
            }

            changed = _function.UpdateLink();
        }

        if (changed)
        {
            _function.Raise(E1000Cause.LinkChanged);
        }
    }

    private void EndNegotiation()
    {
        if (_clock.NowNanoseconds >= _due)
        {
            Phy.EndNegotiation();
        }
        else
        {
            // The work was posted for another reason, or a reset dropped what the timer had posted.
            _timer.Arm(_due);
        }
    }
}
