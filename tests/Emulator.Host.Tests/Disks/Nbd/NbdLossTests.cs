using System.Runtime.InteropServices;
using Emulator.Devices;
using Emulator.Host.Disks.Nbd;

namespace Emulator.Host.Tests.Disks.Nbd;

/// <summary>A server that is killed again and again, and each time loses a part of what was not flushed.</summary>
public sealed class NbdLossTests : IDisposable
{
    private const int Sector = 512;
    private const int Sectors = 256;
    private const int MostUnderWay = 12;

    private readonly NbdRig _rig = new();

    public void Dispose() => _rig.Dispose();

    [Theory]
    [InlineData((int)(NbdExportFlags.ForceUnitAccess | NbdExportFlags.WriteZeroes), 400)]
    [InlineData((int)(NbdExportFlags.ForceUnitAccess | NbdExportFlags.WriteZeroes), 60)]
    [InlineData(0, 400)]
    [InlineData(0, 60)]
    public void Nothing_that_was_flushed_is_lost_nothing_that_was_written_is_forgotten_and_no_request_fails(int flags, int mostRequests)
    {
        var seed = Random.Shared.Next();
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}");
        var random = new Random(seed);
        var server = new LossyServer(
            _rig.Listen(), Sectors * Sector, (ushort)(NbdExportFlags.HasFlags | NbdExportFlags.Flush | (NbdExportFlags)flags), seed, mostRequests);
        var backEnd = _rig.Open($"nbd:unix:{_rig.SocketPath}");

        // Of each sector: all that was written, in order, as a sector is in one request at a time; and how much of that has ended.
        var history = Enumerable.Range(0, Sectors).Select(_ => new List<int> { 0 }).ToArray();
        var (ended, isBusy) = (Enumerable.Repeat(1, Sectors).ToArray(), new bool[Sectors]);
        var underWay = new List<(TestRequest Request, int[] Ended)>();
        for (var number = 1; number <= 3000; number++)
        {
            while (underWay.Count == MostUnderWay || (underWay.Count > 0 && random.Next(4) == 0))
            {
                Take(random.Next(underWay.Count));
            }

            if (random.Next(8) == 0)
            {
                underWay.Add((_rig.Start(backEnd, BlockOperation.Flush), [.. ended]));
                continue;
            }

            var count = 1 + random.Next(24);
            var first = random.Next(Sectors - count);
            if (isBusy.AsSpan(first, count).Contains(true))
            {
                continue;
            }

            isBusy.AsSpan(first, count).Fill(true);
            var data = new byte[count * Sector];
            MemoryMarshal.Cast<byte, int>(data.AsSpan()).Fill(number);
            var kind = random.Next(8);
            underWay.Add((kind switch
            {
                < 2 => _rig.Start(backEnd, BlockOperation.Read, first * Sector, data),
                2 => _rig.Start(backEnd, BlockOperation.WriteZeroes, first * Sector, length: data.Length),
                _ => _rig.Start(backEnd, BlockOperation.Write, first * Sector, data, fua: kind == 3),
            }, []));
            for (var sector = first; kind >= 2 && sector < first + count; sector++)
            {
                history[sector].Add(kind == 2 ? 0 : number);
            }
        }

        while (underWay.Count > 0)
        {
            Take(0);
        }

        backEnd.Dispose();
        server.Dispose();
        Assert.True(server.Deaths > 5, $"seed {seed}: the server was killed only {server.Deaths} times");

        void Take(int index)
        {
            var (request, before) = underWay[index];
            underWay.RemoveAt(index);
            Assert.True(NbdRig.End(request) == BlockStatus.Ok, $"seed {seed}: {request.Operation} ended as {request.Status}");
            if (request.Operation == BlockOperation.Flush)
            {
                CheckStable(before);
                return;
            }

            var (first, count) = ((int)(request.Offset / Sector), (int)(request.Length / Sector));
            isBusy.AsSpan(first, count).Clear();
            for (var sector = first; sector < first + count; sector++)
            {
                ended[sector] = history[sector].Count;
                if (request.Operation == BlockOperation.Read)
                {
                    var found = MemoryMarshal.Cast<byte, int>(request.Buffer.Span.Slice((sector - first) * Sector, Sector));
                    Assert.True(!found.ContainsAnyExcept(history[sector][^1]), $"seed {seed}: sector {sector} reads as {found[0]}, and {history[sector][^1]} was written");
                }
            }

            if (request.ForceUnitAccess)
            {
                CheckStable([.. Enumerable.Range(0, Sectors).Select(sector => sector >= first && sector < first + count ? ended[sector] : 1)]);
            }
        }

        // What had ended before a flush is there, or something later.
        void CheckStable(int[] before) => server.LookAtStable(stable =>
        {
            for (var sector = 0; sector < Sectors; sector++)
            {
                var there = MemoryMarshal.Cast<byte, int>(stable.AsSpan(sector * Sector, Sector));
                Assert.True(
                    !there.ContainsAnyExcept(there[0]) && history[sector].Skip(before[sector] - 1).Contains(there[0]),
                    $"seed {seed}: sector {sector} has {there[0]}, and {history[sector][before[sector] - 1]} was flushed");
            }
        });
    }
}
