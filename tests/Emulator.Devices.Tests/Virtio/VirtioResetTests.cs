namespace Emulator.Devices.Tests;

/// <summary>Reset while requests are under way: nothing of the old happens after it, and everything works again.</summary>
public class VirtioResetTests
{
    private const int Rounds = 60;

    public enum Way
    {
        Status,
        LegacyStatus,
        Bus,
    }

    [Theory]
    [InlineData(Way.Status)]
    [InlineData(Way.LegacyStatus)]
    [InlineData(Way.Bus)]
    public void After_a_reset_under_load_memory_and_pin_stay_as_they_are(Way way)
    {
        var seed = Random.Shared.Next();
        var random = new Random(seed);
        using var board = new VirtioBoard(new VirtioBlkOptions { Queues = 2 });
        for (var round = 0; round < Rounds; round++)
        {
            var queues = board.Start(round % 2 == 0 ? board.Offered : null, 2, 64);
            foreach (var queue in queues)
            {
                for (var i = 0; i < 20; i++)
                {
                    queue.Request(i * 3, random.Next(2) == 0 ? VirtioBlkType.In : VirtioBlkType.Flush, (ulong)random.Next(100), 512 * random.Next(1, 300));
                    queue.Add(i * 3);
                }

                queue.Notify();
            }

            for (var spin = random.Next(3000); spin > 0; spin--)
            {
                Thread.SpinWait(10);
            }

            Reset(board, way);
            var what = $"seed {seed}, round {round}";
            var before = board.Bytes(0x10_0000, 0x20_0000);
            board.Settle();
            Assert.True(before.AsSpan().SequenceEqual(board.Bytes(0x10_0000, 0x20_0000)), what);
            Assert.False(board.Interrupts, what);
            Assert.True(board.Status == 0, what);
            Assert.True(board.Start()[0].Do(VirtioBlkType.GetId, 0, 20).Status == VirtioBlkStatus.Ok, what);
        }
    }

    [Theory]
    [InlineData(Way.Status)]
    [InlineData(Way.LegacyStatus)]
    [InlineData(Way.Bus)]
    public void What_was_under_way_ends_unseen_and_what_is_new_waits_for_it(Way way)
    {
        var disk = new HeldBackEnd(1 << 20);
        using var board = new VirtioBoard(backEnd: disk);
        var queue = board.Start()[0];
        queue.Request(0, VirtioBlkType.Out, 5, 0, new byte[512]);
        queue.Request(4, VirtioBlkType.In, 6, 512);
        queue.Add(0);
        queue.Add(4);
        queue.Notify();
        board.Settle();
        var old = disk.Held.ToList();
        Assert.Equal([5 * 512, 6 * 512], old.Select(request => request.Offset));

        // Nobody waits: the status reads 0 as soon as it was written, with both of them still there.
        Reset(board, way);
        Assert.Equal((VirtioStatus)0, board.Status);
        queue = board.Start()[0];
        var before = board.Bytes(queue.Memory, 0x1000);
        var (_, status) = queue.Request(0, VirtioBlkType.Out, 5, 0, new byte[512]);
        queue.Add(0);
        queue.Notify();
        board.Settle();
        Assert.Equal(old, disk.Held);
        disk.End(old[1]);
        board.Settle();
        Assert.Equal([old[0]], disk.Held);
        disk.End(old[0], BlockStatus.IoError);
        board.Settle();
        Assert.True(queue.IsEmpty);
        Assert.False(board.Interrupts);
        disk.End(Assert.Single(disk.Held));
        Assert.Equal((0, 1U), queue.Receive());
        Assert.Equal(0UL, board.Load(status, 1));
        Assert.Equal(before.Length, board.Bytes(queue.Memory, 0x1000).Length);
    }

    [Fact]
    public void A_reset_from_two_processors_at_once_is_a_reset()
    {
        using var board = new VirtioBoard();
        using var both = new Barrier(2);
        for (var round = 0; round < 50; round++)
        {
            var queue = board.Start()[0];
            for (var i = 0; i < 5; i++)
            {
                queue.Request(i * 3, VirtioBlkType.In, 0, 65536);
                queue.Add(i * 3);
            }

            queue.Notify();
            var other = new Thread(() =>
            {
                both.SignalAndWait(TestContext.Current.CancellationToken);
                board[VirtioPciRegister.Status] = 0;
            });
            other.Start();
            both.SignalAndWait(TestContext.Current.CancellationToken);
            board[VirtioPciRegister.Status] = 0;
            Deadline.Join(other);
            Assert.Equal((VirtioStatus)0, board.Status);
            Assert.Equal(VirtioBlkStatus.Ok, board.Start()[0].Do(VirtioBlkType.GetId, 0, 20).Status);
        }
    }

    private static void Reset(VirtioBoard board, Way way)
    {
        switch (way)
        {
            case Way.Status:
                board[VirtioPciRegister.Status] = 0;
                break;
            case Way.LegacyStatus:
                board[VirtioLegacyRegister.Status] = 0;
                break;
            default:
                board.Bus.Reset();
                board.PlaceWindows();
                board.SetMaster(true);
                break;
        }
    }
}
