namespace Emulator.Memory.Tests.Schedule;

public sealed unsafe class FootprintTests
{
    private static readonly byte* s_memory = (byte*)0x10000;

    [Fact]
    public void Two_steps_meet_where_one_writes_what_the_other_touches()
    {
        var (read, write, elsewhere) = (new Footprint(), new Footprint(), new Footprint());
        var (all, everything, nothing) = (new Footprint(), new Footprint(), new Footprint());
        read.Read(s_memory, 4);
        write.Write(s_memory, 4);
        elsewhere.Write(s_memory + 8, 8);
        all.ReadAll();
        everything.Everything();
        Footprint[] steps = [read, write, elsewhere, all, everything, nothing];
        string[] meets =
        [
            "-w--e-",
            "ww-ae-",
            "--waE-",
            "-aa-e-",
            "eeEeee",
            "----e-",
        ];
        for (var i = 0; i < steps.Length; i++)
        {
            Assert.Equal(meets[i].Select(c => c != '-'), steps.Select(other => steps[i].Meets(other)));
        }
    }

    [Theory]
    [InlineData(0, 4, 4, 4, true)]
    [InlineData(0, 8, 8, 4, false)]
    [InlineData(6, 4, 8, 1, true)]
    [InlineData(6, 4, 0, 1, true)]
    [InlineData(6, 4, 16, 8, false)]
    [InlineData(0, 16, 8, 8, true)]
    public void Words_meet_by_the_qwords_they_lie_in(int at, int size, int other, int otherSize, bool meet)
    {
        var (a, b) = (new Footprint(), new Footprint());
        a.Write(s_memory + at, size);
        b.Read(s_memory + other, otherSize);
        Assert.Equal((meet, meet), (a.Meets(b), b.Meets(a)));
    }

    [Fact]
    public void What_is_added_is_there_until_it_is_cleared()
    {
        var (step, sum, other) = (new Footprint(), new Footprint(), new Footprint());
        step.Write(s_memory, 1);
        other.Read(s_memory, 1);
        sum.Add(step);
        step.Clear();
        Assert.False(step.Meets(other));
        Assert.True(sum.Meets(other));
        step.ReadAll();
        step.Everything();
        step.Clear();
        Assert.False(step.Meets(sum));
    }
}
