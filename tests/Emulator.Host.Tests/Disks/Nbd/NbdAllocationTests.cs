using Emulator.Devices;

namespace Emulator.Host.Tests.Disks.Nbd;

/// <summary>What the client allocates. All of the process counts, so nothing else runs meanwhile.</summary>
[Collection(NbdAllocationTests.Alone)]
public sealed class NbdAllocationTests : IDisposable
{
    internal const string Alone = "the only test that runs";

    private const long Size = 1 << 20;

    private readonly NbdRig _rig = new();

    public void Dispose() => _rig.Dispose();

    [Fact]
    public void In_the_steady_state_nothing_is_allocated_for_a_request()
    {
        var (backEnd, server) = _rig.Open(_rig.Listen(), end => end.Negotiate(Size, minimum: 512, maximum: 4096));
        var data = new byte[8192];
        var requests = Enumerable.Range(0, 1500).Select(_ => new TestRequest { Operation = BlockOperation.Write, Buffer = data, Length = data.Length, Completion = _rig }).ToArray();

        // All of the process counts: the server allocates nothing either, and a wait for an event would.
        void Run(ReadOnlySpan<TestRequest> some)
        {
            foreach (var request in some)
            {
                backEnd.Start(request);
                server.Acknowledge(4096);
                server.Acknowledge(4096);
                while (request.Status == BlockStatus.Pending)
                {
                    Thread.Yield();
                }
            }
        }

        // As long as nothing is flushed, the list of what may have to be written again grows.
        Run(requests.AsSpan(0, 1000));
        var flush = _rig.Start(backEnd, BlockOperation.Flush);
        server.Reply(server.ReadRequest());
        Assert.Equal(BlockStatus.Ok, NbdRig.End(flush));
        var before = GC.GetTotalAllocatedBytes(precise: true);
        Run(requests.AsSpan(1000));
        var each = (GC.GetTotalAllocatedBytes(precise: true) - before) / 500;
        Assert.True(each < 16, $"{each} bytes a request");
    }
}

/// <summary>The collection of tests beside which no other runs.</summary>
[CollectionDefinition(NbdAllocationTests.Alone, DisableParallelization = true)]
public sealed class AloneDefinition;
