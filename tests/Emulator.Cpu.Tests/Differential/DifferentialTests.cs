namespace Emulator.Cpu.Tests.Differential;

/// <summary>The differential tests share the host's signal handlers and fixed addresses, so they take turns.</summary>
[CollectionDefinition(nameof(DifferentialTests))]
public sealed class DifferentialDefinition;

/// <summary>The interpreter against the processor we run on.</summary>
[Collection(nameof(DifferentialTests))]
public sealed class DifferentialTests(ITestOutputHelper output)
{
    private const string Sequence = "Sequence";
    private const string HotLoop = "HotLoop";

    public static TheoryData<string> Families { get; } = [.. FormCatalog.Families];

    [Theory]
    [MemberData(nameof(Families))]
    public void The_interpreter_does_what_the_processor_does(string family)
    {
        NativeExecutor native = Truth();
        using VcpuExecutor interpreter = new();
        Run(native, interpreter, "the interpreter", family, DiffSettings.Cases);
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void The_processor_agrees_with_itself(string family)
    {
        NativeExecutor native = Truth();
        Run(native, native, "the second time", family, DiffSettings.Cases / 4);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void The_interpreter_runs_sequences_as_the_processor_does(bool specialise)
    {
        NativeExecutor native = Truth();
        using VcpuExecutor interpreter = new(new VcpuOptions { Specialise = specialise });
        RunSequences(native, interpreter, "the interpreter", DiffSettings.Cases);
    }

    /// <summary>Loops long enough to be found hot; a new vCPU now and then, since each compiles a limited number of handlers.</summary>
    [Fact]
    public void The_interpreter_runs_hot_loops_as_the_processor_does()
    {
        const int LoopsPerVcpu = 2 * DiffLayout.Slots;
        NativeExecutor native = Truth();
        SequenceBuilder builder = new(native.LeaveAddress, onlyHotLoops: true);
        string report = "";
        long count = 0;
        int loops = (int)(DiffSettings.Cases / 200);
        for (int first = 0; first < loops && report.Length == 0; first += LoopsPerVcpu)
        {
            using VcpuExecutor interpreter = new();
            DiffRun run = new(native, interpreter, "the interpreter");
            RunPrograms(run, builder, HotLoop, first, Math.Min(first + LoopsPerVcpu, loops));
            count += run.Count;
            report = run.Report();
        }

        output.WriteLine($"{HotLoop}: {count} programs (seed 0x{DiffSettings.Seed:X})");
        Assert.True(report.Length == 0, report);
    }

    [Fact]
    public void The_processor_agrees_with_itself_on_sequences()
    {
        NativeExecutor native = Truth();
        RunSequences(native, native, "the second time", DiffSettings.Cases / 4);
    }

    internal static NativeExecutor Truth()
    {
        Assert.SkipWhen(NativeExecutor.Shared.Executor is null, NativeExecutor.Shared.Reason);
        return NativeExecutor.Shared.Executor!;
    }

    private void Run(NativeExecutor native, IExecutor other, string otherName, string family, long cases)
    {
        DiffRun run = new(native, other, otherName);
        CaseBuilder builder = new(native.LeaveAddress);
        int casesPerForm = (int)Math.Max(1, cases / FormCatalog.Forms.Count);
        foreach (Form form in FormCatalog.Forms)
        {
            if (form.Family != family)
            {
                continue;
            }

            if (!HostFeatures.Has(form.Code))
            {
                output.WriteLine($"{form.Name}: not on this processor");
                continue;
            }

            run.Add(form.Name, 0, casesPerForm, (test, index) => builder.Build(test, form, index, DiffSettings.Seed));
        }

        run.Flush();
        output.WriteLine($"{family}: {run.Count} cases, {run.FaultCount} of them ended in an exception (seed 0x{DiffSettings.Seed:X})");
        Assert.True(run.FailureCount == 0, run.Report());
    }

    private static void RunPrograms(DiffRun run, SequenceBuilder builder, string name, int first, int end)
    {
        run.Add(name, first, end, (test, index) => builder.Build(test, name, index, DiffSettings.Seed));
        run.Flush();
    }

    private void RunSequences(NativeExecutor native, IExecutor other, string otherName, long cases)
    {
        DiffRun run = new(native, other, otherName);
        RunPrograms(run, new SequenceBuilder(native.LeaveAddress), Sequence, 0, (int)(cases / 10));
        output.WriteLine($"{Sequence}: {run.Count} programs, {run.FaultCount} of them ended in an exception (seed 0x{DiffSettings.Seed:X})");
        Assert.True(run.FailureCount == 0, run.Report());
    }
}
