namespace Emulator.Memory.Tests.Dma;

public sealed unsafe class DmaMessageTests : IDisposable
{
    private const ulong Window = 0xFEE00000;
    private readonly DmaBoard _board = new(DmaOrdering.Relaxed);
    private readonly MessageWindow _window = new();

    public DmaMessageTests() => _board.Memory.AddMmio("messages", Window, 0x1000, _window);

    public void Dispose() => _board.Dispose();

    [Fact]
    public void A_message_reaches_its_window_and_no_other_access_does()
    {
        Assert.Equal(DmaStatus.Ok, _board.Dma.SendMessage(Window + 0x10, 0x41));
        Assert.Equal([(Window + 0x10, 0x41u)], _window.Messages);
        Assert.Equal(DmaStatus.Registers, _board.Dma.Store(Window, 1u));
        Assert.Equal(DmaStatus.Registers, _board.Dma.Write(Window, [1, 2, 3, 4]));
        Assert.Equal(DmaStatus.Registers, _board.Dma.Load(Window, out uint _));
        Assert.Single(_window.Messages);
    }

    [Fact]
    public void A_message_into_RAM_is_a_store_that_code_notices()
    {
        var witness = new Witness();
        _board.Memory.AddObserver(witness);
        _board.Ram.CodeMap[1] = 1;
        Assert.Equal(DmaStatus.Ok, _board.Dma.SendMessage(0x1003, 0x12345678));
        Assert.Equal(0x12345678ul, _board.Word(0x1000));
        Assert.Equal([0x1000ul], witness.Pages);
    }

    [Fact]
    public void A_message_is_refused_like_any_write()
    {
        Assert.Equal(DmaStatus.Registers, _board.Dma.SendMessage(DmaBoard.RegisterBase, 1));
        Assert.Equal(DmaStatus.Unassigned, _board.Dma.SendMessage(DmaBoard.Rom, 1));
        Assert.Equal(DmaStatus.Unassigned, _board.Dma.SendMessage(DmaBoard.Nobody, 1));
        Assert.Equal(DmaStatus.Unassigned, _board.Dma.SendMessage(ulong.MaxValue, 1));
        _board.Owner.SetBusMaster(false);
        Assert.Equal(DmaStatus.NotBusMaster, _board.Dma.SendMessage(Window, 1));
        Assert.Empty(_window.Messages);
        Assert.Empty(_board.Registers.Log);
        Assert.Equal(1, _board.Owner.Refused(DmaStatus.Registers));
        Assert.Equal(3, _board.Owner.Refused(DmaStatus.Unassigned));
        Assert.Equal(1, _board.Owner.Refused(DmaStatus.NotBusMaster));
    }

    [Fact]
    public void A_translator_translates_messages_too()
    {
        _board.Owner.SetTranslator(new Shift(Window, 0x1000));
        Assert.Equal(DmaStatus.Ok, _board.Dma.SendMessage(0x20, 5));
        Assert.Equal([(Window + 0x20, 5u)], _window.Messages);
        Assert.Equal(DmaStatus.IommuFault, _board.Dma.SendMessage(Window, 5));
    }

    // s store, l load, r release, F full, - none: the bus's before a write, its own, the bus's between a write and a read.
    [Theory]
    [InlineData(DmaOrdering.Full, "FrF")]
    [InlineData(DmaOrdering.Tracked, "FrF")]
    [InlineData(DmaOrdering.Split, "srl")]
    [InlineData(DmaOrdering.Pci, "srF")]
    [InlineData(DmaOrdering.Relaxed, "-r-")]
    public void A_message_has_a_fence_of_its_own_and_leaves_no_direction_behind(DmaOrdering ordering, string fences)
    {
        var witness = new FenceWitness();
        _board.Owner.SetOrdering(ordering);
        _board.Owner.SetObserver(witness);
        _board.Dma.Load(0, out uint _);
        _board.Dma.Load(0, out uint _);
        var between = witness.Fences[^1];
        witness.Fences.Clear();
        _board.Dma.SendMessage(Window, 1);
        Assert.Equal(fences, string.Concat(witness.Fences.Select(fence => "-slxrF"[(int)fence])));
        Assert.Equal((DmaDirection.Write, Window, 4, DmaStatus.Ok), witness.Accesses[^1]);
        witness.Fences.Clear();
        _board.Dma.Load(0, out uint _);
        Assert.Equal([between], witness.Fences);
    }

    [Fact]
    public void Messages_from_another_thread_disturb_no_access()
    {
        var stop = false;
        using var started = new ManualResetEventSlim();
        var sender = new Thread(() =>
        {
            started.Set();
            for (uint i = 0; !Volatile.Read(ref stop); i++)
            {
                _board.Dma.SendMessage(i % 3 == 0 ? DmaBoard.SecondRam : i % 3 == 1 ? Window : DmaBoard.Nobody, i);
                if (i % 64 == 0)
                {
                    _window.Messages.Clear();
                }
            }
        });
        sender.Start();
        Assert.True(started.Wait(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken));
        var wrong = "";
        for (ulong i = 1; i <= 300_000 && wrong.Length == 0; i++)
        {
            var at = (i & 0xFF) * 8;
            var status = _board.Dma.Store(at, i);
            wrong = status == DmaStatus.Ok && _board.Dma.Load(at, out ulong seen) == DmaStatus.Ok && seen == i ? wrong : $"{status} at {i}";
        }

        Volatile.Write(ref stop, true);
        sender.Join();
        Assert.Equal("", wrong);
    }
}
