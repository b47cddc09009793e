namespace Emulator.Devices;

/// <summary>How a command ended (SAM 5.3.1): the byte of the STATUS phase.</summary>
public enum ScsiStatus : byte
{
    /// <summary>Done.</summary>
    Good = 0x00,

    /// <summary>There is sense data, for REQUEST SENSE.</summary>
    CheckCondition = 0x02,

    /// <summary>A SEARCH, or PRE-FETCH, says that it is so.</summary>
    ConditionMet = 0x04,

    /// <summary>The unit cannot take the command now.</summary>
    Busy = 0x08,

    /// <summary>Another initiator has reserved the unit.</summary>
    ReservationConflict = 0x18,

    /// <summary>The task set is full: the initiator sends it again later.</summary>
    TaskSetFull = 0x28,
}
