using System.Buffers.Binary;

namespace Emulator.Devices.Tests;

/// <summary>Several stations at one hub.</summary>
public sealed class EthernetHubTests : IDisposable
{
    private readonly IoThread _thread = new("hub", (_, exception) => Assert.Fail(exception.ToString()));

    public void Dispose() => _thread.Dispose();

    [Fact]
    public void What_one_station_sends_all_others_get_and_it_does_not()
    {
        using var hub = Connect(3, out var stations);
        Assert.True(stations[1].TrySend([1, 2, 3]));
        Assert.Equal([1, 2, 3], Receive(stations[0]));
        Assert.Equal([1, 2, 3], Receive(stations[2]));
        Assert.False(stations[1].TryPeek(out _));
    }

    [Fact]
    public void Between_two_stations_nothing_is_lost_however_slow_the_receiver()
    {
        using var hub = Connect(2, out var stations);
        const int Frames = 5_000;
        var frame = new byte[1514];
        bool TrySend(int number)
        {
            BinaryPrimitives.WriteInt32LittleEndian(frame, number);
            return stations[0].TrySend(frame);
        }

        int sent = 0, heldBack = 0;
        for (var received = 0; received < Frames; received++)
        {
            while (sent < Frames && TrySend(sent))
            {
                sent++;
            }

            heldBack += sent < Frames ? 1 : 0;
            Assert.Equal(received, BinaryPrimitives.ReadInt32LittleEndian(Receive(stations[1])));
        }

        Assert.True(heldBack > 0);
        Assert.Equal((0, 0), (hub.Lost(0), hub.Lost(1)));
    }

    [Fact]
    public void Among_more_the_one_that_does_not_receive_loses_and_the_others_do_not()
    {
        using var hub = Connect(3, out var stations);
        var frame = new byte[1000];
        const int Frames = 1_000;
        for (var i = 0; i < Frames; i++)
        {
            BinaryPrimitives.WriteInt32LittleEndian(frame, i);
            Assert.True(stations[0].TrySend(frame));
            Assert.Equal(i, BinaryPrimitives.ReadInt32LittleEndian(Receive(stations[1])));
        }

        var got = 0;
        while (stations[2].TryPeek(out var late))
        {
            Assert.Equal(got++, BinaryPrimitives.ReadInt32LittleEndian(late));
            stations[2].Consume();
        }

        Assert.InRange(got, 1, Frames - 1);
        Assert.Equal((0, 0, Frames - got), (hub.Lost(0), hub.Lost(1), hub.Lost(2)));
    }

    [Fact]
    public void A_frame_waits_for_the_station_that_is_there_and_not_for_one_that_is_not()
    {
        using var hub = Connect(3, out var stations);
        stations[2].SetUp(false);
        var frame = new byte[1000];
        var sent = Fill(stations[0], frame);
        Assert.True(sent > FrameRing.Capacity / 1004, "both wires are full");
        for (var i = 0; i < sent; i++)
        {
            _ = Receive(stations[1]);
        }

        // The one that was waited for goes: nobody is left, and what is sent is lost.
        _ = Fill(stations[0], frame);
        stations[1].SetUp(false);
        Deadline.Until(() => stations[0].TrySend(frame), "room, as nobody is waited for");
        Assert.Equal((0, 0, 0), (hub.Lost(0), hub.Lost(1), hub.Lost(2)));
    }

    [Fact]
    public void A_station_alone_sends_to_nobody()
    {
        using var hub = Connect(1, out var stations);
        var frame = new byte[60_000];
        for (var i = 0; i < 100; i++)
        {
            Deadline.Until(() => stations[0].TrySend(frame), "room");
        }

        Assert.False(stations[0].TryPeek(out _));
    }

    [Fact]
    public void After_a_reset_of_its_thread_it_goes_on_when_told()
    {
        using var hub = Connect(2, out var stations);
        for (byte i = 0; i < 100; i++)
        {
            Assert.True(stations[0].TrySend([i]));
            _thread.Reset();
            hub.Resume();
            Assert.Equal([i], Receive(stations[1]));
        }
    }

    private EthernetHub Connect(int count, out NetworkPort[] stations)
    {
        var wires = Enumerable.Range(0, count).Select(_ => NetworkPort.CreateWire()).ToArray();
        stations = [.. wires.Select(wire => wire.Controller)];
        return new EthernetHub(_thread, "hub", wires.Select(wire => wire.BackEnd));
    }

    // Until the hub is at rest, and there is still no room.
    private int Fill(NetworkPort station, byte[] frame)
    {
        using var probe = new IoQueue(_thread, "probe");
        var sent = 0;
        for (var before = -1; before != sent;)
        {
            before = sent;
            while (station.TrySend(frame))
            {
                sent++;
            }

            for (var i = 0; i < 20; i++)
            {
                probe.Post(new Nothing());
                probe.Drain();
            }
        }

        return sent;
    }

    private static byte[] Receive(NetworkPort station)
    {
        byte[]? got = null;
        Deadline.Until(
            () =>
            {
                if (station.TryPeek(out var frame))
                {
                    got = frame.ToArray();
                    station.Consume();
                }

                return got is not null;
            },
            "a frame");
        return got!;
    }

    private sealed class Nothing : IoWork
    {
        protected internal override void Run()
        {
        }
    }
}
