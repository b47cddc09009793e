namespace Emulator.Devices.Tests;

/// <summary>What goes wrong: in the CDB, at the back end, with units that are not there.</summary>
public sealed class ScsiErrorTests : IDisposable
{
    private readonly HeldBackEnd _backEnd = new(1 << 20);
    private readonly ScsiRig _rig;

    public ScsiErrorTests()
    {
        _rig = new ScsiRig(_backEnd);
        _rig.TakeAttention();
    }

    public void Dispose() => _rig.Dispose();

    // CVE-2015-5158: in these groups the length of the CDB is reserved.
    [Fact]
    public void Scsi_a_CDB_of_a_group_whose_length_is_reserved_is_an_invalid_operation_code()
    {
        for (var code = 0; code < 256; code++)
        {
            if (code >> 5 is 3 or 6 or 7)
            {
                for (var length = 1; length <= 16; length++)
                {
                    Assert.Equal((ScsiStatus.CheckCondition, "05/20/00"), _rig.Run(new byte[length].With(0, (byte)code)));
                }
            }
        }
    }

    // CVE-2013-4344.
    [Fact]
    public void Scsi_REPORT_LUNS_names_every_unit_of_the_target_and_says_no_more_than_there_is_room_for()
    {
        using var rig = new ScsiRig(new HeldBackEnd(512));
        for (var lun = 1; lun < ScsiBus.UnitsPerTarget; lun++)
        {
            rig.Bus.Attach(new ScsiDisk(new Disk(new HeldBackEnd(512), new()), new()), 1, lun);
        }

        rig.Bus.Attach(new ScsiDisk(new Disk(new HeldBackEnd(512), new()), new()), 2, 0);
        var list = rig.Ask(ScsiRig.Command12(0xA0, 0, 0x1_0000));
        Assert.Equal((72, 64), (list.Length, list[3]));
        Assert.Equal(Enumerable.Range(0, 8), Enumerable.Range(1, 8).Select(entry => (int)list[(8 * entry) + 1]));
        for (var room = 16; room < 80; room++)
        {
            Assert.Equal(list[..Math.Min(room, 72)], rig.Ask(ScsiRig.Command12(0xA0, 0, (uint)room)));
        }

        Assert.Equal((ScsiStatus.CheckCondition, "05/24/00"), rig.Run(ScsiRig.Command12(0xA0, 0, 15)));
        Assert.Equal((ScsiStatus.CheckCondition, "05/24/00"), rig.Run(ScsiRig.Command12(0xA0, 0, 16).With(2, 3)));
    }

    [Fact]
    public void A_unit_that_is_not_there_says_so()
    {
        foreach (var lun in new[] { 1, 7, 8, 63, 255 })
        {
            Assert.Equal(ScsiStatus.Good, _rig.Run([0x12, 0, 0, 0, 36, 0], out var inquiry, lun: lun).Status);
            Assert.Equal((36, 0x7F), (inquiry.Length, inquiry[0]));
            Assert.Equal(ScsiStatus.Good, _rig.Run(ScsiRig.Command12(0xA0, 0, 16), out var luns, lun: lun).Status);
            Assert.Equal((16, 0), (luns.Length, luns[9]));
            Assert.Equal((ScsiStatus.CheckCondition, "05/25/00"), _rig.Run(ScsiRig.TestUnitReady, lun: lun));
            Assert.Equal((ScsiStatus.CheckCondition, "05/25/00"), _rig.Run(ScsiRig.Command10(0x28, 0, 1), lun: lun));
        }
    }

    [Fact]
    public void A_reserved_bit_is_an_invalid_field_and_the_sense_data_says_where()
    {
        var command = ScsiRig.Command10(0x28, 0, 1);
        Assert.Equal((ScsiStatus.CheckCondition, "05/24/00"), _rig.Run(command.With(6, 1)));
        Assert.Equal([0xC0, 0, 6], _rig.LastSense[15..18]);
        Assert.Equal((ScsiStatus.CheckCondition, "05/24/00"), _rig.Run(ScsiRig.Command10(0x28, 0, 1, 0x20)));
        Assert.Equal((ScsiStatus.CheckCondition, "05/24/00"), _rig.Run(ScsiRig.TestUnitReady.With(5, 4)));
        Assert.Equal((ScsiStatus.CheckCondition, "05/24/00"), _rig.Run(ScsiRig.Command10(0x28, 0, 1)[..9]));
    }

    [Fact]
    public void The_old_place_of_the_units_number_is_ignored()
    {
        Assert.Equal(36, _rig.Ask([0x12, 0xE0, 0, 0, 36, 0]).Length);
        Assert.Equal((ScsiStatus.Good, ""), _rig.Run(ScsiRig.TestUnitReady.With(1, 0x20)));
    }

    // Whatever the policy makes of it, the command ends once, and so does the request.
    [Theory]
    [InlineData(0x28, BlockStatus.IoError, "03/11/00")]
    [InlineData(0x28, BlockStatus.NotSupported, "05/24/00")]
    [InlineData(0x28, BlockStatus.OutOfRange, "05/21/00")]
    [InlineData(0x2A, BlockStatus.IoError, "03/0C/00")]
    [InlineData(0x2A, BlockStatus.NoSpace, "07/27/07")]
    [InlineData(0x2A, BlockStatus.ReadOnly, "07/27/00")]
    [InlineData(0x2E, BlockStatus.IoError, "03/0C/00")]
    [InlineData(0x2F, BlockStatus.IoError, "03/11/00")]
    [InlineData(0x35, BlockStatus.IoError, "03/0C/00")]
    [InlineData(0x35, BlockStatus.NoSpace, "07/27/07")]
    [InlineData(0x41, BlockStatus.IoError, "03/0C/00")]
    [InlineData(0x41, BlockStatus.NoSpace, "07/27/07")]
    public void Scsi_vblk_backend_error_ends_the_command_exactly_once(byte code, BlockStatus status, string sense)
    {
        var task = _rig.Start(ScsiRig.Command10(code, 3, 1));
        _rig.Finish(task, new(new byte[512]));
        _backEnd.End(Assert.Single(_backEnd.Held), status);
        _rig.Settle();
        Assert.Equal([task], _rig.Ready);
        Assert.Equal((ScsiTaskState.Ended, ScsiStatus.CheckCondition), (task.State, task.Status));
        Assert.True(task.Data.IsEmpty);
        Assert.Equal(sense, _rig.Sense());
        _rig.Settle();
        Assert.Equal([task], _rig.Ready);
        Assert.Empty(_backEnd.Held);
    }

    [Fact]
    public void An_error_in_a_later_piece_names_its_first_block()
    {
        var transfer = new ScsiRig.Transfer([]);
        var task = _rig.Start(ScsiRig.Command10(0x28, 10, 600));
        _backEnd.End(_backEnd.Held[0]);
        _rig.Settle();
        _rig.Finish(task, transfer);
        _backEnd.End(_backEnd.Held[0], BlockStatus.IoError);
        _rig.Settle();
        Assert.Equal("03/11/00", _rig.Sense());
        Assert.Equal([0xF0, 0, 3, 0, 0, 1, 10], _rig.LastSense[..7]);
        Assert.Equal(256 * 512, transfer.Received.Count);
    }

    [Theory]
    [InlineData(0x00, ScsiStatus.Good)]
    [InlineData(0x02, ScsiStatus.CheckCondition)]
    public void WRITE_AND_VERIFY_with_BYTCHK_notices_what_did_not_get_there(byte flags, ScsiStatus expected)
    {
        var task = _rig.Start(ScsiRig.Command10(0x2E, 3, 1, flags));
        _rig.Finish(task, new(ScsiTransferTests.Pattern(1, 1)));
        Assert.Equal((BlockOperation.Write, true), (_backEnd.Held[0].Operation, _backEnd.Held[0].ForceUnitAccess));
        _backEnd.End(_backEnd.Held[0]);
        _rig.Settle();

        // The back end leaves the buffer as it is: zeroes.
        Assert.Equal(BlockOperation.Read, Assert.Single(_backEnd.Held).Operation);
        _backEnd.End(_backEnd.Held[0]);
        _rig.Settle();
        Assert.Equal((ScsiTaskState.Ended, expected), (task.State, task.Status));
        Assert.Equal(expected == ScsiStatus.Good ? "00/00/00" : "0E/1D/00", _rig.Sense());
    }

    [Fact]
    public void Sense_data_as_descriptors()
    {
        _ = _rig.Start(ScsiRig.Command10(0x28, 3, 1));
        _backEnd.End(_backEnd.Held[0], BlockStatus.IoError);
        _rig.Settle();
        var task = _rig.Start([0x03, 1, 0, 0, 255, 0], ScsiTaskAttribute.Untagged);
        Assert.Equal([0x72, 3, 0x11, 0, 0, 0, 0, 12, 0, 10, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 3], task.Data.ToArray());
    }

    [Fact]
    public void What_has_no_room_to_give_back_has_no_UNMAP()
    {
        Assert.Equal((ScsiStatus.CheckCondition, "05/20/00"), _rig.Run(ScsiRig.Command10(0x42, 0, 0)));
        Assert.Equal((ScsiStatus.CheckCondition, "05/24/00"), _rig.Run(ScsiRig.Command16(0x93, 0, 1, 0x08)));
    }
}
