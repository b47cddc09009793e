namespace Emulator.Devices.Tests;

/// <summary>The two ends of a wire.</summary>
public sealed class NetworkPortTests
{
    private readonly NetworkPort _controller;
    private readonly NetworkPort _backEnd;
    private readonly List<string> _told = [];

    public NetworkPortTests()
    {
        (_controller, _backEnd) = NetworkPort.CreateWire();
        _controller.Listen(() => _told.Add("controller: arrived"), () => _told.Add("controller: room"), () => _told.Add("controller: link"));
        _backEnd.Listen(() => _told.Add("back end: arrived"), () => _told.Add("back end: room"), () => _told.Add("back end: link"));
    }

    [Fact]
    public void What_one_end_sends_the_other_receives_both_ways_at_once()
    {
        Assert.True(_controller.TrySend([1, 2]));
        Assert.True(_backEnd.TrySend([3]));
        Assert.True(_backEnd.TryPeek(out var frame));
        Assert.Equal([1, 2], frame.ToArray());
        Assert.True(_controller.TryPeek(out frame));
        Assert.Equal([3], frame.ToArray());
        Assert.Equal(["back end: arrived", "controller: arrived"], _told);
    }

    [Fact]
    public void A_full_wire_is_told_and_has_room_when_a_frame_is_taken()
    {
        var sent = 0;
        while (_controller.TrySend(new byte[1514]))
        {
            sent++;
        }

        _told.Clear();
        Assert.False(_controller.HasRoom(1514));
        for (var i = 0; i < 2; i++)
        {
            Assert.True(_backEnd.TryPeek(out _));
            _backEnd.Consume();
        }

        Assert.Equal(["controller: room"], _told);
        Assert.True(_controller.TrySend(new byte[1514]));
        Assert.Equal(FrameRing.Capacity / (1516 + 4), sent);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(NetworkPort.LargestFrame + 1)]
    [InlineData(10 * NetworkPort.LargestFrame)]
    public void A_frame_that_no_wire_carries_is_lost(int length)
    {
        _controller.Tap = _ => _told.Add("tap");
        Assert.True(_controller.HasRoom(length));
        Assert.True(_controller.TrySend(new byte[length]));
        Assert.False(_backEnd.TryPeek(out _));
        Assert.Empty(_told);
    }

    [Fact]
    public void There_is_a_link_while_both_ends_are_up_and_each_hears_of_the_others_changes()
    {
        Assert.True(_controller.IsLinkUp && _backEnd.IsLinkUp);
        _backEnd.SetUp(false);
        _backEnd.SetUp(false);
        Assert.False(_controller.IsLinkUp || _backEnd.IsLinkUp);
        _controller.SetUp(false);
        _backEnd.SetUp(true);
        Assert.False(_controller.IsLinkUp || _backEnd.IsLinkUp);
        _controller.SetUp(true);
        Assert.True(_controller.IsLinkUp && _backEnd.IsLinkUp);
        Assert.Equal(["controller: link", "back end: link", "controller: link", "back end: link"], _told);
    }

    [Fact]
    public void Without_a_link_what_is_sent_is_lost_and_what_is_on_the_wire_stays()
    {
        Assert.True(_controller.TrySend([1]));
        _backEnd.SetUp(false);
        Assert.True(_controller.TrySend([2]));
        Assert.True(_backEnd.TrySend([3]));
        _backEnd.SetUp(true);
        Assert.True(_controller.TrySend([4]));
        foreach (var expected in new byte[] { 1, 4 })
        {
            Assert.True(_backEnd.TryPeek(out var frame));
            Assert.Equal(expected, frame[0]);
            _backEnd.Consume();
        }

        Assert.False(_backEnd.TryPeek(out _));
        Assert.False(_controller.TryPeek(out _));
    }

    [Fact]
    public void A_tap_sees_each_frame_once_as_it_is_sent()
    {
        _controller.Tap = frame => _told.Add($"tap: {frame.Length}");
        var sent = 0;
        while (_controller.TrySend(new byte[60_000]))
        {
            sent++;
        }

        Assert.Equal(sent, _told.Count(line => line == "tap: 60000"));
        Assert.True(_told.IndexOf("tap: 60000") < _told.IndexOf("back end: arrived"), "before the other end can have it");
    }

    [Fact]
    public void With_nothing_in_its_socket_a_controller_has_no_link()
    {
        var port = NetworkPort.CreateUnconnected();
        Assert.False(port.IsLinkUp);
        for (var i = 0; i < 1_000; i++)
        {
            Assert.True(port.TrySend(new byte[1514]));
        }

        Assert.False(port.TryPeek(out _));
    }

    [Fact]
    public void A_queue_gets_the_work_of_each_event()
    {
        using var thread = new IoThread("io", (_, exception) => Assert.Fail(exception.ToString()));
        using var queue = new IoQueue(thread, "device");
        Counting receive = new(), transmit = new(), link = new();
        var (controller, backEnd) = NetworkPort.CreateWire();
        controller.Listen(queue, receive, transmit, link);
        backEnd.Listen(() => { }, () => { }, () => { });
        Assert.True(backEnd.TrySend([1]));
        Deadline.Until(() => receive.Runs == 1, "the receive work");
        backEnd.SetUp(false);
        Deadline.Until(() => link.Runs == 1, "the link work");
        backEnd.SetUp(true);
        while (controller.TrySend(new byte[60_000]))
        {
        }

        Assert.True(backEnd.TryPeek(out _));
        backEnd.Consume();
        Deadline.Until(() => transmit.Runs == 1, "the transmit work");
        Assert.Equal((1, 1), (receive.Runs, transmit.Runs));
    }

    private sealed class Counting : IoWork
    {
        private int _runs;

        public int Runs => Volatile.Read(ref _runs);

        protected internal override void Run() => Volatile.Write(ref _runs, _runs + 1);
    }
}
