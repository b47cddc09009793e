namespace Emulator.Host.Litmus;

/// <summary>A statement about an outcome.</summary>
public abstract record LitmusCondition
{
    /// <summary>Whether it is true of an outcome.</summary>
    /// <param name="values">A value for each of <see cref="LitmusTest.Variables"/>.</param>
    public abstract bool Holds(ReadOnlySpan<uint> values);
}

/// <summary><c>P0:eax=1</c> or <c>x=1</c>.</summary>
/// <param name="Variable">An index into <see cref="LitmusTest.Variables"/>.</param>
/// <param name="Value">What it must be.</param>
/// <param name="Name">The variable as it is printed.</param>
public sealed record LitmusEquals(int Variable, uint Value, string Name) : LitmusCondition
{
    /// <inheritdoc/>
    public override bool Holds(ReadOnlySpan<uint> values) => values[Variable] == Value;

    /// <inheritdoc/>
    public override string ToString() => $"{Name}={Value}";
}

/// <summary><c>a /\ b</c>.</summary>
public sealed record LitmusAnd(LitmusCondition Left, LitmusCondition Right) : LitmusCondition
{
    /// <inheritdoc/>
    public override bool Holds(ReadOnlySpan<uint> values) => Left.Holds(values) && Right.Holds(values);

    /// <inheritdoc/>
    public override string ToString() => $"{Bracket(Left)} /\\ {Bracket(Right)}";

    private static string Bracket(LitmusCondition condition) => condition is LitmusOr ? $"({condition})" : $"{condition}";
}

/// <summary><c>a \/ b</c>; binds less than <c>/\</c>.</summary>
public sealed record LitmusOr(LitmusCondition Left, LitmusCondition Right) : LitmusCondition
{
    /// <inheritdoc/>
    public override bool Holds(ReadOnlySpan<uint> values) => Left.Holds(values) || Right.Holds(values);

    /// <inheritdoc/>
    public override string ToString() => $"{Left} \\/ {Right}";
}

/// <summary><c>~a</c>.</summary>
public sealed record LitmusNot(LitmusCondition Operand) : LitmusCondition
{
    /// <inheritdoc/>
    public override bool Holds(ReadOnlySpan<uint> values) => !Operand.Holds(values);

    /// <inheritdoc/>
    public override string ToString() => Operand is LitmusEquals ? $"~{Operand}" : $"~({Operand})";
}
