using Emulator.Devices;
using Emulator.Host.Disks.Nbd;

namespace Emulator.Host.Tests.Disks.Nbd;

/// <summary>Requests and replies, with a server that the test plays.</summary>
public sealed class NbdTransmissionTests : IDisposable
{
    private const long Size = 1 << 20;

    private readonly NbdRig _rig = new();

    public void Dispose() => _rig.Dispose();

    [Fact]
    public void Replies_in_any_order_find_their_requests()
    {
        var (backEnd, server) = _rig.Open(_rig.Listen(), end => end.Negotiate(Size));
        var reads = Enumerable.Range(0, 40).Select(i => _rig.Start(backEnd, BlockOperation.Read, i * 512, new byte[512])).ToArray();
        var requests = reads.Select(_ => server.ReadRequest()).ToArray();
        foreach (var request in requests.Reverse())
        {
            server.Reply(request, Enumerable.Repeat((byte)(request.Offset / 512), 512).ToArray());
        }

        for (var i = 0; i < reads.Length; i++)
        {
            Assert.Equal(BlockStatus.Ok, NbdRig.End(reads[i]));
            Assert.All(reads[i].Buffer.ToArray(), value => Assert.Equal(i, value));
        }
    }

    [Fact]
    public void More_than_can_be_under_way_waits_its_turn()
    {
        var (backEnd, server) = _rig.Open(_rig.Listen(), end => end.Negotiate(Size));
        var reads = Enumerable.Range(0, 300).Select(i => _rig.Start(backEnd, BlockOperation.Read, i * 512, new byte[512])).ToArray();
        for (var i = 0; i < reads.Length; i++)
        {
            server.Reply(server.ReadRequest(), new byte[512]);
        }

        Assert.All(reads, read => Assert.Equal(BlockStatus.Ok, NbdRig.End(read)));
    }

    [Fact]
    public void What_is_larger_than_the_server_takes_is_cut_up()
    {
        var (backEnd, server) = _rig.Open(_rig.Listen(), end => end.Negotiate(Size, minimum: 512, maximum: 2000));
        var data = Enumerable.Range(0, 4096).Select(i => (byte)(i / 16)).ToArray();
        var write = _rig.Start(backEnd, BlockOperation.Write, 1024, data, fua: true);
        var pieces = Enumerable.Range(0, 3).Select(_ => server.ReadRequest()).ToArray();
        Assert.Equal([(1024L, 1536), (2560L, 1536), (4096L, 1024)], pieces.Select(piece => (piece.Offset, piece.Length)));
        Assert.Equal(data, pieces.SelectMany(piece => piece.Payload));
        Assert.All(pieces, piece => Assert.Equal((NbdCommand.Write, NbdProtocol.CommandForceUnitAccess), (piece.Command, piece.Flags)));
        server.Reply(pieces[1]);
        server.Reply(pieces[0]);
        Assert.Equal(BlockStatus.Pending, write.Status);
        server.Reply(pieces[2]);
        Assert.Equal(BlockStatus.Ok, NbdRig.End(write));
    }

    [Theory]
    [InlineData(true, (ushort)0)]
    [InlineData(false, NbdProtocol.CommandNoHole)]
    public void Zeroes_are_a_hole_if_they_may_be(bool mayUnmap, ushort flags)
    {
        var (backEnd, server) = _rig.Open(_rig.Listen(), end => end.Negotiate(Size));
        var zeroes = _rig.Start(backEnd, BlockOperation.WriteZeroes, 4096, length: 8192, mayUnmap: mayUnmap);
        var request = server.ReadRequest();
        Assert.Equal((NbdCommand.WriteZeroes, flags, 4096L, 8192), (request.Command, request.Flags, request.Offset, request.Length));
        server.Reply(request);
        Assert.Equal(BlockStatus.Ok, NbdRig.End(zeroes));
    }

    [Fact]
    public void A_server_that_can_do_little_is_asked_for_little()
    {
        var (backEnd, server) = _rig.Open(_rig.Listen(), end => end.Negotiate(Size, (ushort)(NbdExportFlags.HasFlags | NbdExportFlags.Flush)));
        _rig.Do(backEnd, BlockOperation.Discard, 0, length: 4096);
        var zeroes = _rig.Start(backEnd, BlockOperation.WriteZeroes, 0, length: 100 << 10);
        var pieces = new[] { server.ReadRequest(), server.ReadRequest() };
        Assert.All(pieces, piece => Assert.True(piece.Command == NbdCommand.Write && piece.Payload.All(value => value == 0)));
        Assert.Equal(100 << 10, pieces.Sum(piece => piece.Payload.Length));
        server.Reply(pieces[0]);
        server.Reply(pieces[1]);
        Assert.Equal(BlockStatus.Ok, NbdRig.End(zeroes));

        // Without FUA, a write and a flush.
        var write = _rig.Start(backEnd, BlockOperation.Write, 512, new byte[512], fua: true);
        var request = server.ReadRequest();
        Assert.Equal((NbdCommand.Write, (ushort)0), (request.Command, request.Flags));
        server.Reply(request);
        var flush = server.ReadRequest();
        Assert.Equal((NbdCommand.Flush, 0L, 0), (flush.Command, flush.Offset, flush.Length));
        Assert.Equal(BlockStatus.Pending, write.Status);
        server.Reply(flush);
        Assert.Equal(BlockStatus.Ok, NbdRig.End(write));
    }

    [Theory]
    [InlineData(5u, BlockStatus.IoError)]
    [InlineData(22u, BlockStatus.IoError)]
    [InlineData(28u, BlockStatus.NoSpace)]
    [InlineData(1u, BlockStatus.ReadOnly)]
    [InlineData(95u, BlockStatus.NotSupported)]
    [InlineData(uint.MaxValue, BlockStatus.IoError)]
    public void An_error_is_the_requests_and_nothing_elses(uint error, BlockStatus status)
    {
        var (backEnd, server) = _rig.Open(_rig.Listen(), end => end.Negotiate(Size));
        foreach (var operation in new[] { BlockOperation.Read, BlockOperation.Write })
        {
            var failing = _rig.Start(backEnd, operation, 0, new byte[512]);
            server.ReplyError(server.ReadRequest(), (NbdError)error);
            Assert.Equal(status, NbdRig.End(failing));
        }

        var read = _rig.Start(backEnd, BlockOperation.Read, 0, new byte[512]);
        server.Reply(server.ReadRequest(), new byte[512]);
        Assert.Equal(BlockStatus.Ok, NbdRig.End(read));
    }

    [Fact]
    public void The_rest_of_a_request_that_has_failed_is_not_sent()
    {
        var (backEnd, server) = _rig.Open(_rig.Listen(), end => end.Negotiate(Size, minimum: 512, maximum: 512));
        var write = _rig.Start(backEnd, BlockOperation.Write, 0, new byte[100 * 512]);
        var pieces = Enumerable.Range(0, NbdRequests.MostPieces).Select(_ => server.ReadRequest()).ToArray();
        foreach (var piece in pieces)
        {
            server.ReplyError(piece, NbdError.NoSpace);
        }

        Assert.Equal(BlockStatus.NoSpace, NbdRig.End(write));
        var flush = _rig.Start(backEnd, BlockOperation.Flush);
        var next = server.ReadRequest();
        Assert.Equal(NbdCommand.Flush, next.Command);
        server.Reply(next);
        Assert.Equal(BlockStatus.Ok, NbdRig.End(flush));
    }

    [Fact]
    public void After_a_flush_that_failed_none_succeeds()
    {
        var (backEnd, server) = _rig.Open(_rig.Listen(), end => end.Negotiate(Size));
        var flush = _rig.Start(backEnd, BlockOperation.Flush);
        server.ReplyError(server.ReadRequest(), (NbdError)5);
        Assert.Equal(BlockStatus.IoError, NbdRig.End(flush));
        Assert.Equal(BlockStatus.IoError, NbdRig.End(_rig.Start(backEnd, BlockOperation.Flush)));
        var write = _rig.Start(backEnd, BlockOperation.Write, 0, new byte[512]);
        server.Reply(server.ReadRequest());
        Assert.Equal(BlockStatus.Ok, NbdRig.End(write));
        Assert.Equal(BlockStatus.IoError, NbdRig.End(_rig.Start(backEnd, BlockOperation.Flush)));
    }

    [Fact]
    public void What_the_servers_blocks_do_not_allow_is_not_sent_and_the_way_out_is_told_once()
    {
        var (backEnd, _) = _rig.Open(_rig.Listen(), end => end.Negotiate(10000, minimum: 4096));
        Assert.Equal(8192, backEnd.Length);
        Assert.Equal(BlockStatus.IoError, NbdRig.End(_rig.Start(backEnd, BlockOperation.Read, 512, new byte[4096])));
        Assert.Equal(BlockStatus.IoError, NbdRig.End(_rig.Start(backEnd, BlockOperation.Write, 0, new byte[512])));
        Assert.Equal(["drive d: the server takes whole blocks of 4096 bytes: give the device logical_block_size=4096"], _rig.Lines);
    }

    [Fact]
    public void At_the_end_the_client_says_goodbye_and_what_is_left_fails()
    {
        var (backEnd, server) = _rig.Open(_rig.Listen(), end => end.Negotiate(Size));
        var read = _rig.Start(backEnd, BlockOperation.Read, 0, new byte[512]);
        Assert.Equal(NbdCommand.Read, server.ReadRequest().Command);
        backEnd.Dispose();
        Assert.Equal(NbdCommand.Disconnect, server.ReadRequest().Command);
        Assert.Null(server.TryReadRequest());
        Assert.Equal(BlockStatus.IoError, NbdRig.End(read));
        Assert.Equal(BlockStatus.IoError, NbdRig.End(_rig.Start(backEnd, BlockOperation.Read, 0, new byte[512])));
        Assert.Empty(_rig.Lines);
    }
}
