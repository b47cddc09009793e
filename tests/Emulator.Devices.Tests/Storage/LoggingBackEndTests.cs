namespace Emulator.Devices.Tests;

public sealed class LoggingBackEndTests : IBlockCompletion
{
    private readonly List<BlockRequest> _ended = [];

    [Fact]
    public void Changes_and_flushes_are_written_down_when_they_start_and_when_they_end()
    {
        using var held = new HeldBackEnd(1 << 20);
        using var stream = new MemoryStream();
        using var log = new LoggingBackEnd(held, stream);
        var data = new byte[512];
        data.AsSpan().Fill(7);
        var write = Start(log, new BlockRequest { Operation = BlockOperation.Write, Offset = 1024, Length = 512, Buffer = data, ForceUnitAccess = true });
        _ = Start(log, new BlockRequest { Operation = BlockOperation.Read, Length = 512, Buffer = new byte[512] });
        var flush = Start(log, new BlockRequest { Operation = BlockOperation.Flush });
        held.End(held.Held[2], BlockStatus.IoError);
        held.End(held.Held[0]);
        Assert.Equal([flush, write], _ended);
        Assert.Equal((BlockStatus.IoError, BlockStatus.Ok), (flush.Status, write.Status));

        stream.Position = 0;
        BlockEvent[] events = [.. BlockLog.Read(stream)];
        Assert.Equal([(0, false), (2, false), (2, true), (0, true)], events.Select(each => ((int)each.Number, each.IsEnd)));
        Assert.Equal((BlockOperation.Write, 1024, true), (events[0].Operation, events[0].Offset, events[0].ForceUnitAccess));
        Assert.Equal(data, events[0].Data.ToArray());
        Assert.Equal(BlockStatus.IoError, events[2].Status);
    }

    [Fact]
    public void A_log_that_was_cut_off_ends_before_the_cut()
    {
        using var ram = new RamBackEnd(1 << 20);
        using var stream = new MemoryStream();
        using var log = new LoggingBackEnd(ram, stream);
        _ = Start(log, new BlockRequest { Operation = BlockOperation.Flush });
        _ = Start(log, new BlockRequest { Operation = BlockOperation.Write, Length = 512, Buffer = new byte[512] });
        for (var length = (int)stream.Length; length >= 0; length--)
        {
            var whole = length < 32 ? 0 : length < 64 ? 1 : length < 64 + 32 + 512 ? 2 : length < 64 + 64 + 512 ? 3 : 4;
            Assert.Equal(whole, BlockLog.Read(new MemoryStream(stream.ToArray(), 0, length)).Count());
        }
    }

    void IBlockCompletion.Completed(BlockRequest request) => _ended.Add(request);

    private BlockRequest Start(LoggingBackEnd log, BlockRequest request)
    {
        request.Completion = this;
        log.Start(request);
        return request;
    }
}
