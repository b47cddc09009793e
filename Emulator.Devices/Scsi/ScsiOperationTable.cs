namespace Emulator.Devices;

/// <summary>The commands of a disk: which there are, what their CDBs look like, and what carries them out.</summary>
internal static class ScsiOperationTable
{
    private const ScsiTraits Always = ScsiTraits.Always;
    private const ScsiTraits None = ScsiTraits.None;
    private const ScsiTraits Medium = ScsiTraits.Medium;
    private const ScsiTraits Transfer = ScsiTraits.Medium | ScsiTraits.Protection;
    private const ScsiTraits Change = ScsiTraits.Medium | ScsiTraits.Change;
    private const ScsiTraits WriteTraits = Transfer | ScsiTraits.Change;
    private const ScsiTraits Barrier = ScsiTraits.Barrier;

    private static readonly ScsiDiskCommand s_nothing = new ScsiPlainCommand(ScsiUnitCommands.Nothing);
    private static readonly ScsiDiskCommand s_seek = new ScsiPlainCommand(ScsiUnitCommands.Seek);
    private static readonly ScsiDiskCommand s_read = new ScsiRead();
    private static readonly ScsiDiskCommand s_write = new ScsiWrite(verifies: false);
    private static readonly ScsiDiskCommand s_writeAndVerify = new ScsiWrite(verifies: true);
    private static readonly ScsiDiskCommand s_verify = new ScsiVerify();
    private static readonly ScsiDiskCommand s_writeSame = new ScsiWriteSame();
    private static readonly ScsiDiskCommand s_synchronize = new ScsiSynchronizeCache();
    private static readonly ScsiDiskCommand s_modeSelect = new ScsiModeSelect();
    private static readonly ScsiDiskCommand s_modeSense = new ScsiReplyCommand(ScsiModeSense.Reply);

    // Behind the operation code, a bit is set if it means something. RDPROTECT and the like are not: there is no protection information.
    private static readonly ScsiOperation[] s_rows =
    [
        new(ScsiOperationCode.TestUnitReady, "00 0000 00 C0", Medium, s_nothing),
        new(ScsiOperationCode.RezeroUnit, "00 0000 00 C0", Medium, s_nothing),
        new(ScsiOperationCode.RequestSense, "01 0000 FF C0", Always, new ScsiReplyCommand(ScsiUnitCommands.RequestSense)),
        new(ScsiOperationCode.Read6, "1F FFFF FF C0", Medium, s_read),
        new(ScsiOperationCode.Write6, "1F FFFF FF C0", Change, s_write),
        new(ScsiOperationCode.Seek6, "1F FFFF 00 C0", Medium, s_seek),
        new(ScsiOperationCode.Inquiry, "01 FF FFFF C0", Always, new ScsiReplyCommand(ScsiInquiry.Reply)),
        new(ScsiOperationCode.ModeSelect6, "11 0000 FF C0", Barrier, s_modeSelect),
        new(ScsiOperationCode.Reserve6, "00 0000 00 C0", None, s_nothing),
        new(ScsiOperationCode.Release6, "00 0000 00 C0", None, s_nothing),
        new(ScsiOperationCode.ModeSense6, "08 FF FF FF C0", None, s_modeSense),
        new(ScsiOperationCode.StartStopUnit, "01 0000 01 C0", Barrier, new ScsiStartStop()),
        new(ScsiOperationCode.SendDiagnostic, "04 00 FFFF C0", None, new ScsiPlainCommand(ScsiUnitCommands.SendDiagnostic)),
        new(ScsiOperationCode.PreventAllow, "00 0000 03 C0", None, s_nothing),
        new(ScsiOperationCode.ReadCapacity10, "00 FFFFFFFF 0000 01 C0", Medium, new ScsiReplyCommand(ScsiUnitCommands.ReadCapacity10)),
        new(ScsiOperationCode.Read10, "1A FFFFFFFF 00 FFFF C0", Transfer, s_read),
        new(ScsiOperationCode.Write10, "1A FFFFFFFF 00 FFFF C0", WriteTraits, s_write),
        new(ScsiOperationCode.Seek10, "00 FFFFFFFF 00 0000 C0", Medium, s_seek),
        new(ScsiOperationCode.WriteAndVerify10, "12 FFFFFFFF 00 FFFF C0", WriteTraits, s_writeAndVerify),
        new(ScsiOperationCode.Verify10, "12 FFFFFFFF 00 FFFF C0", Transfer, s_verify),
        new(ScsiOperationCode.SynchronizeCache10, "06 FFFFFFFF 00 FFFF C0", Medium, s_synchronize),
        new(ScsiOperationCode.ReadDefectData10, "00 1F 00000000 FFFF C0", Medium, new ScsiReplyCommand(ScsiUnitCommands.ReadDefectData10)),
        new(ScsiOperationCode.WriteSame10, "08 FFFFFFFF 00 FFFF C0", WriteTraits, s_writeSame),
        new(ScsiOperationCode.Unmap, "00 00000000 00 FFFF C0", Change | ScsiTraits.Provisioning, new ScsiUnmap()),
        new(ScsiOperationCode.ModeSelect10, "11 0000000000 FFFF C0", Barrier, s_modeSelect),
        new(ScsiOperationCode.Reserve10, "00 0000000000 0000 C0", None, s_nothing),
        new(ScsiOperationCode.Release10, "00 0000000000 0000 C0", None, s_nothing),
        new(ScsiOperationCode.ModeSense10, "18 FF FF 000000 FFFF C0", None, s_modeSense),
        new(ScsiOperationCode.Read16, "1A FFFFFFFFFFFFFFFF FFFFFFFF 00 C0", Transfer, s_read),
        new(ScsiOperationCode.Write16, "1A FFFFFFFFFFFFFFFF FFFFFFFF 00 C0", WriteTraits, s_write),
        new(ScsiOperationCode.WriteAndVerify16, "12 FFFFFFFFFFFFFFFF FFFFFFFF 00 C0", WriteTraits, s_writeAndVerify),
        new(ScsiOperationCode.Verify16, "12 FFFFFFFFFFFFFFFF FFFFFFFF 00 C0", Transfer, s_verify),
        new(ScsiOperationCode.SynchronizeCache16, "06 FFFFFFFFFFFFFFFF FFFFFFFF 00 C0", Medium, s_synchronize),
        new(ScsiOperationCode.WriteSame16, "09 FFFFFFFFFFFFFFFF FFFFFFFF 00 C0", WriteTraits, s_writeSame),
        new(ScsiOperationCode.ServiceActionIn16, "1F FFFFFFFFFFFFFFFF FFFFFFFF 01 C0", Medium, new ScsiReplyCommand(ScsiUnitCommands.ReadCapacity16), 0x10),
        new(ScsiOperationCode.ReportLuns, "00 FF 000000 FFFFFFFF 00 C0", Always, new ScsiReplyCommand(ScsiUnitCommands.ReportLuns)),
        new(ScsiOperationCode.MaintenanceIn, "1F 87 FF FFFF FFFFFFFF 00 C0", None, new ScsiReplyCommand(ScsiReportOperations.Operations), 0x0C),
        new(ScsiOperationCode.MaintenanceIn, "1F 00 00 0000 FFFFFFFF 00 C0", None, new ScsiReplyCommand(ScsiReportOperations.TaskManagement), 0x0D),
        new(ScsiOperationCode.Read12, "1A FFFFFFFF FFFFFFFF 00 C0", Transfer, s_read),
        new(ScsiOperationCode.Write12, "1A FFFFFFFF FFFFFFFF 00 C0", WriteTraits, s_write),
        new(ScsiOperationCode.WriteAndVerify12, "12 FFFFFFFF FFFFFFFF 00 C0", WriteTraits, s_writeAndVerify),
        new(ScsiOperationCode.Verify12, "12 FFFFFFFF FFFFFFFF 00 C0", Transfer, s_verify),
        new(ScsiOperationCode.ReadDefectData12, "1F 00000000 FFFFFFFF 00 C0", Medium, new ScsiReplyCommand(ScsiUnitCommands.ReadDefectData12)),
    ];

    private static readonly int[] s_firsts = [.. Enumerable.Range(0, 256).Select(code => Array.FindIndex(s_rows, row => (int)row.Code == code))];

    /// <summary>All of them, in ascending order.</summary>
    public static ReadOnlySpan<ScsiOperation> Rows => s_rows;

    /// <summary>True if the operation code is divided into service actions.</summary>
    public static bool HasActions(byte code) => s_firsts[code] is var first and >= 0 && s_rows[first].Action != ScsiOperation.NoAction;

    /// <summary>True if the disk carries it out.</summary>
    public static bool IsThere(ScsiOperation operation, ScsiDisk disk) => !operation.Traits.HasFlag(ScsiTraits.Provisioning) || disk.Backing.CanDiscard;

    /// <summary>The row of a command, or null.</summary>
    public static ScsiOperation? Find(in ScsiCommandBlock command, ScsiDisk disk) =>
        Find(command.Operation, HasActions(command.Operation) ? command[1] & 0x1F : ScsiOperation.NoAction, disk);

    /// <summary>The row of an operation code and a service action, or null.</summary>
    public static ScsiOperation? Find(byte code, int action, ScsiDisk disk)
    {
        for (var index = s_firsts[code]; index >= 0 && index < s_rows.Length && (byte)s_rows[index].Code == code; index++)
        {
            if (s_rows[index].Action == action && IsThere(s_rows[index], disk))
            {
                return s_rows[index];
            }
        }

        return null;
    }

    /// <summary>What to say of a command that is not there: of an operation code that is, the service action is wrong (SPC-3).</summary>
    public static ScsiSense Unknown(in ScsiCommandBlock command) =>
        HasActions(command.Operation) ? ScsiSense.InvalidField with { Field = 1 } : ScsiSense.InvalidOperation;
}
