namespace Emulator.Fuzz;

/// <summary>Makes an input shorter and simpler while it shows the same (delta debugging: pieces, then single operations, then values).</summary>
public sealed class Shrinker
{
    private readonly Func<FuzzInput, bool> _shows;
    private readonly Func<FuzzOperation, bool> _mayGo;
    private int _left;

    /// <summary>A shrinker.</summary>
    /// <param name="shows">Whether an input shows it still.</param>
    /// <param name="mayGo">Which operations may be left out; null for any.</param>
    /// <param name="tries">How often it may ask.</param>
    public Shrinker(Func<FuzzInput, bool> shows, Func<FuzzOperation, bool>? mayGo = null, int tries = 5000) =>
        (_shows, _mayGo, _left) = (shows, mayGo ?? (static _ => true), tries);

    /// <summary>Shrinks an input that shows it.</summary>
    public FuzzInput Shrink(FuzzInput input)
    {
        ArgumentNullException.ThrowIfNull(input);
        FuzzInput before;
        do
        {
            before = input;
            input = LeaveOut(input);
            input = Simplify(input);
        }
        while (input != before && _left > 0);
        return input;
    }

    private FuzzInput LeaveOut(FuzzInput input)
    {
        for (var size = Math.Max(input.Operations.Count / 2, 1); size > 0; size /= 2)
        {
            for (var at = 0; at < input.Operations.Count;)
            {
                var count = Math.Min(size, input.Operations.Count - at);
                FuzzOperation[] rest = [.. input.Operations.Where((operation, i) => i < at || i >= at + count || !_mayGo(operation))];
                if (rest.Length < input.Operations.Count && Shows(input, rest, out var shorter))
                {
                    input = shorter;
                }
                else
                {
                    at += size;
                }
            }
        }

        return input;
    }

    private FuzzInput Simplify(FuzzInput input)
    {
        for (var i = 0; i < input.Operations.Count; i++)
        {
            if (!_mayGo(input.Operations[i]))
            {
                continue;
            }

            for (var operand = 0; operand < FuzzOperation.Operands(input.Operations[i].Verb); operand++)
            {
                foreach (var value in Simpler(input.Operations[i][operand]))
                {
                    FuzzOperation[] changed = [.. input.Operations];
                    changed[i] = changed[i].With(operand, value);
                    if (Shows(input, changed, out var simpler))
                    {
                        input = simpler;
                        break;
                    }
                }
            }
        }

        return input;
    }

    // Fewer bits, and lower ones; the smallest first.
    private static IEnumerable<ulong> Simpler(ulong value)
    {
        if (value == 0)
        {
            yield break;
        }

        yield return 0;
        if (value > 1)
        {
            yield return 1;
        }

        for (var bit = 63; bit >= 0; bit--)
        {
            if ((value >> bit & 1) != 0)
            {
                yield return value & ~(1UL << bit);
            }
        }
    }

    private bool Shows(FuzzInput input, FuzzOperation[] operations, out FuzzInput changed)
    {
        changed = input with { Operations = operations };
        return _left-- > 0 && _shows(changed);
    }
}
