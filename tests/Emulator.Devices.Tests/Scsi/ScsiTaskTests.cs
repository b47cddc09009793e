namespace Emulator.Devices.Tests;

/// <summary>Tasks side by side: order, ends, sense data, aborts and resets.</summary>
public sealed class ScsiTaskTests : IDisposable
{
    private const ScsiTaskAttribute Simple = ScsiTaskAttribute.Simple;

    private readonly HeldBackEnd _backEnd = new(1 << 20);
    private readonly ScsiRig _rig;

    public ScsiTaskTests()
    {
        _rig = new ScsiRig(_backEnd);
        _rig.TakeAttention();
    }

    public void Dispose() => _rig.Dispose();

    [Fact]
    public void Simple_tasks_overlap_and_end_in_any_order()
    {
        var tasks = Reads(5);
        Assert.Equal(5, _backEnd.Held.Count);
        foreach (var index in new[] { 3, 0, 4, 2, 1 })
        {
            End(index);
            Assert.Equal([tasks[index]], _rig.Ready);
            Assert.Equal(ScsiTaskState.DataIn, tasks[index].State);
            _rig.Ready.Clear();
            _rig.Finish(tasks[index], new([]));
            Assert.Equal((ScsiTaskState.Ended, ScsiStatus.Good), (tasks[index].State, tasks[index].Status));
        }
    }

    [Fact]
    public void An_ordered_task_waits_for_all_before_it_and_all_behind_it_wait_for_it()
    {
        Reads(2);
        _ = Read(10, ScsiTaskAttribute.Ordered);
        _ = Read(11);
        Assert.Equal([0, 1], Places());
        _ = Read(12, ScsiTaskAttribute.HeadOfQueue);
        Assert.Equal([0, 1, 12], Places());
        EndAll();
        Assert.Equal([10], Places());
        EndAll();
        Assert.Equal([11], Places());
    }

    [Fact]
    public void The_task_set_is_bounded_and_who_asks_for_sense_is_let_in()
    {
        Reads(ScsiDisk.MaximumTasks);
        var one = Read(100);
        Assert.Equal((ScsiTaskState.Ended, ScsiStatus.TaskSetFull), (one.State, one.Status));
        Assert.Equal("00/00/00", _rig.Sense());
        EndAll();
        Assert.Equal(ScsiTaskState.Busy, Read(100).State);
    }

    [Fact]
    public void Tasks_without_a_tag_do_not_overlap_others()
    {
        Reads(1);
        var untagged = _rig.Start(ScsiRig.TestUnitReady, ScsiTaskAttribute.Untagged);
        Assert.Equal(ScsiStatus.CheckCondition, untagged.Status);
        Assert.Equal("0B/4E/00", _rig.Sense());
        Assert.Equal([0], Places());
        EndAll();
        _ = Read(1, ScsiTaskAttribute.Untagged);
        Assert.Equal(ScsiStatus.CheckCondition, Read(2).Status);
        Assert.Equal("0B/4E/00", _rig.Sense());
    }

    [Fact]
    public void Two_that_fail_at_once_have_each_its_sense_data()
    {
        var tasks = Reads(2);
        _backEnd.End(_backEnd.Held[1], BlockStatus.IoError);
        _backEnd.End(_backEnd.Held[0], BlockStatus.IoError);
        _rig.Settle();
        Assert.Equal([tasks[1]], _rig.Ready);
        Assert.Equal("03/11/00", _rig.Sense());
        Assert.Equal([0xF0, 0, 3, 0, 0, 0, 1], _rig.LastSense[..7]);
        Assert.Equal([tasks[1], tasks[0]], _rig.Ready);
        Assert.Equal("03/11/00", _rig.Sense());
        Assert.Equal([0xF0, 0, 3, 0, 0, 0, 0], _rig.LastSense[..7]);
        Assert.Equal("00/00/00", _rig.Sense());
    }

    [Fact]
    public void One_that_fails_does_not_wait_for_ever_for_an_initiator_that_does_not_ask()
    {
        var tasks = Reads(2);
        _backEnd.End(_backEnd.Held[1], BlockStatus.IoError);
        _backEnd.End(_backEnd.Held[0], BlockStatus.IoError);
        _rig.Settle();
        Assert.Equal([tasks[1]], _rig.Ready);
        _ = Read(5);
        _rig.Settle();
        Assert.Equal([tasks[1], tasks[0]], _rig.Ready);
    }

    [Fact]
    public void A_command_without_a_tag_ends_the_sense_data_of_the_last()
    {
        Assert.Equal(ScsiStatus.CheckCondition, _rig.Start(new byte[6].With(0, 0xFF)).Status);
        Assert.Equal(ScsiStatus.Good, _rig.Start(ScsiRig.TestUnitReady, ScsiTaskAttribute.Untagged).Status);
        Assert.Equal("00/00/00", _rig.Sense());
    }

    [Fact]
    public void An_aborted_task_is_not_told_of_and_the_next_waits_for_its_end_at_the_disk()
    {
        var task = Read(0);
        _rig.OnThread(task.Abort);
        var next = Read(0);
        var old = Assert.Single(_backEnd.Held);
        _backEnd.End(old);
        _rig.Settle();
        Assert.Empty(_rig.Ready);
        EndAll();
        Assert.Equal([next], _rig.Ready);
    }

    [Fact]
    public void An_abort_of_an_ordered_task_lets_those_behind_it_go_on()
    {
        Reads(1);
        var ordered = Read(10, ScsiTaskAttribute.Ordered);
        _ = Read(11);
        _rig.OnThread(ordered.Abort);
        Assert.Equal([0, 11], Places());
    }

    [Fact]
    public void A_reset_gives_up_everything_and_is_reported_once()
    {
        Reads(10);
        var write = _rig.Start(ScsiRig.Command10(0x2A, 0, 1));
        Assert.Equal(ScsiTaskState.DataOut, write.State);
        _ = Read(11, ScsiTaskAttribute.Ordered);
        _rig.OnThread(_rig.Bus.ResetAll);
        EndAll();
        Assert.Empty(_rig.Ready);
        Assert.Empty(_backEnd.Held);

        // INQUIRY and REPORT LUNS leave it.
        Assert.Equal(ScsiStatus.Good, _rig.Start([0x12, 0, 0, 0, 0, 0]).Status);
        Assert.Equal(16, _rig.Ask(ScsiRig.Command12(0xA0, 0, 16)).Length);
        _rig.TakeAttention();
        Assert.Equal((ScsiStatus.Good, ""), _rig.Run(ScsiRig.TestUnitReady));
    }

    [Fact]
    public void What_comes_behind_a_reset_waits_for_what_was_under_way_at_the_disk()
    {
        Reads(2);
        _rig.OnThread(_rig.Unit.Reset);
        _rig.TakeAttention();
        _ = Read(7);
        Assert.Equal([0, 1], Places());
        EndAll();
        Assert.Equal([7], Places());
    }

    [Fact]
    public void A_task_whose_data_the_initiator_has_found_wrong_fails()
    {
        var task = Read(3);
        End(3);
        Assert.Equal(ScsiTaskState.DataIn, task.State);
        _rig.OnThread(() => task.Terminate(ScsiSense.InitiatorDetectedError));
        Assert.Equal((ScsiTaskState.Ended, ScsiStatus.CheckCondition), (task.State, task.Status));
        Assert.Equal("0B/48/00", _rig.Sense());
    }

    [Fact]
    public void It_fails_once_the_disk_is_done_with_what_it_has_of_it()
    {
        var task = Read(3);
        _rig.OnThread(() => task.Terminate(ScsiSense.InitiatorDetectedError));
        Assert.Equal(ScsiTaskState.Busy, task.State);
        End(3);
        Assert.Equal([task], _rig.Ready);
        Assert.Equal((ScsiTaskState.Ended, ScsiStatus.CheckCondition), (task.State, task.Status));
        Assert.Equal("0B/48/00", _rig.Sense());
        var next = Read(4);
        End(4);
        Assert.Equal(ScsiTaskState.DataIn, next.State);
    }

    [Fact]
    public void A_reset_of_the_queue_alone_gives_up_the_tasks_too()
    {
        Reads(2);
        _rig.Queue.Reset(() => { });
        var next = Read(7);
        EndAll();
        EndAll();
        Assert.Equal([next], _rig.Ready);
    }

    [Fact]
    public void REQUEST_SENSE_takes_a_unit_attention_condition()
    {
        _rig.OnThread(() => _rig.Bus.ResetTarget(1));
        Assert.Equal("06/29/00", _rig.Sense());
        Assert.Equal((ScsiStatus.Good, ""), _rig.Run(ScsiRig.TestUnitReady));
    }

    [Fact]
    public void After_the_machines_reset_what_was_under_way_is_forgotten()
    {
        for (var round = 0; round < 20; round++)
        {
            Reads(10);

            // Its completion may be posted and dropped, or come later.
            _backEnd.End(_backEnd.Held[0]);
            _rig.Queue.Reset(() => { });
            _rig.Bus.PowerOn();
            _rig.Ready.Clear();
            _rig.TakeAttention();
            EndAll();
            Assert.Empty(_rig.Ready);
            var task = Read(3);
            EndAll();
            Assert.Equal([task], _rig.Ready);
            _rig.Finish(task, new([]));
            Assert.Equal(ScsiStatus.Good, task.Status);
            _rig.Ready.Clear();
        }
    }

    [Fact]
    public void What_was_given_up_and_is_still_at_the_disk_counts()
    {
        Reads(ScsiDisk.MaximumTasks);
        _rig.OnThread(_rig.Unit.AbortAll);
        Assert.Equal(ScsiStatus.TaskSetFull, Read(0).Status);
        EndAll();
        Assert.Equal(ScsiTaskState.Busy, Read(0).State);
    }

    [Fact]
    public void A_stopped_disk_is_not_ready_until_it_is_started()
    {
        var stop = _rig.Start([0x1B, 0, 0, 0, 0, 0]);
        Assert.Equal(BlockOperation.Flush, Assert.Single(_backEnd.Held).Operation);
        EndAll();
        Assert.Equal(ScsiStatus.Good, stop.Status);
        Assert.Equal((ScsiStatus.CheckCondition, "02/04/02"), _rig.Run(ScsiRig.TestUnitReady));
        Assert.Equal((ScsiStatus.CheckCondition, "02/04/02"), _rig.Run(ScsiRig.Command10(0x28, 0, 1)));
        Assert.Equal("02/04/02", _rig.Sense());
        Assert.NotEmpty(_rig.Ask([0x1A, 0, 0x3F, 0, 255, 0]));
        Assert.Equal((ScsiStatus.Good, ""), _rig.Run([0x1B, 0, 0, 0, 1, 0]));
        Assert.Equal((ScsiStatus.Good, ""), _rig.Run(ScsiRig.TestUnitReady));
    }

    [Fact]
    public void A_flush_is_waited_for_and_a_FUA_read_comes_behind_one()
    {
        var synchronize = _rig.Start(ScsiRig.Command10(0x35, 0, 0, 0x02));
        Assert.Equal(BlockOperation.Flush, Assert.Single(_backEnd.Held).Operation);
        Assert.Equal(ScsiTaskState.Busy, synchronize.State);
        End(0);
        Assert.Equal(ScsiStatus.Good, synchronize.Status);
        _ = _rig.Start(ScsiRig.Command10(0x28, 4, 1, 0x18));
        Assert.Equal(BlockOperation.Flush, Assert.Single(_backEnd.Held).Operation);
        End(0);
        Assert.Equal(BlockOperation.Read, Assert.Single(_backEnd.Held).Operation);
        EndAll();
        var write = _rig.Start(ScsiRig.Command10(0x2A, 4, 1, 0x08));
        _rig.Finish(write, new(new byte[512]));
        Assert.True(Assert.Single(_backEnd.Held).ForceUnitAccess);
    }

    private ScsiTask[] Reads(int count) => [.. Enumerable.Range(0, count).Select(index => Read(index))];

    private ScsiTask Read(int block, ScsiTaskAttribute attribute = Simple) => _rig.Start(ScsiRig.Command10(0x28, (uint)block, 1), attribute);

    private IEnumerable<int> Places() => _backEnd.Held.Select(request => (int)(request.Offset / 512));

    private void End(int block)
    {
        _backEnd.End(_backEnd.Held.First(request => request.Operation == BlockOperation.Flush || request.Offset / 512 == block));
        _rig.Settle();
    }

    private void EndAll()
    {
        foreach (var request in _backEnd.Held.ToArray())
        {
            _backEnd.End(request);
        }

        _rig.Settle();
        foreach (var task in _rig.Ready)
        {
            _rig.Finish(task, new([]));
        }
    }
}
