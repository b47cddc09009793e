namespace Emulator.Devices.Tests;

/// <summary>What the statistics registers count, and that reading clears them.</summary>
public class E1000StatisticsTests
{
    [Fact]
    public void What_is_sent_is_counted_by_kind_and_size()
    {
        using var board = new E1000Board();
        foreach (var length in new[] { 60, 61, 124, 252, 508, 1020, 1514 })
        {
            board.WaitForTransmit(board.Transmit(E1000Board.Frame(length)));
        }

        board.WaitForTransmit(board.Transmit(E1000Board.Frame(Broadcast, 60)));
        board.WaitForTransmit(board.Transmit(E1000Board.Frame(Multicast, 60)));
        board.Nic.Settle();
        var octets = 60 + 61 + 124 + 252 + 508 + 1020 + 1514 + 60 + 60 + (9 * 4);
        Assert.Equal(9U, board[E1000Register.TotalPacketsTransmitted]);
        Assert.Equal(9U, board[E1000Register.GoodPacketsTransmitted]);
        Assert.Equal((1U, 1U), (board[E1000Register.BroadcastsTransmitted], board[E1000Register.MulticastsTransmitted]));
        Assert.Equal((ulong)octets, Octets(board, E1000Register.TotalOctetsTransmitted));
        Assert.Equal((ulong)octets, Octets(board, E1000Register.GoodOctetsTransmitted));
        Assert.Equal([3U, 1U, 1U, 1U, 1U, 2U], Sizes(board, E1000Register.PacketsTransmitted64));
        Assert.Equal(0U, board[E1000Register.TotalPacketsTransmitted]);
        Assert.Equal(0UL, Octets(board, E1000Register.TotalOctetsTransmitted));
    }

    [Fact]
    public void What_comes_is_counted_whether_it_passes_the_filters_or_not()
    {
        using var board = new E1000Board(started: false);
        board.Start(E1000Board.Plain | E1000ReceiveControl.MulticastPromiscuous);
        foreach (var length in new[] { 60, 124, 125, 1514 })
        {
            board.Nic.Send(E1000Board.Frame(length));
        }

        board.Nic.Send(E1000Board.Frame(Broadcast, 60));
        board.Nic.Send(E1000Board.Frame(Multicast, 60));
        board.Nic.Send(E1000Board.Frame(MacAddress.Default(7), 1000));
        board.Nic.Settle();
        var good = 60 + 124 + 125 + 1514 + 60 + 60 + (6 * 4);
        Assert.Equal((7U, 6U), (board[E1000Register.TotalPacketsReceived], board[E1000Register.GoodPacketsReceived]));
        Assert.Equal((1U, 1U), (board[E1000Register.BroadcastsReceived], board[E1000Register.MulticastsReceived]));
        Assert.Equal((ulong)good, Octets(board, E1000Register.GoodOctetsReceived));
        Assert.Equal((ulong)good + 1004, Octets(board, E1000Register.TotalOctetsReceived));
        Assert.Equal([3U, 0U, 2U, 0U, 0U, 1U], Sizes(board, E1000Register.PacketsReceived64));
        Assert.Equal(0U, board[E1000Register.GoodPacketsReceived]);
    }

    [Fact]
    public void Counters_stick_at_their_highest_value()
    {
        using var board = new E1000Board();
        board.Nic.Function.Registers[E1000Register.GoodPacketsTransmitted] = 0xFFFF_FFFE;
        board.Nic.Function.Registers[E1000Register.TotalOctetsTransmitted] = 0xFFFF_FFFF;
        for (var i = 0; i < 3; i++)
        {
            board.WaitForTransmit(board.Transmit(E1000Board.Frame(60)));
        }

        board.Nic.Settle();
        Assert.Equal(0xFFFF_FFFF, board[E1000Register.GoodPacketsTransmitted]);
        Assert.Equal(0xFFFF_FFFFUL + (3 * 64), Octets(board, E1000Register.TotalOctetsTransmitted));
    }

    private static MacAddress Broadcast => MacAddress.Read([0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF]);

    private static MacAddress Multicast => MacAddress.Read([0x01, 0, 0x5E, 0, 0, 1]);

    private static ulong Octets(E1000Board board, E1000Register low) => board[low] | ((ulong)board[low + 4] << 32);

    private static uint[] Sizes(E1000Board board, E1000Register first) => [.. Enumerable.Range(0, 6).Select(i => board[first.At(i)])];
}
