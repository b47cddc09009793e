using System.Net.Sockets;
using Emulator.Devices;
using Emulator.Host.Disks.Nbd;
using Emulator.Host.Tests.Network;

namespace Emulator.Host.Tests.Disks.Nbd;

/// <summary>Servers that go, come back, and lie, played by the test.</summary>
public sealed class NbdReconnectTests : IDisposable
{
    private const long Size = 1 << 20;

    private readonly NbdRig _rig = new();
    private readonly Socket _listener;

    public NbdReconnectTests() => _listener = _rig.Listen();

    public void Dispose() => _rig.Dispose();

    [Fact]
    public void What_was_not_answered_is_asked_again()
    {
        var (backEnd, server) = Open();
        var read = _rig.Start(backEnd, BlockOperation.Read, 512, new byte[512]);
        var write = _rig.Start(backEnd, BlockOperation.Write, 1024, Bytes(7));
        var sent = new[] { server.ReadRequest(), server.ReadRequest() };
        server = Return(server);
        var again = new[] { server.ReadRequest(), server.ReadRequest() };
        Assert.Equal(sent.Select(Key).Order(), again.Select(Key).Order());
        foreach (var request in again)
        {
            server.Reply(request, request.Command == NbdCommand.Read ? Bytes(3) : []);
        }

        Assert.Equal((BlockStatus.Ok, BlockStatus.Ok), (NbdRig.End(read), NbdRig.End(write)));
        Assert.Equal(3, read.Buffer.Span[511]);
        AssertGoneAndBack("the server has closed the connection; 2 requests wait");
    }

    [Theory]
    [InlineData(8)]
    [InlineData(NbdProtocol.ReplySize)]
    [InlineData(NbdProtocol.ReplySize + 100)]
    public void A_connection_that_ends_in_the_middle_of_a_reply_is_made_anew(int sentBytes)
    {
        var (backEnd, server) = Open();
        var read = _rig.Start(backEnd, BlockOperation.Read, 0, new byte[512]);
        var request = server.ReadRequest();
        byte[] reply = [.. ServerEnd.U32(NbdProtocol.ReplyMagic), .. ServerEnd.U32(0), .. ServerEnd.U64(request.Cookie), .. Bytes(9)];
        server.Send(reply[..sentBytes]);
        server = Return(server);
        Assert.Equal(BlockStatus.Pending, read.Status);
        server.Reply(server.ReadRequest(), Bytes(4));
        Assert.Equal(BlockStatus.Ok, NbdRig.End(read));
        Assert.All(read.Buffer.ToArray(), value => Assert.Equal(4, value));
    }

    [Theory]
    [InlineData("magic", "the server sent something that is no reply")]
    [InlineData("cookie", "the server answered what was not asked")]
    [InlineData("index", "the server answered what was not asked")]
    [InlineData("twice", "the server answered what was not asked")]
    [InlineData("structured", "the server sent something that is no reply")]
    [InlineData("shutdown", "the server is shutting down")]
    public void A_reply_that_cannot_be_ends_the_connection_and_not_the_request(string what, string line)
    {
        var (backEnd, server) = Open();
        var write = _rig.Start(backEnd, BlockOperation.Write, 0, Bytes(1));
        var request = server.ReadRequest();
        switch (what)
        {
            case "magic":
                server.Send(new byte[100_000]);
                break;
            case "cookie":
                server.Reply(request with { Cookie = request.Cookie + 256 });
                break;
            case "index":
                server.Reply(request with { Cookie = request.Cookie | 0xFF });
                break;
            case "twice":
                server.Reply(request);
                server.Reply(request);
                break;
            case "structured":
                server.Send(ServerEnd.U32(0x668E33EF), ServerEnd.U16(1), ServerEnd.U16(0), ServerEnd.U64(request.Cookie), ServerEnd.U32(uint.MaxValue));
                break;
            default:
                server.ReplyError(request, NbdError.ShuttingDown);
                break;
        }

        // In each case the write is sent, by itself or as what was not flushed.
        server = Return(server);
        server.Reply(server.ReadRequest());
        Assert.Equal(BlockStatus.Ok, NbdRig.End(write));
        Flush(backEnd, server);
        Assert.Contains(line, _rig.Lines.First(), StringComparison.Ordinal);
    }

    [Fact]
    public void What_a_server_may_have_lost_is_written_again_before_anything_else()
    {
        var (backEnd, server) = Open();
        Write(backEnd, server, 0, 1);
        Flush(backEnd, server);       // What is flushed is not written again.
        Write(backEnd, server, 512, 2);
        Write(backEnd, server, 512, 3);
        Ended(_rig.Start(backEnd, BlockOperation.WriteZeroes, 4096, length: 1024), server);
        Ended(_rig.Start(backEnd, BlockOperation.Discard, 8192, length: 1024), server);
        var flush = _rig.Start(backEnd, BlockOperation.Flush);
        Assert.Equal(NbdCommand.Flush, server.ReadRequest().Command);
        server = Return(server);

        // One at a time, as they are of one place; then all the others.
        var first = server.ReadRequest();
        Assert.Equal((NbdCommand.Write, 512L, 2), (first.Command, first.Offset, first.Payload[0]));
        server.Reply(first);
        var others = new[] { server.ReadRequest(), server.ReadRequest(), server.ReadRequest() };
        Assert.Equal((NbdCommand.Write, 512L, 3), (others[0].Command, others[0].Offset, others[0].Payload[0]));
        Assert.Equal((NbdCommand.WriteZeroes, 4096L, NbdCommand.Trim, 8192L), (others[1].Command, others[1].Offset, others[2].Command, others[2].Offset));
        Assert.Equal(BlockStatus.Pending, flush.Status);
        Array.ForEach(others, request => server.Reply(request));
        var last = server.ReadRequest();
        Assert.Equal((NbdCommand.Flush, BlockStatus.Pending), (last.Command, flush.Status));
        server.Reply(last);
        Assert.Equal(BlockStatus.Ok, NbdRig.End(flush));
        AssertGoneAndBack("1 requests wait");

        // And now there is nothing to write again.
        var read = _rig.Start(backEnd, BlockOperation.Read, 0, new byte[512]);
        server = Return(server);
        Assert.Equal(NbdCommand.Read, server.ReadRequest().Command);
        Assert.Equal(BlockStatus.Pending, read.Status);
    }

    [Fact]
    public void A_write_that_ended_while_a_flush_was_under_way_is_not_taken_for_flushed()
    {
        var (backEnd, server) = Open();
        Write(backEnd, server, 0, 1);
        var flush = _rig.Start(backEnd, BlockOperation.Flush);
        var flushing = server.ReadRequest();
        Write(backEnd, server, 512, 2);
        server.Reply(flushing);
        Assert.Equal(BlockStatus.Ok, NbdRig.End(flush));
        server = Return(server);
        var again = server.ReadRequest();
        Assert.Equal((512L, 2), (again.Offset, again.Payload[0]));
        server.Reply(again);
        Flush(backEnd, server);
    }

    [Fact]
    public void A_forced_write_behind_an_older_one_of_the_same_place_is_not_undone()
    {
        var (backEnd, server) = Open();
        Write(backEnd, server, 0, 1);
        Ended(_rig.Start(backEnd, BlockOperation.Write, 0, Bytes(2), fua: true), server);
        server = Return(server);
        server.Reply(server.ReadRequest());
        var second = server.ReadRequest();
        Assert.Equal((2, NbdProtocol.CommandForceUnitAccess), (second.Payload[0], second.Flags));
        server.Reply(second);
        Flush(backEnd, server);
    }

    [Fact]
    public void When_there_is_no_room_for_more_copies_a_write_waits_for_a_flush_that_nobody_asked_for()
    {
        var (backEnd, server) = Open();
        var data = new byte[1 << 20];
        TestRequest? waiting = null;
        ServerRequest? flush = null;
        for (var i = 0; waiting is null; i++)
        {
            Assert.True(i <= NbdBackEnd.KeptBytes / data.Length, "nothing is flushed");
            var write = _rig.Start(backEnd, BlockOperation.Write, 0, data);
            var request = server.ReadRequest();
            if (request.Command == NbdCommand.Flush)
            {
                flush = request;
                request = server.ReadRequest();
            }

            server.Reply(request);
            if (i < NbdBackEnd.KeptBytes / data.Length)
            {
                Assert.Equal(BlockStatus.Ok, NbdRig.End(write));
            }
            else
            {
                waiting = write;
            }
        }

        Assert.NotNull(flush);
        server.Reply(flush);
        Assert.Equal(BlockStatus.Ok, NbdRig.End(waiting));
    }

    [Fact]
    public void A_server_that_takes_no_longer_what_it_took_makes_flushes_fail()
    {
        var (backEnd, server) = Open();
        Write(backEnd, server, 0, 1);
        server = Return(server);
        server.ReplyError(server.ReadRequest(), NbdError.NoSpace);
        UntilLine("no flush succeeds from now on");
        Assert.Equal(BlockStatus.IoError, NbdRig.End(_rig.Start(backEnd, BlockOperation.Flush)));
        Ended(_rig.Start(backEnd, BlockOperation.Read, 0, new byte[512]), server, new byte[512]);
    }

    [Fact]
    public void Who_comes_back_as_another_is_not_taken()
    {
        var (backEnd, server) = Open();
        var read = _rig.Start(backEnd, BlockOperation.Read, 512, new byte[512]);
        server.ReadRequest();
        server.Dispose();
        foreach (var (size, flags, minimum, maximum, line) in new (long, ushort, uint, uint, string)[]
        {
            (Size / 2, ServerEnd.AllFlags, 1, 1 << 25, "with 524288 bytes instead of 1048576"),
            (Size, (ushort)NbdExportFlags.ReadOnly | ServerEnd.AllFlags, 1, 1 << 25, "read-only"),
            (Size, (ushort)(ServerEnd.AllFlags & ~(ushort)NbdExportFlags.Flush), 1, 1 << 25, "without Flush"),
            (Size, ServerEnd.AllFlags, 4096, 1 << 25, "with requests of 4096 to 33554432 bytes instead of 1 to 33554432"),
            (Size, ServerEnd.AllFlags, 1, 4096, "with requests of 1 to 4096 bytes instead of 1 to 33554432"),
        })
        {
            using var other = NbdRig.Accept(_listener).Negotiate(size, flags, minimum, maximum);
            Assert.Null(other.TryReadRequest());
            UntilLine($"not connected again: the server has come back {line}");
            Assert.Equal(BlockStatus.Pending, read.Status);
        }

        // One that has grown is as good; the disk stays as it was.
        server = NbdRig.Accept(_listener).Negotiate(Size * 2);
        server.Reply(server.ReadRequest(), Bytes(1));
        Assert.Equal(BlockStatus.Ok, NbdRig.End(read));
        Assert.Equal(Size, backEnd.Length);
    }

    [Fact]
    public void Requests_wait_no_longer_than_they_are_told_and_later_ones_not_at_all_until_the_server_is_back()
    {
        var (backEnd, server) = _rig.Open(_listener, end => end.Negotiate(Size), delay: 0.2);
        Write(backEnd, server, 0, 5);
        var read = _rig.Start(backEnd, BlockOperation.Read, 0, new byte[512]);
        server.ReadRequest();
        File.Move(_rig.SocketPath, _rig.Path("hidden"));
        server.Dispose();
        Assert.Equal(BlockStatus.IoError, NbdRig.End(read));
        Assert.Equal(BlockStatus.IoError, NbdRig.End(_rig.Start(backEnd, BlockOperation.Flush)));
        Assert.Contains("1 requests have failed", string.Join('\n', _rig.Lines), StringComparison.Ordinal);

        // Nothing is lost by that: the flush that failed for want of a server succeeds with one.
        File.Move(_rig.Path("hidden"), _rig.SocketPath);
        server = NbdRig.Accept(_listener).Negotiate(Size);
        var again = server.ReadRequest();
        Assert.Equal((NbdCommand.Write, 5), (again.Command, again.Payload[0]));
        server.Reply(again);
        UntilLine("is back after");
        Flush(backEnd, server);
    }

    [Fact]
    public void A_request_that_no_connection_survives_fails_in_the_end()
    {
        var (backEnd, server) = Open();
        var read = _rig.Start(backEnd, BlockOperation.Read, 0, new byte[512]);
        while (read.Status == BlockStatus.Pending)
        {
            Assert.Equal(NbdCommand.Read, server.ReadRequest().Command);
            server.Dispose();
            if (NbdRig.TryAccept(_listener, () => read.Status != BlockStatus.Pending) is { } next)
            {
                server = next.Negotiate(Size);
            }
        }

        Assert.Equal(BlockStatus.IoError, read.Status);
    }

    [Fact]
    public void A_server_that_is_silent_holds_up_neither_the_end_nor_who_starts_a_request()
    {
        var (backEnd, server) = Open();
        var writes = Enumerable.Range(0, 40).Select(i => _rig.Start(backEnd, BlockOperation.Write, 0, new byte[1 << 20])).ToArray();
        backEnd.Dispose();
        Assert.All(writes, write => Assert.Equal(BlockStatus.IoError, NbdRig.End(write)));
        server.Dispose();
    }

    private static byte[] Bytes(byte value) => Enumerable.Repeat(value, 512).ToArray();

    private static (NbdCommand, ushort, long, int) Key(ServerRequest request) => (request.Command, request.Flags, request.Offset, request.Length);

    private (IBlockBackEnd BackEnd, ServerEnd Server) Open() => _rig.Open(_listener, end => end.Negotiate(Size));

    // The server goes and comes back.
    private ServerEnd Return(ServerEnd server)
    {
        server.Dispose();
        return NbdRig.Accept(_listener).Negotiate(Size);
    }

    private void Write(IBlockBackEnd backEnd, ServerEnd server, long offset, byte value) =>
        Ended(_rig.Start(backEnd, BlockOperation.Write, offset, Bytes(value)), server);

    private void Flush(IBlockBackEnd backEnd, ServerEnd server)
    {
        var flush = _rig.Start(backEnd, BlockOperation.Flush);
        var request = server.ReadRequest();
        Assert.Equal(NbdCommand.Flush, request.Command);
        server.Reply(request);
        Assert.Equal(BlockStatus.Ok, NbdRig.End(flush));
    }

    private void UntilLine(string words) => Wires.Until(() => _rig.Lines.Any(line => line.Contains(words, StringComparison.Ordinal)), words);

    private static void Ended(TestRequest request, ServerEnd server, params byte[][] data)
    {
        server.Reply(server.ReadRequest(), data);
        Assert.Equal(BlockStatus.Ok, NbdRig.End(request));
    }

    private void AssertGoneAndBack(string why)
    {
        Assert.Equal(2, _rig.Lines.Count);
        Assert.StartsWith("drive d: the server nbd+unix:///?socket=S is gone: ", _rig.Lines.First(), StringComparison.Ordinal);
        Assert.Contains(why, _rig.Lines.First(), StringComparison.Ordinal);
        Assert.StartsWith("drive d: the server is back after ", _rig.Lines.Last(), StringComparison.Ordinal);
    }
}
