namespace Emulator.Host.Litmus;

/// <summary>
/// Reads the condition: <c>\/</c> binds least, then <c>/\</c>, then <c>~</c>. Which variables there are is known only when all of
/// the condition has been read, so its equalities come out as <see cref="NamedEquals"/>.
/// </summary>
internal sealed class ConditionParser(TokenReader reader, LitmusScope scope)
{
    /// <summary>Reads a condition.</summary>
    public LitmusCondition Parse()
    {
        var condition = ParseOr();
        if (reader.Peek.Is(")"))
        {
            reader.Fail(reader.Peek, "unbalanced condition: no '(' belongs to this ')'");
        }

        return condition;
    }

    private LitmusCondition ParseOr()
    {
        var left = ParseAnd();
        while (reader.Accept("\\/"))
        {
            left = new LitmusOr(left, ParseAnd());
        }

        return left;
    }

    private LitmusCondition ParseAnd()
    {
        var left = ParseOperand();
        while (reader.Accept("/\\"))
        {
            left = new LitmusAnd(left, ParseOperand());
        }

        return left;
    }

    private LitmusCondition ParseOperand()
    {
        if (reader.Accept("~"))
        {
            return new LitmusNot(ParseOperand());
        }

        if (!reader.Accept("("))
        {
            return ParseEquals();
        }

        var opened = reader.Last;
        var inner = ParseOr();
        if (!reader.Accept(")"))
        {
            reader.Fail(
                reader.Peek,
                reader.Peek.Kind == TokenKind.End || reader.Peek.IsWord("expect")
                    ? $"unbalanced condition: no ')' for the '(' at {opened.Line}:{opened.Column}"
                    : $"expected '/\\', '\\/' or ')', found {reader.Peek.Shown}");
        }

        return inner;
    }

    /// <summary><c>P0:eax=1</c> or <c>x=1</c>.</summary>
    private NamedEquals ParseEquals()
    {
        if (reader.Peek.Kind != TokenKind.Word)
        {
            reader.Fail(reader.Peek, $"expected NAME:register, a location or '(' in the condition, found {reader.Peek.Shown}");
        }

        var isColumn = scope.Columns.Any(c => c.Name == reader.Peek.Text) && !scope.HasLocation(reader.Peek.Text);
        var variable = isColumn ? ParseRegister() : ParseLocation();
        reader.Expect("=", $"behind '{variable.Name}'");
        return new NamedEquals(variable, scope.Number());
    }

    private LitmusVariable ParseRegister()
    {
        var column = Math.Max(scope.Column(), 0);
        reader.Expect(":", "and a register behind the column's name");
        return LitmusVariables.Register(scope, column, scope.Register(scope.Columns.Count > 0 ? scope.Columns[column].Kind : 0));
    }

    private LitmusVariable ParseLocation()
    {
        // P9:eax=1 is a wrong column, not a wrong location.
        var at = reader.Peek;
        if (at.Kind == TokenKind.Word && !scope.HasLocation(at.Text))
        {
            reader.Take();
            var valid = scope.Columns.Select(c => c.Name);
            if (reader.Peek.Is(":"))
            {
                reader.Fail(at, $"unknown column '{at.Text}'{CommandLine.Suggestion.For(at.Text, valid)}");
            }
            else
            {
                reader.Fail(at, $"unknown location '{at.Text}'{CommandLine.Suggestion.For(at.Text, scope.LocationNames)}");
            }
        }

        var location = scope.Location();
        return new LitmusVariable(location < scope.Locations.Count ? scope.Locations[location].Name : "", -1, location);
    }
}

/// <summary>An equality whose variable has no number yet.</summary>
internal sealed record NamedEquals(LitmusVariable Variable, uint Value) : LitmusCondition
{
    /// <inheritdoc/>
    public override bool Holds(ReadOnlySpan<uint> values) => throw new InvalidOperationException("the variables are not numbered yet");
}
