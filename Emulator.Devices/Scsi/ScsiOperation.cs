namespace Emulator.Devices;

/// <summary>A row of the table of commands: what its CDB looks like, and what carries it out.</summary>
internal sealed class ScsiOperation
{
    /// <summary>No SERVICE ACTION: byte 1 is like the others.</summary>
    public const int NoAction = -1;

    private const int ActionMask = 0x1F;
    private const int OldLun = 0xE0;

    private readonly byte[] _usage;

    /// <summary>A row.</summary>
    /// <param name="code">OPERATION CODE.</param>
    /// <param name="usage">CDB USAGE DATA of the bytes behind it, in hexadecimal: a bit is set if it means something (SPC-4).</param>
    /// <param name="traits">How it stands to the state of the unit.</param>
    /// <param name="command">Carries it out.</param>
    /// <param name="action">SERVICE ACTION, or <see cref="NoAction"/>.</param>
    public ScsiOperation(ScsiOperationCode code, string usage, ScsiTraits traits, ScsiDiskCommand command, int action = NoAction)
    {
        _usage = [(byte)code, .. Convert.FromHexString(usage.Replace(" ", "", StringComparison.Ordinal))];
        (Code, Traits, Command, Action) = (code, traits, command, action);
    }

    /// <summary>OPERATION CODE.</summary>
    public ScsiOperationCode Code { get; }

    /// <summary>SERVICE ACTION, or <see cref="NoAction"/>.</summary>
    public int Action { get; }

    /// <summary>How it stands to the state of the unit.</summary>
    public ScsiTraits Traits { get; }

    /// <summary>Carries it out.</summary>
    public ScsiDiskCommand Command { get; }

    /// <summary>Bytes of the CDB.</summary>
    public int Length => _usage.Length;

    /// <summary>CDB USAGE DATA (SPC-4): the codes where they stand, and the bits that mean something.</summary>
    public void WriteUsage(Span<byte> data)
    {
        _usage.CopyTo(data);
        if (Action != NoAction)
        {
            data[1] = (byte)((_usage[1] & ~ActionMask) | Action);
        }
    }

    /// <summary>The first byte of a CDB in which a bit is set that means nothing, or null.</summary>
    public int? FirstReserved(in ScsiCommandBlock command)
    {
        for (var index = 1; index < Length; index++)
        {
            // SCSI-2's place of the logical unit, in which drivers still write it before they know better.
            var ignored = index == 1 && !Traits.HasFlag(ScsiTraits.Protection) ? OldLun : 0;
            if ((command[index] & ~(_usage[index] | ignored)) != 0)
            {
                return index;
            }
        }

        return null;
    }
}
