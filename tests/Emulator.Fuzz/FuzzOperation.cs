using System.Globalization;

namespace Emulator.Fuzz;

/// <summary>What can happen to a device.</summary>
public enum FuzzVerb
{
    /// <summary><c>write BAR OFFSET SIZE VALUE</c>: the guest writes registers.</summary>
    Write,

    /// <summary><c>read BAR OFFSET SIZE</c>: the guest reads registers.</summary>
    Read,

    /// <summary><c>config OFFSET SIZE VALUE</c>: the guest writes configuration.</summary>
    Config,

    /// <summary><c>store ADDRESS SIZE VALUE</c>: the guest writes its memory.</summary>
    Store,

    /// <summary><c>fill ADDRESS LENGTH SEED</c>: the guest writes random bytes.</summary>
    Fill,

    /// <summary><c>flip N OFFSET BITS</c>: behind the N-th DMA read from here on, bits of what was read change.</summary>
    Flip,

    /// <summary><c>frame LENGTH SEED HEADER</c>: a frame arrives: hexadecimal bytes, or <c>-</c>, then random ones.</summary>
    Frame,

    /// <summary><c>take N</c>: the back end takes frames that the device has sent.</summary>
    Take,

    /// <summary><c>link UP</c>: the back end's end of the wire goes up (1) or down (0).</summary>
    Link,

    /// <summary><c>advance NANOSECONDS</c>: time passes.</summary>
    Advance,

    /// <summary><c>step N</c>: the device's thread gets so far: N pieces of work begun or DMA accesses.</summary>
    Step,

    /// <summary><c>run</c>: the device's thread runs until it has nothing to do.</summary>
    Run,

    /// <summary><c>reset</c>: the machine is reset, and firmware places the windows again.</summary>
    Reset,

    /// <summary><c>guard ADDRESS LENGTH</c>: from here on the device has no business to write there.</summary>
    Guard,
}

/// <summary>One thing that happens to a device: a line of an input.</summary>
/// <param name="Verb">What.</param>
/// <param name="A">The first operand.</param>
/// <param name="B">The second operand.</param>
/// <param name="C">The third operand.</param>
/// <param name="D">The fourth operand.</param>
/// <param name="Header">Of a frame: hexadecimal digits, or none.</param>
public readonly record struct FuzzOperation(FuzzVerb Verb, ulong A = 0, ulong B = 0, ulong C = 0, ulong D = 0, string Header = "")
{
    private const string NoHeader = "-";

    /// <summary>How many numbers a verb takes.</summary>
    public static int Operands(FuzzVerb verb) => verb switch
    {
        FuzzVerb.Write => 4,
        FuzzVerb.Read or FuzzVerb.Config or FuzzVerb.Store or FuzzVerb.Fill or FuzzVerb.Flip => 3,
        FuzzVerb.Frame or FuzzVerb.Guard => 2,
        FuzzVerb.Run or FuzzVerb.Reset => 0,
        _ => 1,
    };

    /// <summary>The operand of a number, from 0.</summary>
    public ulong this[int operand] => operand switch { 0 => A, 1 => B, 2 => C, _ => D };

    /// <summary>As it is with another value for an operand.</summary>
    public FuzzOperation With(int operand, ulong value) => operand switch
    {
        0 => this with { A = value },
        1 => this with { B = value },
        2 => this with { C = value },
        _ => this with { D = value },
    };

    /// <summary>Reads a line.</summary>
    /// <exception cref="FormatException">It is none; the message says what would be.</exception>
    public static FuzzOperation Parse(string line)
    {
        ArgumentNullException.ThrowIfNull(line);
        var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (!Enum.TryParse<FuzzVerb>(words[0], ignoreCase: true, out var verb))
        {
            throw new FormatException($"there is no operation {words[0]}; there are {string.Join(", ", Enum.GetNames<FuzzVerb>()).ToLowerInvariant()}");
        }

        var operands = Operands(verb);
        var expected = 1 + operands + (verb == FuzzVerb.Frame ? 1 : 0);
        if (words.Length != expected)
        {
            throw new FormatException($"{words[0]} takes {expected - 1} operands, not {words.Length - 1}");
        }

        var operation = new FuzzOperation(verb);
        for (var i = 0; i < operands; i++)
        {
            if (!ulong.TryParse(words[i + 1], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var number))
            {
                throw new FormatException($"{words[i + 1]} is no hexadecimal number");
            }

            operation = operation.With(i, number);
        }

        return verb == FuzzVerb.Frame && words[^1] != NoHeader ? operation with { Header = Convert.ToHexString(Convert.FromHexString(words[^1])) } : operation;
    }

    /// <summary>The line.</summary>
    public override string ToString()
    {
        var words = new List<string> { Verb.ToString().ToLowerInvariant() };
        for (var i = 0; i < Operands(Verb); i++)
        {
            words.Add(this[i].ToString("X", CultureInfo.InvariantCulture));
        }

        if (Verb == FuzzVerb.Frame)
        {
            words.Add(Header.Length == 0 ? NoHeader : Header);
        }

        return string.Join(' ', words);
    }
}
