namespace Emulator.Cpu.Tests.Differential;

/// <summary>The differential tests share the host's signal handlers and fixed addresses, so they take turns.</summary>
[CollectionDefinition(nameof(DifferentialTests))]
public sealed class DifferentialDefinition;

/// <summary>The interpreter against the processor we run on.</summary>
[Collection(nameof(DifferentialTests))]
public sealed class DifferentialTests(ITestOutputHelper output)
{
    private const string Sequence = "Sequence";

    public static TheoryData<string> Families { get; } = [.. FormCatalog.Families];

    [Theory]
    [MemberData(nameof(Families))]
    public void The_interpreter_does_what_the_processor_does(string family)
    {
        NativeExecutor native = Truth();
        using VcpuExecutor interpreter = new();
        Run(native, interpreter, "the interpreter", family);
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void The_processor_agrees_with_itself(string family)
    {
        NativeExecutor native = Truth();
        Run(native, native, "the second time", family);
    }

    [Fact]
    public void The_interpreter_runs_sequences_as_the_processor_does()
    {
        NativeExecutor native = Truth();
        using VcpuExecutor interpreter = new();
        RunSequences(native, interpreter, "the interpreter");
    }

    [Fact]
    public void The_processor_agrees_with_itself_on_sequences()
    {
        NativeExecutor native = Truth();
        RunSequences(native, native, "the second time");
    }

    internal static NativeExecutor Truth()
    {
        Assert.SkipWhen(NativeExecutor.Shared.Executor is null, NativeExecutor.Shared.Reason);
        return NativeExecutor.Shared.Executor!;
    }

    private void Run(NativeExecutor native, IExecutor other, string otherName, string family)
    {
        DiffRun run = new(native, other, otherName);
        CaseBuilder builder = new(native.LeaveAddress);
        int casesPerForm = (int)Math.Max(1, DiffSettings.Cases / FormCatalog.Forms.Count);
        foreach (Form form in FormCatalog.Forms)
        {
            if (form.Family != family)
            {
                continue;
            }

            for (int index = 0; index < casesPerForm; index++)
            {
                if (DiffSettings.Wants(form.Name, index))
                {
                    builder.Build(run.Next, form, index, DiffSettings.Seed);
                    run.Commit();
                }
            }
        }

        run.Flush();
        output.WriteLine($"{family}: {run.Count} cases, {run.FaultCount} of them ended in an exception (seed 0x{DiffSettings.Seed:X})");
        if (run.FailureCount > 0)
        {
            Assert.Fail(run.Report());
        }
    }

    private void RunSequences(NativeExecutor native, IExecutor other, string otherName)
    {
        DiffRun run = new(native, other, otherName);
        SequenceBuilder builder = new(native.LeaveAddress);
        for (int index = 0; index < DiffSettings.Cases / 10; index++)
        {
            if (DiffSettings.Wants(Sequence, index))
            {
                builder.Build(run.Next, Sequence, index, DiffSettings.Seed);
                run.Commit();
            }
        }

        run.Flush();
        output.WriteLine($"{Sequence}: {run.Count} programs, {run.FaultCount} of them ended in an exception (seed 0x{DiffSettings.Seed:X})");
        if (run.FailureCount > 0)
        {
            Assert.Fail(run.Report());
        }
    }
}
