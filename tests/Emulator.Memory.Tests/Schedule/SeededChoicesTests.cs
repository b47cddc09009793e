namespace Emulator.Memory.Tests.Schedule;

public sealed class SeededChoicesTests
{
    [Fact]
    public void A_seed_makes_the_same_choices_each_time_also_when_begun_anew()
    {
        var choices = new SeededChoices(7);
        var first = Draw(choices);
        Assert.NotEqual(first, Draw(choices));
        choices.Restart(7);
        Assert.Equal(first, Draw(choices));
        Assert.Equal(first, Draw(new SeededChoices(7)));
        Assert.NotEqual(first, Draw(new SeededChoices(8)));
    }

    [Fact]
    public void Every_choice_is_one_there_is_and_every_one_there_is_comes_up()
    {
        var choices = new SeededChoices(1);
        foreach (var (turns, stores) in new[] { (1, 0), (3, 0), (0, 1), (0, 3), (1, 1), (2, 3) })
        {
            var seen = Enumerable.Range(0, 5000).Select(_ => choices.Next(turns, stores)).ToHashSet();
            Assert.Equal(Enumerable.Range(0, turns + stores), seen.Order());
        }

        Assert.Equal(Enumerable.Range(0, 4), Enumerable.Range(0, 5000).Select(_ => choices.Version(4)).ToHashSet().Order());
        var quanta = Enumerable.Range(0, 5000).Select(_ => choices.Quantum(1000)).ToList();
        Assert.InRange(quanta.Min(), 1, 10);
        Assert.InRange(quanta.Max(), 900, 1000);
        Assert.All(Enumerable.Range(0, 100), _ => Assert.Equal(1, choices.Quantum(1)));
    }

    // A store that waits for long beside others that hardly do is what makes a missing fence show.
    [Fact]
    public void How_long_stores_wait_changes_from_stretch_to_stretch()
    {
        var choices = new SeededChoices(1);
        var shares = Enumerable.Range(0, 100).Select(_ => Enumerable.Range(0, 64).Count(_ => choices.Next(1, 1) == 1)).ToList();
        Assert.InRange(shares.Min(), 0, 4);
        Assert.InRange(shares.Max(), 24, 64);
    }

    private static string Draw(SeededChoices choices) => string.Join(
        ' ', Enumerable.Range(0, 200).Select(i => i % 3 == 0 ? choices.Next(3, 2) : i % 3 == 1 ? choices.Version(5) : choices.Quantum(100)));
}
