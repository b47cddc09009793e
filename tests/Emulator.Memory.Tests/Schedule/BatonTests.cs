using Emulator.Memory.Tests.Dma;
using Emulator.Memory.Tests.Models;

namespace Emulator.Memory.Tests.Schedule;

public sealed class BatonTests
{
    private const ulong Messages = 0xFEE00000;

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    [Fact]
    public void The_same_seed_makes_the_same_order_of_turns_and_another_seed_another()
    {
        var orders = Enumerable.Range(1, 8).Select(seed => Order((ulong)seed)).ToList();
        for (var seed = 1; seed <= 8; seed++)
        {
            Assert.Equal(orders[seed - 1], Order((ulong)seed));
        }

        Assert.Equal(8, orders.Distinct().Count());
        Assert.All(orders, order => Assert.Equal(3 * 50, order.Length));
    }

    [Fact]
    public void One_thread_runs_at_a_time()
    {
        var baton = new Baton(new SeededChoices(1));
        using var threads = new ScheduledThreads(baton);
        var (inside, most, sum) = (0, 0, 0);
        for (var i = 0; i < 4; i++)
        {
            threads.Add(turn =>
            {
                for (var step = 0; step < 300; step++)
                {
                    most = Math.Max(most, Interlocked.Increment(ref inside));
                    sum++;
                    Interlocked.Decrement(ref inside);
                    turn.Pass();
                }
            });
        }

        threads.Run();
        Assert.Equal((1, 4 * 300), (most, sum));
    }

    [Fact]
    public void A_thread_knows_its_turn_and_one_outside_has_none()
    {
        var baton = new Baton(new SeededChoices(1));
        using var threads = new ScheduledThreads(baton);
        Turn? inside = null;
        var turn = threads.Add(_ => inside = Turn.Current);
        threads.Run();
        Assert.Same(turn, inside);
        Assert.Equal("T0", turn.Name);
        Assert.Null(Turn.Current);
        Turn.SwitchPoint();
    }

    [Fact]
    public void A_thread_that_waits_is_woken_by_one_that_has_the_turn_and_a_wake_before_the_wait_counts()
    {
        var baton = new Baton(new SeededChoices(3));
        using var threads = new ScheduledThreads(baton);
        var (sent, received) = (0, 0);
        var reader = threads.Add(turn =>
        {
            while (received < 500)
            {
                turn.Reset();
                if (sent == received)
                {
                    turn.Pass();
                    turn.Wait();
                }

                received = sent;
            }
        });
        threads.Add(turn =>
        {
            while (sent < 500)
            {
                sent++;
                reader.Wake();
                for (var patience = 10_000; received < sent && patience > 0; patience--)
                {
                    turn.Pass();
                }

                Assert.Equal(sent, received);
            }
        });
        threads.Run();
        Assert.Equal(500, received);
    }

    [Fact]
    public void When_nobody_can_go_on_a_wake_from_outside_decides()
    {
        var baton = new Baton(new SeededChoices(1));
        using var threads = new ScheduledThreads(baton);
        using var waits = new SemaphoreSlim(0);
        var items = 0;
        baton.Idle = () =>
        {
            waits.Release();
            return false;
        };
        var taken = 0;
        var reader = threads.Add(turn =>
        {
            while (taken < 1000)
            {
                turn.Reset();
                if (Volatile.Read(ref items) == taken)
                {
                    turn.Wait();
                }

                taken = Volatile.Read(ref items);
            }
        });
        threads.Add(turn =>
        {
            turn.Reset();
            turn.Wait();
        });
        threads.Start();
        for (var i = 0; i < 1000; i++)
        {
            // Sometimes when it certainly waits or is about to, sometimes whenever it is.
            if (i % 2 == 0)
            {
                Assert.True(waits.Wait(s_patience, TestContext.Current.CancellationToken), $"item {i} was not taken");
            }

            Interlocked.Increment(ref items);
            reader.Wake();
        }

        Assert.True(SpinWait.SpinUntil(() => Volatile.Read(ref taken) == 1000, s_patience), "a wake was lost");
        baton.Abandon();
        threads.Join();
    }

    [Fact]
    public void When_all_wait_idle_is_asked_and_may_wake_somebody()
    {
        var baton = new Baton(new SeededChoices(1));
        using var threads = new ScheduledThreads(baton);
        var (asked, woken) = (0, 0);
        var turns = new List<Turn>();
        baton.Idle = () =>
        {
            turns[asked++ % 2].Wake();
            return woken < 20;
        };
        for (var i = 0; i < 2; i++)
        {
            turns.Add(threads.Add(turn =>
            {
                for (var n = 0; n < 10; n++)
                {
                    turn.Reset();
                    turn.Wait();
                    woken++;
                }
            }));
        }

        threads.Run();
        Assert.Equal(20, woken);
        Assert.InRange(asked, 20, 40);
    }

    [Fact]
    public void Who_is_woken_while_idle_finds_nothing_to_do_goes_on()
    {
        var baton = new Baton(new SeededChoices(1));
        using var threads = new ScheduledThreads(baton);
        var waiting = threads.Add(turn =>
        {
            turn.Reset();
            turn.Wait();
        });
        baton.Idle = () =>
        {
            waiting.Wake();
            return false;
        };
        threads.Run();
    }

    [Fact]
    public void A_thread_that_has_ended_takes_no_turns_and_is_not_woken()
    {
        var baton = new Baton(new ByHand());
        using var threads = new ScheduledThreads(baton);
        var steps = 0;
        var first = threads.Add(_ => { });
        threads.Add(turn =>
        {
            first.Wake();
            for (; steps < 10; steps++)
            {
                turn.Pass();
            }
        });
        threads.Run();
        first.Wake();
        Assert.Equal(10, steps);
    }

    [Fact]
    public void Giving_the_schedule_up_lets_everybody_go_wherever_they_are()
    {
        for (var seed = 1; seed <= 30; seed++)
        {
            var baton = new Baton(new SeededChoices((ulong)seed));
            using var threads = new ScheduledThreads(baton);
            using var running = new ManualResetEventSlim();
            var stop = false;
            for (var i = 0; i < 2; i++)
            {
                threads.Add(turn =>
                {
                    while (!Volatile.Read(ref stop))
                    {
                        running.Set();
                        turn.Pass();
                    }
                });
            }

            threads.Add(turn =>
            {
                turn.Reset();
                turn.Wait();
            });
            threads.Start();
            Assert.True(running.Wait(s_patience, TestContext.Current.CancellationToken));
            baton.Abandon();
            Volatile.Write(ref stop, true);
            threads.Join();
            Assert.Null(threads.Failure);
        }
    }

    [Fact]
    public void A_schedule_may_be_given_up_before_it_starts()
    {
        var baton = new Baton(new SeededChoices(1));
        using var threads = new ScheduledThreads(baton);
        var ran = 0;
        threads.Add(_ => Interlocked.Increment(ref ran));
        threads.Add(_ => Interlocked.Increment(ref ran));
        baton.Abandon();
        threads.Run();
        Assert.Equal(2, ran);
    }

    [Fact]
    public void What_choices_throw_comes_out_where_the_turn_is_and_the_others_can_be_let_go()
    {
        var choices = new ByHand();
        var baton = new Baton(choices);
        using var threads = new ScheduledThreads(baton);
        threads.Add(turn =>
        {
            choices.OfNext = (_, _) => throw new NotSupportedException("no choice");
            turn.Pass();
        });
        threads.Add(turn => turn.Pass());
        threads.Start();
        threads.Join();
        Assert.Equal("no choice", Assert.IsType<NotSupportedException>(threads.Failure).Message);
    }

    [Fact]
    public void A_thread_that_drains_is_not_handed_the_turn_until_its_stores_are_visible()
    {
        foreach (var model in new[] { MemoryModel.Tso, MemoryModel.Weak })
        {
            var asked = new List<(int Turns, int Stores)>();
            var choices = new ByHand();
            using var board = new SimulatedBoard(model, choices, isScheduled: true, isStepped: true);
            var baton = new Baton(choices) { Memory = board.Memory };
            using var threads = new ScheduledThreads(baton);
            var (drains, other) = (board.Function("drains"), board.Function("other"));
            var log = new List<string>();
            threads.Add(_ =>
            {
                board.Store(drains, 0, 1);
                drains.Fence(DmaFence.StoreStore);
                board.Store(drains, 8, 1);
                choices.OfNext = (turns, stores) =>
                {
                    asked.Add((turns, stores));

                    // The others first, then a store each time: the one that drains would be the first of the turns.
                    return log.Count < 3 ? 0 : turns > 0 && stores == 0 ? 0 : turns;
                };
                drains.Fence(DmaFence.Full);
                log.Add($"drained {board.VisibleAt(0)} {board.VisibleAt(8)}");
            });
            threads.Add(turn =>
            {
                for (var i = 0; i < 3; i++)
                {
                    log.Add($"other {board.Load(other, 0)} {board.Load(other, 8)}");
                }

                turn.Reset();
                turn.Wait();
            });
            baton.Idle = () =>
            {
                baton.Abandon();
                return true;
            };
            threads.Run();
            Assert.Equal(["other 0 0", "other 0 0", "other 0 0", "drained 1 1"], log);
            Assert.All(asked.TakeWhile(a => a.Stores > 0), a => Assert.True(a.Turns <= 1, $"{a.Turns} turns beside waiting stores"));
        }
    }

    [Fact]
    public void What_waits_when_the_last_thread_has_ended_becomes_visible()
    {
        var choices = new SeededChoices(5);
        using var board = new SimulatedBoard(MemoryModel.Weak, choices, isScheduled: true, isStepped: true);
        using var threads = new ScheduledThreads(new Baton(choices) { Memory = board.Memory });
        var function = board.Function();
        threads.Add(_ => board.Store(function, 0, 7));
        threads.Run();
        Assert.Equal(7UL, board.VisibleAt(0));
    }

    [Fact]
    public void A_message_from_outside_the_schedule_does_not_wait_for_a_turn_that_nobody_has()
    {
        var choices = new ByHand();
        using var board = new SimulatedBoard(MemoryModel.Weak, choices, isScheduled: true);
        var baton = new Baton(choices) { Memory = board.Memory };
        using var threads = new ScheduledThreads(baton);
        using var idle = new ManualResetEventSlim();
        var function = board.Function();
        var window = new MessageWindow();
        baton.Idle = () =>
        {
            idle.Set();
            return false;
        };
        var waiting = threads.Add(turn =>
        {
            turn.Reset();
            turn.Wait();
        });
        threads.Start();
        Assert.True(idle.Wait(s_patience, TestContext.Current.CancellationToken));
        function.Send(window, Messages, 7);
        Assert.Equal([(Messages, 7u)], window.Messages);
        waiting.Wake();
        threads.Join();
    }

    private static string Order(ulong seed)
    {
        var baton = new Baton(new SeededChoices(seed));
        using var threads = new ScheduledThreads(baton);
        var order = new List<char>();
        for (var i = 0; i < 3; i++)
        {
            threads.Add(turn =>
            {
                for (var step = 0; step < 50; step++)
                {
                    order.Add(turn.Name[1]);
                    turn.Pass();
                }
            });
        }

        threads.Run();
        return string.Concat(order);
    }
}
