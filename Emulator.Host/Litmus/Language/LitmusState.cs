using System.Collections.Immutable;

namespace Emulator.Host.Litmus;

/// <summary>An outcome: values, for all of <see cref="LitmusTest.Variables"/> or for those that are shown.</summary>
/// <param name="values">In the order of the variables.</param>
public readonly struct LitmusState(ReadOnlySpan<uint> values) : IEquatable<LitmusState>, IComparable<LitmusState>
{
    private readonly ImmutableArray<uint> _values = [.. values];

    /// <summary>The values.</summary>
    public ReadOnlySpan<uint> Values => _values.IsDefault ? default : _values.AsSpan();

    /// <summary>Equal values.</summary>
    public static bool operator ==(LitmusState left, LitmusState right) => left.Equals(right);

    /// <summary>A different value.</summary>
    public static bool operator !=(LitmusState left, LitmusState right) => !left.Equals(right);

    /// <summary>Before, by the first value that differs.</summary>
    public static bool operator <(LitmusState left, LitmusState right) => left.CompareTo(right) < 0;

    /// <summary>Before, or equal.</summary>
    public static bool operator <=(LitmusState left, LitmusState right) => left.CompareTo(right) <= 0;

    /// <summary>After, by the first value that differs.</summary>
    public static bool operator >(LitmusState left, LitmusState right) => left.CompareTo(right) > 0;

    /// <summary>After, or equal.</summary>
    public static bool operator >=(LitmusState left, LitmusState right) => left.CompareTo(right) >= 0;

    /// <summary>The part of a whole outcome that the test shows.</summary>
    public LitmusState Shown(LitmusTest test)
    {
        var values = _values;
        return new LitmusState([.. test.Shown.Select(i => values[i])]);
    }

    /// <summary>As herd prints it, <c>P0:eax=1; x=0;</c>.</summary>
    /// <param name="variables">What the values are of.</param>
    public string Format(IEnumerable<LitmusVariable> variables) =>
        string.Join(' ', variables.Zip(_values, (variable, value) => $"{variable.Name}={value};"));

    /// <inheritdoc/>
    public bool Equals(LitmusState other) => Values.SequenceEqual(other.Values);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is LitmusState other && Equals(other);

    /// <inheritdoc/>
    public int CompareTo(LitmusState other) => Values.SequenceCompareTo(other.Values);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = default(HashCode);
        foreach (var value in Values)
        {
            hash.Add(value);
        }

        return hash.ToHashCode();
    }
}
