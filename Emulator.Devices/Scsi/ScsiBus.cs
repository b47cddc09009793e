namespace Emulator.Devices;

/// <summary>The units a controller can select: who is at which target and logical unit number. Filled before the machine runs.</summary>
public sealed class ScsiBus
{
    /// <summary>Targets of a wide bus, the controller's own place among them.</summary>
    public const int Targets = 16;

    /// <summary>Logical units that a target can have here, of the 64 that an IDENTIFY message can name.</summary>
    public const int UnitsPerTarget = 8;

    private readonly ScsiLogicalUnit?[] _units = new ScsiLogicalUnit?[Targets * UnitsPerTarget];
    private readonly ScsiAbsentUnit[] _absent = new ScsiAbsentUnit[Targets];
    private readonly IoQueue _queue;

    /// <summary>An empty bus.</summary>
    /// <param name="initiator">The controller.</param>
    /// <param name="queue">The controller's.</param>
    public ScsiBus(IScsiInitiator initiator, IoQueue queue)
    {
        (Initiator, _queue) = (initiator, queue);
        for (var target = 0; target < Targets; target++)
        {
            _absent[target] = new();
            _absent[target].Attach(this, queue, target, 0);
        }
    }

    /// <summary>The controller.</summary>
    public IScsiInitiator Initiator { get; }

    /// <summary>Puts a unit on the bus.</summary>
    /// <param name="unit">One that is on no bus.</param>
    /// <param name="target">0 to 15, not the controller's own (7).</param>
    /// <param name="lun">0 to 7.</param>
    /// <exception cref="ArgumentException">The place is taken, or not one.</exception>
    public void Attach(ScsiLogicalUnit unit, int target, int lun)
    {
        ArgumentNullException.ThrowIfNull(unit);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)target, (uint)Targets, nameof(target));
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)lun, (uint)UnitsPerTarget, nameof(lun));
        ref var place = ref _units[(target * UnitsPerTarget) + lun];
        if (place is not null)
        {
            throw new ArgumentException($"Target {target} has a logical unit {lun} already.", nameof(lun));
        }

        place = unit;
        unit.Attach(this, _queue, target, lun);
    }

    /// <summary>The unit at a place, or null.</summary>
    /// <param name="target">0 to 15.</param>
    /// <param name="lun">Any: from 8 on there is none.</param>
    public ScsiLogicalUnit? Unit(int target, int lun) => (uint)lun < UnitsPerTarget ? _units[(target * UnitsPerTarget) + lun] : null;

    /// <summary>True if a selection of the target is answered: it has a unit.</summary>
    /// <param name="target">0 to 15.</param>
    public bool HasTarget(int target) => _units.AsSpan(target * UnitsPerTarget, UnitsPerTarget).ContainsAnyExcept((ScsiLogicalUnit?)null);

    /// <summary>Begins a command at the unit, or at what answers for those that the target does not have. See <see cref="ScsiLogicalUnit.Start"/>.</summary>
    /// <param name="target">0 to 15: one that there is.</param>
    /// <param name="lun">What IDENTIFY named, whether it is there or not.</param>
    /// <param name="command">The command descriptor block.</param>
    /// <param name="attribute">Its place among the others.</param>
    /// <param name="context">The initiator's own.</param>
    public ScsiTask Start(int target, int lun, ReadOnlySpan<byte> command, ScsiTaskAttribute attribute, object? context) =>
        (Unit(target, lun) ?? _absent[target]).Start(command, attribute, context);

    /// <summary>A bus reset: resets every unit.</summary>
    public void ResetAll()
    {
        foreach (var unit in _units)
        {
            unit?.Reset();
        }
    }

    /// <summary>A BUS DEVICE RESET (TARGET RESET): resets the units of a target.</summary>
    /// <param name="target">0 to 15.</param>
    public void ResetTarget(int target)
    {
        foreach (var unit in _units.AsSpan(target * UnitsPerTarget, UnitsPerTarget))
        {
            unit?.Reset();
        }
    }

    /// <summary>The machine's reset. See <see cref="ScsiLogicalUnit.PowerOn"/>.</summary>
    public void PowerOn()
    {
        foreach (var unit in _units)
        {
            unit?.PowerOn();
        }
    }
}
