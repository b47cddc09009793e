using Emulator.Memory.Tests.Models;
using Emulator.Memory.Tests.Schedule;

namespace Emulator.Memory.Tests.Dma;

/// <summary>A context whose thread takes turns: where the others may go on, and what an exploration is told.</summary>
public sealed class DmaScheduleTests : IDisposable
{
    private const ulong X = 0x100;
    private const ulong Messages = 0x500000;

    private static readonly Footprint s_nothing = new();

    private readonly DmaBoard _board = new(DmaOrdering.Relaxed);
    private readonly ByHand _choices = new();

    public void Dispose() => _board.Dispose();

    [Fact]
    public void An_access_of_any_length_is_a_switch_point_and_takes_time_once()
    {
        Assert.Equal((1, 1), Count(dma => dma.Store(X, 1UL), isStepped: false));
        Assert.Equal((1, 1), Count(dma => dma.Load<ushort>(X, out _), isStepped: false));
        Assert.Equal((1, 1), Count(dma => dma.Read(X + 1, new byte[5000]), isStepped: false));
        Assert.Equal((1, 1), Count(dma => dma.WriteRelaxed(X + 1, new byte[5000]), isStepped: false));
        Assert.Equal((1, 1), Count(dma => dma.Map(X, 5000, DmaDirection.Read, out _), isStepped: false));
        Assert.Equal((0, 0), Count(dma => dma.SendMessage(Messages, 1), isStepped: false));
    }

    // Whoever sends may hold locks.
    [Fact]
    public void A_message_behind_waiting_stores_lets_nobody_else_go_on()
    {
        _board.Owner.SetOrdering(DmaOrdering.Full);
        Assert.Equal(
            (1, 1),
            Count(
                dma =>
                {
                    _ = dma.Store(X, 1UL);
                    _ = dma.SendMessage(Messages, 1);
                },
                isStepped: false));
        Assert.Equal(1UL, _board.Word(X));
    }

    [Fact]
    public void By_steps_each_word_that_is_loaded_is_a_switch_point_and_a_store_is_none()
    {
        Assert.Equal((0, 0), Count(dma => dma.Store(X, 1UL), isStepped: true));
        Assert.Equal((1, 0), Count(dma => dma.Load<ushort>(X, out _), isStepped: true));
        Assert.Equal((4, 0), Count(dma => dma.Read(X + 7, new byte[14]), isStepped: true));
        Assert.Equal((2, 0), Count(dma => dma.Map(X, 16, DmaDirection.Read, out _), isStepped: true));
    }

    [Fact]
    public void A_message_that_arrives_and_a_read_of_registers_may_touch_everything()
    {
        var memory = Simulate(isStepped: true);
        _board.Memory.AddMmio("messages", Messages, 0x1000, new MessageWindow());

        // From outside the schedule it arrives at once.
        Assert.True(Touches(() => _board.Dma.SendMessage(Messages, 1)).Meets(s_nothing));
        Assert.True(Touches(_board.Owner.FlushPostedWrites).Meets(s_nothing));
        _ = _board.Dma.Store(X, 1);
        Assert.False(Touches(() => memory.MakeVisible(0)).Meets(s_nothing));

        Footprint Touches(Action step)
        {
            memory.Footprint = new Footprint();
            step();
            return memory.Footprint;
        }
    }

    [Fact]
    public void A_map_touches_what_it_shows()
    {
        var memory = Simulate(isStepped: true);
        var store = new Footprint();
        unsafe
        {
            store.Write(_board.Ram.Host + X + 8, 4);
        }

        foreach (var direction in new[] { DmaDirection.Read, DmaDirection.Write })
        {
            memory.Footprint = new Footprint();
            _ = _board.Dma.Map(X, 16, direction, out _);
            Assert.True(memory.Footprint.Meets(store));
        }
    }

    private SimulatedMemory Simulate(bool isStepped)
    {
        var memory = new SimulatedMemory(_board.Memory, MemoryModel.Weak, _choices) { IsScheduled = true, IsStepped = isStepped };
        _board.Owner.Simulate(memory.Add("device", isProcessor: false));
        return memory;
    }

    // How often the schedule was asked during an access, and how often told that it takes time.
    private (int SwitchPoints, int Begun) Count(Action<DmaContext> access, bool isStepped)
    {
        var memory = Simulate(isStepped);
        var (asked, begun) = (0, 0);
        memory.AccessBegins = () => begun++;
        using var threads = new ScheduledThreads(new Baton(_choices));
        threads.Add(_ =>
        {
            _choices.OfNext = (_, stores) =>
            {
                // The baton knows no stores here; what may become visible at each word is asked for as well.
                asked += stores == 0 ? 1 : 0;
                return 0;
            };
            access(_board.Dma);
            _choices.OfNext = (_, _) => 0;
        });
        threads.Run();
        return (asked, begun);
    }
}
