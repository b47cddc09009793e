using Emulator.Memory.Tests.Dma;
using Emulator.Memory.Tests.Schedule;

namespace Emulator.Memory.Tests.Models;

/// <summary>What every memory model keeps, whatever the seed: random work of several initiators, held against a record of all of it.</summary>
/// <remarks>To run one again: put the seed that the message gives into the loop of its test.</remarks>
public sealed class AlwaysKeptTests
{
    private const int Initiators = 4;

    public static TheoryData<MemoryModel> Models => [MemoryModel.Host, MemoryModel.Tso, MemoryModel.Weak];

    [Theory]
    [MemberData(nameof(Models))]
    public void Whatever_the_seed_a_model_keeps_what_it_always_keeps(MemoryModel model)
    {
        var seen = (Stale: 0, Own: 0, Overtaking: 0);
        for (var seed = 1; seed <= 60; seed++)
        {
            using var run = new Run(model, new SeededChoices((ulong)seed), seed);
            var order = new Random(seed);
            for (var step = 0; step < 600; step++)
            {
                run.Work[order.Next(Initiators)].Step(run.Window);
                if (order.Next(8) == 0 && run.Board.Memory.Ready is > 0 and var ready)
                {
                    run.Board.Memory.MakeVisible(order.Next(ready));
                }
            }

            run.Check(seed);
            seen = (seen.Stale + run.Record.Seen.Stale, seen.Own + run.Record.Seen.Own, seen.Overtaking + run.Record.Seen.Overtaking);
        }

        // The check is worth something only if what may happen did.
        Assert.Equal(model == MemoryModel.Weak, seen.Stale > 500);
        Assert.Equal(model != MemoryModel.Host, seen.Own > 1000);
        Assert.Equal(model != MemoryModel.Host, seen.Overtaking > 1000);
    }

    [Theory]
    [InlineData(MemoryModel.Host, true)]
    [InlineData(MemoryModel.Tso, true)]
    [InlineData(MemoryModel.Weak, true)]
    [InlineData(MemoryModel.Tso, false)]
    [InlineData(MemoryModel.Weak, false)]
    public void Threads_that_pass_a_baton_keep_it_too(MemoryModel model, bool isStepped)
    {
        for (var seed = 1; seed <= 4; seed++)
        {
            var choices = new SeededChoices((ulong)seed);
            using var run = new Run(model, choices, seed, isScheduled: true, isStepped);
            using var threads = new ScheduledThreads(new Baton(choices) { Memory = run.Board.Memory });
            foreach (var work in run.Work)
            {
                threads.Add(_ =>
                {
                    for (var step = 0; step < 60; step++)
                    {
                        Turn.SwitchPoint();
                        work.Step(run.Window);
                    }
                });
            }

            threads.Run();
            Assert.Equal(0, run.Record.Waiting);
            run.Check(seed);
        }
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void Threads_that_run_freely_keep_it_too_while_somebody_drains_them(MemoryModel model)
    {
        const int Seed = 1;
        using var run = new Run(model, new SeededChoices(Seed), Seed);
        var left = run.Work.Length;
        Exception? failure = null;
        var threads = run.Work.Select(work => new Thread(() =>
        {
            try
            {
                for (var step = 0; step < 1500; step++)
                {
                    work.Step(run.Window);
                }
            }
            catch (Exception e)
            {
                failure = e;
            }

            Interlocked.Decrement(ref left);
        })).ToList();
        threads.ForEach(thread => thread.Start());
        while (Volatile.Read(ref left) > 0)
        {
            run.Board.Memory.Settle();
        }

        threads.ForEach(thread => thread.Join());
        Assert.Null(failure);
        run.Check(Seed);
    }

    private sealed class Run : IDisposable
    {
        public Run(MemoryModel model, IChoices choices, int seed, bool isScheduled = false, bool isStepped = false)
        {
            Board = new SimulatedBoard(model, choices, isScheduled, isStepped);
            Record = new Record(model, RandomWork.AllBytes);
            Board.Memory.Observer = Record;
            Work =
            [
                .. Enumerable.Range(0, Initiators).Select(i => new RandomWork(
                    Board, Record, i % 2 == 0 ? Board.Processor($"P{i}") : Board.Function($"D{i}"), (seed * Initiators) + i)),
            ];
        }

        public SimulatedBoard Board { get; }

        public Record Record { get; }

        public MessageWindow Window { get; } = new();

        public RandomWork[] Work { get; }

        public void Check(int seed)
        {
            Board.Memory.Settle();
            Assert.True(Record.Breach is null, $"seed {seed}: {Record.Breach}");
            Assert.True(Record.Waiting == 0, $"seed {seed}: {Record.Waiting} stores were never visible");
            Assert.True(Record.Memory.SequenceEqual(Board.Visible[..RandomWork.AllBytes]), $"seed {seed}: memory is not what became visible");
            Assert.True(Board.VisibleAt(RandomWork.Counter, 8) == (ulong)Work.Sum(w => (long)w.Increments), $"seed {seed}: an update was lost");
            foreach (var work in Work)
            {
                // Each has a release before it, so that those of one initiator keep their order.
                var arrived = Window.Messages.Select(m => m.Data).Where(data => data >> 16 == (work.Sent.Count == 0 ? uint.MaxValue : work.Sent[0] >> 16));
                Assert.True(arrived.SequenceEqual(work.Sent), $"seed {seed}: messages {string.Join(' ', arrived)}, sent {string.Join(' ', work.Sent)}");
            }
        }

        public void Dispose() => Board.Dispose();
    }
}
