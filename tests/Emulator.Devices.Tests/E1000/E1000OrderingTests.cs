using System.Collections.Concurrent;
using Emulator.Memory;

namespace Emulator.Devices.Tests;

/// <summary>What the controller does to memory in which order, and which fences it asks for, as an observer of its DMA sees it.</summary>
public class E1000OrderingTests
{
    private const ulong Buffer = E1000Board.ReceiveBuffers;
    private const ulong Ring = E1000Board.ReceiveRing;

    [Fact]
    public void A_received_packet_and_the_body_come_before_DD_which_is_one_byte()
    {
        Assert.Equal(
            [
                "at e1000.tail-before-descriptor LoadLoad",
                $"Read {Ring:X} 16",
                $"Write {Buffer:X} 60",
                $"Write {Ring + 8:X} 8: 3C00FFFF00000000",
                "at e1000.rx.body-before-dd Release",
                $"Write {Ring + 12:X} 1: 07",
            ],
            Received(null, SiteMutation.None));
    }

    [Fact]
    public void Swapped_DD_comes_first_and_is_lost()
    {
        var log = Received(E1000Sites.BodyBeforeDone, SiteMutation.Swapped);
        Assert.Equal($"Write {Ring + 12:X} 1: 07", log[^3]);
        Assert.Equal($"Write {Ring + 8:X} 8: 3C00FFFF00000000", log[^1]);
    }

    [Fact]
    public void A_buffer_is_read_before_DD_is_stored()
    {
        Assert.Equal(
            [
                "at e1000.tail-before-descriptor LoadLoad",
                $"Read {E1000Board.TransmitRing:X} 16",
                $"Read {E1000Board.TransmitBuffers:X} 60",
                "at e1000.tx.read-before-dd Release",
                $"Write {E1000Board.TransmitRing + 12:X} 1: 01",
            ],
            Transmitted(null, SiteMutation.None));
    }

    [Fact]
    public void Swapped_DD_comes_before_the_buffer_is_read()
    {
        var log = Transmitted(E1000Sites.ReadBeforeDone, SiteMutation.Swapped);
        Assert.Equal([$"Write {E1000Board.TransmitRing + 12:X} 1: 01", $"Read {E1000Board.TransmitBuffers:X} 60"], log[^2..]);
    }

    [Fact]
    public void Each_site_of_a_loopback_is_passed_once_a_turn()
    {
        using var board = new E1000Board();
        board.WritePhy(0, 0x4140);
        board.Nic.Settle();
        var observer = new Log();
        board.Nic.Function.ObserveDma(observer);
        board.Transmit(E1000Board.Frame(60));
        board.NextReceived();
        board.Nic.Settle();
        Assert.Equal(
            ["at e1000.tail-before-descriptor LoadLoad", "at e1000.rx.body-before-dd Release", "at e1000.tx.read-before-dd Release"],
            observer.Lines.Where(line => line.StartsWith("at", StringComparison.Ordinal)));
    }

    private static string[] Received(OrderingSite? site, SiteMutation mutation)
    {
        using var board = new E1000Board();
        board[E1000Register.ReceiveChecksumControl] = 255;
        board.Nic.Settle();
        if (site is not null)
        {
            board.Nic.Function.Mutate(site, mutation);
        }

        var observer = new Log();
        board.Nic.Function.ObserveDma(observer);
        board.Nic.Send(E1000Board.Frame(60));
        board.Nic.Settle();
        return [.. observer.Lines];
    }

    private static string[] Transmitted(OrderingSite? site, SiteMutation mutation)
    {
        using var board = new E1000Board();
        board.Nic.Settle();
        if (site is not null)
        {
            board.Nic.Function.Mutate(site, mutation);
        }

        var observer = new Log();
        board.Nic.Function.ObserveDma(observer);
        board.Transmit(E1000Board.Frame(60));
        board.Nic.Settle();
        return [.. observer.Lines];
    }

    private sealed class Log : IDmaObserver
    {
        private string _data = "";

        public ConcurrentQueue<string> Lines { get; } = new();

        public void Fence(DmaFence fence)
        {
        }

        public void At(OrderingSite site, SiteMutation mutation, DmaFence fence) => Lines.Enqueue($"at {site} {fence}");

        public void Moved(ReadOnlySpan<byte> data) => _data = data.Length <= 8 ? $": {Convert.ToHexString(data)}" : "";

        public void Accessed(DmaDirection direction, ulong address, int length, DmaStatus status)
        {
            Assert.Equal(DmaStatus.Ok, status);
            Lines.Enqueue($"{direction} {address:X} {length}{(direction == DmaDirection.Write ? _data : "")}");
        }
    }
}
