using Iced.Intel;

namespace Emulator.Cpu.Tests.Differential;

/// <summary>What the differential test covers, and that it says what it does not.</summary>
[Collection(nameof(DifferentialTests))]
public sealed class CoverageTests(ITestOutputHelper output)
{
    /// <summary>What the generator chooses at random and must have chosen.</summary>
    private static readonly string[] s_features =
    [
        "high byte register", "address size 67h", "address size 67h on a string", "GS override", "GS override on a string",
        "flat segment override", "page not mapped", "page read-only", "page crossing", "non-canonical address", "RIP-relative",
        "idle prefix", "string up", "string down",
    ];

    private static readonly string[] s_sequenceFeatures =
        ["forward jump", "loop", "LOOP", "call and return", "indirect jump", "string in a sequence", "POPF in a sequence", "page fault in a sequence",
         "high byte register"];

    /// <summary>The instructions of the integer set that are left out in all or some of their forms; reasons are in <see cref="FormCatalog"/>.</summary>
    private static readonly string[] s_leftOutMnemonics =
    [
        // No two makers agree.
        "Call", "Ja", "Jae", "Jb", "Jbe", "Je", "Jecxz", "Jg", "Jge", "Jl", "Jle", "Jmp", "Jne", "Jno", "Jnp", "Jns", "Jo", "Jp",
        "Jrcxz", "Js", "Loop", "Loope", "Loopne", "Ret", "Lss", "Ud0", "Sysenter", "Sysexit", "Sysexitq",

        // The host's own state.
        "Lfs", "Lgs", "Pop", "Rdfsbase", "Rdgsbase", "Wrfsbase", "Wrgsbase", "Sgdt", "Sidt", "Sldt", "Str", "Smsw", "Cpuid",
        "Rdtsc", "Rdtscp", "Syscall", "Int1",

        // Undefined, reserved, switched off.
        "Bswap", "Reservednop", "Incsspd", "Incsspq", "Wrssd", "Wrssq", "Wrussd", "Wrussq", "Saveprevssp", "Rstorssp", "Setssbsy",
        "Clrssbsy",
    ];

    [Fact]
    public void Each_form_of_the_64_bit_table_is_tested_or_left_out_with_a_reason()
    {
        HashSet<Code> tested = [.. FormCatalog.Forms.Select(form => form.Code)];
        Dictionary<Code, string> leftOut = FormCatalog.LeftOut.ToDictionary(entry => entry.Code, entry => entry.Reason);
        foreach (Code code in Enum.GetValues<Code>())
        {
            OpCodeInfo info = code.ToOpCode();
            bool isListed = tested.Contains(code) ^ leftOut.ContainsKey(code);
            Assert.True(isListed == (info.IsInstruction && info.Mode64), code.ToString());
        }

        output.WriteLine($"{tested.Count} table entries in {FormCatalog.Forms.Count} forms tested, {leftOut.Count} entries left out:");
        foreach (IGrouping<string, Code> reason in leftOut.GroupBy(entry => entry.Value, entry => entry.Key))
        {
            string names = reason.Count() > 60 ? "" : ": " + string.Join(' ', reason);
            output.WriteLine($"{reason.Key}, {reason.Count()} entries{names}");
        }
    }

    [Fact]
    public void What_is_left_out_of_the_integer_set_is_known()
    {
        IEnumerable<string> mnemonics = FormCatalog.LeftOut
            .Where(entry => !entry.Reason.StartsWith("not ", StringComparison.Ordinal))
            .Select(entry => entry.Code.Mnemonic().ToString())
            .Distinct();
        Assert.Equal(s_leftOutMnemonics.Order(StringComparer.Ordinal), mnemonics.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Each_form_runs_to_its_end_and_not_only_into_faults()
    {
        NativeExecutor native = DifferentialTests.Truth();
        CaseBuilder builder = new(native.LeaveAddress);
        List<string> neverEnded = [];
        DiffCase test = new(0);
        Outcome outcome = new();
        foreach (Form form in FormCatalog.Forms)
        {
            bool ended = false;
            for (int index = 0; index < 40 && !ended; index++)
            {
                builder.Build(test, form, index, DiffSettings.DefaultSeed);
                native.Run([test], [outcome]);
                bool isFault = outcome.Vector >= 0;
                ended = isFault == (form.Family == FormCatalog.Refused || IsNearTheBottom(form));
            }

            if (!ended && HostFeatures.Has(form.Code))
            {
                neverEnded.Add(form.Name);
            }
        }

        Assert.Empty(neverEnded);
    }

    [Fact]
    public void Each_prefix_address_form_and_boundary_is_met()
    {
        NativeExecutor native = DifferentialTests.Truth();
        CaseBuilder builder = new(native.LeaveAddress);
        SequenceBuilder sequences = new(native.LeaveAddress);
        DiffCase test = new(0);
        foreach (Form form in FormCatalog.Forms)
        {
            for (int index = 0; index < 5; index++)
            {
                builder.Build(test, form, index, DiffSettings.DefaultSeed);
            }
        }

        for (int index = 0; index < 500; index++)
        {
            sequences.Build(test, "Sequence", index, DiffSettings.DefaultSeed);
        }

        Assert.Empty(s_features.Except(builder.Features.Keys));
        Assert.Empty(s_sequenceFeatures.Except(sequences.Features.Keys));
    }

    /// <summary>With 16-bit offsets a far transfer ends below 64 KiB, where no program may be: the fault there is its end.</summary>
    private static bool IsNearTheBottom(Form form) =>
        form.Code is Code.Retfw or Code.Retfw_imm16 or Code.Iretw or Code.Call_m1616 or Code.Jmp_m1616;
}
