using System.Globalization;
using System.Text;
using Iced.Intel;

namespace Emulator.Cpu.Tests.Differential;

/// <summary>Says whether two runs of a case agree, and if not, everything needed to see why.</summary>
internal static class Comparison
{
    private static readonly string[] s_registerNames =
        ["RAX", "RCX", "RDX", "RBX", "RSP", "RBP", "RSI", "RDI", "R8", "R9", "R10", "R11", "R12", "R13", "R14", "R15"];

    private static readonly (int Bit, string Name)[] s_flagNames =
    [
        (0, "CF"), (2, "PF"), (4, "AF"), (6, "ZF"), (7, "SF"), (9, "IF"), (10, "DF"), (11, "OF"),
        (12, "IOPL0"), (13, "IOPL1"), (14, "NT"), (18, "AC"), (21, "ID"),
    ];

    private static readonly string[] s_vectorNames =
        ["#DE", "#DB", "NMI", "#BP", "#OF", "#BR", "#UD", "#NM", "#DF", "9", "#TS", "#NP", "#SS", "#GP", "#PF", "15", "#MF", "#AC"];

    /// <summary>True if the outcomes agree in all that the architecture defines.</summary>
    public static bool Agree(DiffCase test, Outcome truth, Outcome other)
    {
        if (truth.Trouble is not null || other.Trouble is not null || truth.Stop != other.Stop || truth.Vector != other.Vector)
        {
            return false;
        }

        for (int i = 0; i < 16; i++)
        {
            if (((truth.Gpr[i] ^ other.Gpr[i]) & ~test.Tolerance.Gpr[i]) != 0)
            {
                return false;
            }
        }

        return ((truth.Rflags ^ other.Rflags) & ComparedFlags(test, truth)) == 0
            && truth.Ds == other.Ds && truth.Es == other.Es && truth.Ss == other.Ss
            && FaultsAgree(truth, other)
            && MemoryAgrees(test, truth, other);
    }

    /// <summary>The failure as a programmer wants to read it.</summary>
    public static string Describe(DiffCase test, Outcome truth, Outcome other, string otherName)
    {
        StringBuilder text = new();
        text.AppendLine(CultureInfo.InvariantCulture, $"{test.Id}  (seed 0x{test.Seed:X})");
        AppendCode(text, test);
        AppendStart(text, test);
        text.AppendLine(CultureInfo.InvariantCulture, $"  the processor: {End(test, truth)}");
        text.AppendLine(CultureInfo.InvariantCulture, $"  {otherName}: {End(test, other)}");
        if (other.Trouble is null)
        {
            AppendDifferences(text, test, truth, other);
        }

        text.Append(CultureInfo.InvariantCulture, $"  again: EMULATOR_DIFF_SEED=0x{test.Seed:X} EMULATOR_DIFF_CASE='{test.Id}' dotnet test tests/Emulator.Cpu.Tests --filter \"FullyQualifiedName~DifferentialTests\"");
        return text.ToString();
    }

    /// <summary>What to count a failure under: the form, and in a program the instruction that faulted.</summary>
    public static string Group(DiffCase test, Outcome wrong)
    {
        int offset = (int)Math.Clamp((long)(wrong.Rip - test.CodeBase), -1, test.CodeEnd);
        if (wrong.Vector < 0 || offset < DiffLayout.Entry || offset >= test.CodeEnd || wrong.Rip == test.Entry && test.CodeEnd - DiffLayout.Entry <= 15)
        {
            return test.Name;
        }

        Instruction instruction = CaseBuilder.Decode(test.Code.AsSpan(offset, Math.Min(15, test.CodeEnd - offset)), wrong.Rip);
        return $"{test.Name} with {instruction.Code}";
    }

    private static ulong ComparedFlags(DiffCase test, Outcome truth) =>
        DiffLayout.ComparedFlags & ~(truth.Vector >= 0 ? test.Tolerance.FlagsAtFault(truth.Rip) : test.Tolerance.Flags);

    /// <summary>CR2 by page only: where in an access that crosses pages it points is up to the processor.</summary>
    private static bool FaultsAgree(Outcome truth, Outcome other)
    {
        if (truth.Vector < 0)
        {
            return true;
        }

        bool hasErrorCode = truth.Vector is 8 or (>= 10 and <= 14) or 17;
        return truth.Rip == other.Rip
            && (!hasErrorCode || truth.ErrorCode == other.ErrorCode)
            && (truth.Vector != 14 || (truth.FaultAddress ^ other.FaultAddress) < DiffLayout.PageSize);
    }

    private static bool MemoryAgrees(DiffCase test, Outcome truth, Outcome other)
    {
        int length = truth.Vector >= 0 ? test.Tolerance.MemoryAtFaultLength : 0;
        if (length == 0)
        {
            return truth.Memory.AsSpan().SequenceEqual(other.Memory);
        }

        long start = (long)(test.Tolerance.MemoryAtFault - test.DataBase);
        int from = (int)Math.Clamp(start, 0, DiffLayout.WritableSize);
        int to = (int)Math.Clamp(start + length, 0, DiffLayout.WritableSize);
        return truth.Memory.AsSpan(0, from).SequenceEqual(other.Memory.AsSpan(0, from))
            && truth.Memory.AsSpan(to).SequenceEqual(other.Memory.AsSpan(to));
    }

    private static void AppendCode(StringBuilder text, DiffCase test)
    {
        ReadOnlySpan<byte> bytes = test.Code.AsSpan(DiffLayout.Entry, test.CodeEnd - DiffLayout.Entry);
        Iced.Intel.Decoder decoder = Iced.Intel.Decoder.Create(64, new ByteArrayCodeReader(bytes.ToArray()), test.Entry);
        IntelFormatter formatter = new();
        StringOutput output = new();
        int offset = 0;
        while (offset < bytes.Length)
        {
            Instruction instruction = decoder.Decode();
            formatter.Format(instruction, output);
            string hex = Convert.ToHexString(bytes.Slice(offset, instruction.Length));
            text.AppendLine(CultureInfo.InvariantCulture, $"  {instruction.IP:X8}  {hex,-30}  {output.ToStringAndReset()}");
            offset += instruction.Length;
        }
    }

    private static void AppendStart(StringBuilder text, DiffCase test)
    {
        text.AppendLine(CultureInfo.InvariantCulture, $"  from RFLAGS={test.Rflags:X} [{FlagNames(test.Rflags)}], pages {test.DataBase:X}–{test.DataBase + DiffLayout.WritableSize - 1:X}");
        for (int i = 0; i < 16; i += 4)
        {
            text.Append("   ");
            for (int r = i; r < i + 4; r++)
            {
                text.Append(CultureInfo.InvariantCulture, $" {s_registerNames[r],3}={test.Gpr[r]:X16}");
            }

            text.AppendLine();
        }
    }

    private static string End(DiffCase test, Outcome outcome)
    {
        if (outcome.Trouble is { } trouble)
        {
            return trouble;
        }

        if (outcome.Vector < 0)
        {
            return outcome.Stop switch
            {
                DiffLayout.StoppedBehind => "went on behind the code",
                DiffLayout.StoppedForward => "jumped forward",
                DiffLayout.StoppedBackward => "jumped backward",
                uint other => $"stopped at pad {other}",
            };
        }

        string name = outcome.Vector < s_vectorNames.Length ? s_vectorNames[outcome.Vector] : $"vector {outcome.Vector}";
        string address = outcome.Vector == 14 ? $", CR2={outcome.FaultAddress:X}" : "";
        return $"{name}, error code {outcome.ErrorCode:X}{address}, at {outcome.Rip:X} (entry{(long)(outcome.Rip - test.Entry):+0;-0;+0})";
    }

    private static void AppendDifferences(StringBuilder text, DiffCase test, Outcome truth, Outcome other)
    {
        for (int i = 0; i < 16; i++)
        {
            if (((truth.Gpr[i] ^ other.Gpr[i]) & ~test.Tolerance.Gpr[i]) != 0)
            {
                text.AppendLine(CultureInfo.InvariantCulture, $"    {s_registerNames[i],-6} should be {truth.Gpr[i]:X16}, is {other.Gpr[i]:X16}");
            }
        }

        ulong flags = (truth.Rflags ^ other.Rflags) & ComparedFlags(test, truth);
        if (flags != 0)
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"    flags  should be [{FlagNames(truth.Rflags)}], are [{FlagNames(other.Rflags)}]; wrong: {FlagNames(flags)}");
        }

        if (truth.Ds != other.Ds || truth.Es != other.Es || truth.Ss != other.Ss)
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"    DS ES SS should be {truth.Ds:X} {truth.Es:X} {truth.Ss:X}, are {other.Ds:X} {other.Es:X} {other.Ss:X}");
        }

        AppendMemory(text, test, truth.Memory, other.Memory);
    }

    private static void AppendMemory(StringBuilder text, DiffCase test, byte[] truth, byte[] other)
    {
        int lines = 0;
        int at = 0;
        while (at < truth.Length && lines < 6)
        {
            int equal = truth.AsSpan(at).CommonPrefixLength(other.AsSpan(at));
            at += equal;
            if (at == truth.Length)
            {
                return;
            }

            int length = Math.Min(16, truth.Length - at);
            text.AppendLine(CultureInfo.InvariantCulture, $"    [{test.DataBase + (ulong)at:X}] was {Convert.ToHexString(test.Memory, at, length)}, should be {Convert.ToHexString(truth, at, length)}, is {Convert.ToHexString(other, at, length)}");
            at += length;
            lines++;
        }
    }

    private static string FlagNames(ulong flags) =>
        string.Join(' ', s_flagNames.Where(flag => (flags >> flag.Bit & 1) != 0).Select(flag => flag.Name));
}
