namespace Emulator.Memory.Tests.Schedule;

/// <summary>An exploration against what is known of small programs, and against all that can be chosen one by one.</summary>
public sealed class ExplorationTests
{
    [Theory]
    [InlineData("P0 Rx | P1 Ry", 1)]
    [InlineData("P0 Wx1 | P1 Wy1", 1)]
    [InlineData("P0 Rx | P1 Rx", 1)]
    [InlineData("P0 Wx1 | P1 Wx2", 2)]
    [InlineData("P0 Ux | P1 Ux", 2)]
    [InlineData("P0 Wx1 | P1 Rx", 2)]
    [InlineData("P0 Ux | P1 Uy | P2 Uz", 1)]
    [InlineData("P0 Ux | P1 Ux | P2 Ux", 6)]
    [InlineData("P0 Wx1 Ry | P1 Wy1 Rx", 4)]
    [InlineData("P0 Wx1 Ffull Ry | P1 Wy1 Ffull Rx", 3)]
    [InlineData("P0 Rx Wy1 | P1 Ry Wx1", 3)]
    [InlineData("P0 Wx1 Wy1 | P1 Ry Rx", 3)]
    public void Of_executions_that_differ_in_the_order_of_independent_steps_one_counts(string program, int executions)
    {
        _ = TinyProgram.Explore(program, MemoryModel.Tso, out var counted);
        Assert.Equal(executions, counted);
    }

    // It would keep sleepers of other executions awake, and equivalent ones would count.
    [Fact]
    public void What_a_redundant_execution_touches_on_its_way_to_the_end_is_no_steps()
    {
        _ = TinyProgram.Explore("D0 Wx1 Wy1 Rz | D1 Ry Rx Wz1 | D2 Rx Wy2", MemoryModel.Weak, out var executions);
        Assert.Equal(276, executions);
    }

    // Each order of conflicting steps of these has an outcome of its own.
    [Theory]
    [InlineData("P0 Wx1 Wy1 Rz | P1 Ry Rx Wz1 | P2 Rx Wy2")]
    [InlineData("P0 Wx1 Ry | P1 Wy1 Rz | P2 Wz1 Rx")]
    [InlineData("P0 Ux Uy | P1 Uy Ux | P2 Ux")]
    public void No_outcome_is_counted_twice_that_one_order_alone_has(string program) =>
        Assert.Equal(TinyProgram.Explore(program, MemoryModel.Tso, out var executions).Count, executions);

    [Theory]
    [InlineData("P0 Wx1 Ry | P1 Wy1 Rx", MemoryModel.Tso, "0 0")]
    [InlineData("P0 Wx1 Wx2 | P1 Rx", MemoryModel.Host, "1")]
    [InlineData("D0 Wx1 Wy1 | P1 Ry Rx", MemoryModel.Weak, "1 0")]
    [InlineData("P0 Wx1 Wy1 | D1 Ry Rx", MemoryModel.Weak, "1 0")]
    public void What_a_model_allows_is_found(string program, MemoryModel model, string loaded) =>
        Assert.Contains(TinyProgram.Explore(program, model, out _), outcome => Loaded(outcome) == loaded);

    [Theory]
    [InlineData("P0 Wx1 Ry | P1 Wy1 Rx", MemoryModel.Host, "0 0")]
    [InlineData("P0 Wx1 Ffull Ry | P1 Wy1 Ffull Rx", MemoryModel.Tso, "0 0")]
    [InlineData("D0 Wx1 Ffull Ry | D1 Wy1 Ffull Rx", MemoryModel.Weak, "0 0")]
    [InlineData("D0 Ux Ry | D1 Uy Rx", MemoryModel.Weak, "0 0 0 0")]
    [InlineData("D0 Wx1 Wy1 | D1 Ry Rx", MemoryModel.Tso, "1 0")]
    [InlineData("P0 Wx1 Wy1 | P1 Ry Rx", MemoryModel.Weak, "1 0")]
    [InlineData("D0 Wx1 Fss Wy1 | D1 Ry Fll Rx", MemoryModel.Weak, "1 0")]
    [InlineData("D0 Wx1 Frel Wy1 | P1 Ry Rx", MemoryModel.Weak, "1 0")]
    [InlineData("D0 Rx Wy1 | D1 Ry Wx1", MemoryModel.Weak, "1 1")]
    [InlineData("P0 Rx Wy1 | P1 Ry Wx1", MemoryModel.Tso, "1 1")]
    public void What_a_model_or_a_fence_forbids_is_not_there(string program, MemoryModel model, string loaded) =>
        Assert.DoesNotContain(TinyProgram.Explore(program, model, out _), outcome => Loaded(outcome) == loaded);

    [Theory]
    [InlineData("P0 Wx1 | P1 Wh1 | D2 Rq", MemoryModel.Weak)]
    [InlineData("D0 Wx1 Wh1 | D1 Rq Rx", MemoryModel.Weak)]
    [InlineData("P0 Wx1 Wx2 | D1 Rx Rx", MemoryModel.Weak)]
    [InlineData("D0 Wx1 Wx2 Rx | P1 Rx Wx3", MemoryModel.Weak)]
    [InlineData("P0 Ux Uy | D1 Rz Fll Ry Rx", MemoryModel.Weak)]
    [InlineData("P0 Wx1 Ry | P1 Wy1 Rx", MemoryModel.Host)]
    [InlineData("P0 Wx1 Wx2 | P1 Rx Rx", MemoryModel.Host)]
    public void The_outcomes_explored_are_all_there_are(string program, MemoryModel model) => Compare(program, model, int.MaxValue, "");

    // A wide load that takes an older word sees in which order its halves were written, which nobody else does.
    [Theory]
    [InlineData("1 1 1")]
    [InlineData("1 1 100000000")]
    public void Of_stores_to_the_halves_of_one_word_both_orders_are_explored(string loaded) =>
        Assert.Contains(TinyProgram.Explore("P0 Wx1 Wy1 | P1 Wh1 Wz1 | D2 Ry Rz Rq", MemoryModel.Weak, out _), outcome => Loaded(outcome) == loaded);

    [Fact]
    public void The_outcomes_explored_of_random_programs_are_all_there_are()
    {
        var compared = 0;
        for (var seed = 1; seed <= 40; seed++)
        {
            var random = new Random(seed);
            compared += Compare(Program(random), (MemoryModel)random.Next(3), 800, $"seed {seed}: ") ? 1 : 0;
        }

        Assert.InRange(compared, 30, 40);
    }

    // False if there are too many.
    private static bool Compare(string program, MemoryModel model, int most, string prefix)
    {
        if (TinyProgram.Enumerate(program, model, most) is not { } all)
        {
            return false;
        }

        var explored = TinyProgram.Explore(program, model, out _);
        Assert.True(
            all.SetEquals(explored),
            $"{prefix}'{program}' under {model}: explored {string.Join(", ", explored)}; there are also {string.Join(", ", all.Except(explored))}");
        return true;
    }

    private static string Program(Random random)
    {
        var threads = random.Next(2, 4);
        return string.Join(" | ", Enumerable.Range(0, threads).Select(i =>
            $"{(random.Next(2) == 0 ? 'P' : 'D')}{i} {string.Join(' ', Enumerable.Range(0, random.Next(1, 6 - threads)).Select(_ => Step(random)))}"));
    }

    private static string Step(Random random)
    {
        var location = "xxhyq"[random.Next(5)];
        return random.Next(8) switch
        {
            < 3 => $"W{location}{random.Next(1, 4)}",
            < 6 => $"R{location}",
            6 => $"U{(location == 'q' ? 'x' : location)}",
            _ => new[] { "Fss", "Fll", "Frel", "Ffull" }[random.Next(4)],
        };
    }

    private static string Loaded(string outcome) =>
        string.Join(' ', outcome[..outcome.IndexOf(';', StringComparison.Ordinal)].Split([' ', '|'], StringSplitOptions.RemoveEmptyEntries));
}
