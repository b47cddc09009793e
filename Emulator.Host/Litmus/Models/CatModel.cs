namespace Emulator.Host.Litmus;

/// <summary>A set or a relation in a model.</summary>
/// <param name="IsSet">Which of the two.</param>
internal abstract record CatExpression(bool IsSet);

/// <summary>Something that has a name.</summary>
/// <param name="Slot">Where its value is.</param>
/// <param name="IsSet">Set or relation.</param>
internal sealed record CatName(int Slot, bool IsSet) : CatExpression(IsSet);

/// <summary><c>a | b</c>, <c>a &amp; b</c>, <c>a \ b</c>, <c>a ; b</c>.</summary>
internal sealed record CatBinary(char Operator, CatExpression Left, CatExpression Right) : CatExpression(Left.IsSet);

/// <summary><c>A * B</c>: each of A with each of B.</summary>
internal sealed record CatProduct(CatExpression Left, CatExpression Right) : CatExpression(false);

/// <summary><c>[A]</c>: each of A with itself.</summary>
internal sealed record CatIdentity(CatExpression Set) : CatExpression(false);

/// <summary><c>r+</c>, <c>r*</c>, <c>r?</c>, <c>r^-1</c> (as '-').</summary>
internal sealed record CatPostfix(char Operator, CatExpression Operand) : CatExpression(false);

/// <summary>What an axiom says of its relation.</summary>
internal enum CatCheck
{
    /// <summary>No steps lead back.</summary>
    Acyclic,

    /// <summary>Nothing is related to itself.</summary>
    Irreflexive,

    /// <summary>There is nothing in it.</summary>
    Empty,
}

/// <summary><c>acyclic r as name</c>.</summary>
internal sealed record CatAxiom(CatCheck Check, CatExpression Expression, string Name);

/// <summary>A model as it is written down.</summary>
/// <param name="Title">The string at its head; "" if there is none.</param>
/// <param name="Definitions">In order; the first has the slot behind the given names.</param>
/// <param name="Axioms">In order.</param>
internal sealed record CatModel(string Title, IReadOnlyList<CatExpression> Definitions, IReadOnlyList<CatAxiom> Axioms);
