using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using Emulator.Host.CommandLine;
using Emulator.Memory;

namespace Emulator.Host.Litmus;

/// <summary>
/// Reads a litmus file: <c>DMA name</c>, a description, the locations, a table with a column for each thing that runs, the condition, and
/// what is expected of it. The form is herd's and litmus7's.
/// </summary>
public sealed class LitmusParser
{
    private const int MostOfAKind = 4;
    private const int MostElements = 8;
    private static readonly string[] s_symbols = ["/\\", "\\/", "{", "}", "[", "]", "(", ")", "=", ";", ",", "|", ":", "~"];
    private static readonly string[] s_kinds = ["vcpu", "dma"];
    private static readonly string[] s_observations = ["Never", "Sometimes", "Always"];

    private readonly TokenReader _reader;
    private readonly LitmusScope _scope;

    private LitmusParser(string path, string text)
    {
        _reader = new TokenReader(path, text, s_symbols, wordMarks: ".");
        _scope = new LitmusScope(_reader);
    }

    /// <summary>Reads a test.</summary>
    /// <param name="path">What messages call the file; it is not opened.</param>
    /// <param name="text">The file's text.</param>
    /// <param name="test">The test, if there is no mistake.</param>
    /// <param name="diagnostic">The first mistake.</param>
    public static bool TryParse(
        string path, string text, [NotNullWhen(true)] out LitmusTest? test, [NotNullWhen(false)] out LitmusDiagnostic? diagnostic)
    {
        var parser = new LitmusParser(path, text);
        var parsed = parser.Parse(path, text);
        diagnostic = parser._reader.Mistake ?? LitmusRules.Check(parsed);
        test = diagnostic is null ? parsed : null;
        return diagnostic is null;
    }

    private LitmusTest Parse(string path, string text)
    {
        if (!_reader.AcceptWord("DMA"))
        {
            _reader.Fail(_reader.Peek, $"a litmus test begins with 'DMA NAME', this one with {_reader.Peek.Shown}");
        }

        var line = _reader.Last.Line;
        var name = _reader.TakeToBlank();
        if (name.Text.Length == 0 || name.Line != line)
        {
            _reader.Fail(name, "expected the test's name behind 'DMA'");
        }

        var description = _reader.Take();
        if (description.Kind != TokenKind.String)
        {
            _reader.Fail(description, $"expected a description in quotes, found {description.Shown}");
        }

        ParseLocations();
        ParseHeader();
        var columns = ParseRows();
        var quantifier = ParseQuantifier();
        var condition = new ConditionParser(_reader, _scope).Parse();
        var expectations = ParseExpectations();
        var variables = LitmusVariables.Of(_scope, columns, condition);
        return new LitmusTest(
            name.Text, description.Text, path, [.. _scope.Locations], columns, quantifier, variables.Resolve(condition), expectations)
        {
            Variables = variables.All,
            Shown = variables.Named(condition),
            Source = text,
        };
    }

    /// <summary><c>{ x=0; a[4]=7; }</c>.</summary>
    private void ParseLocations()
    {
        _reader.Expect("{", "before the locations");
        while (!_reader.Accept("}") && _reader.Mistake is null)
        {
            var name = _reader.ExpectWord("a location's name or '}'");
            if (_scope.HasLocation(name.Text))
            {
                _reader.Fail(name, $"location '{name.Text}' is there twice");
            }

            var length = _reader.Accept("[") ? ParseLength() : 0;
            _reader.Expect("=", $"and a value behind '{name.Text}'");
            var initial = _scope.Number();
            _scope.AddLocation(name.Text, length, initial);
            if (!_reader.Peek.Is("}"))
            {
                _reader.Expect(";", "between two locations");
            }
        }
    }

    private int ParseLength()
    {
        var at = _reader.Peek;
        var length = _scope.Number();
        if (_reader.Mistake is null && length is 0 or > MostElements)
        {
            _reader.Fail(at, $"an array has 1 to {MostElements} elements, not {length}");
        }

        _reader.Expect("]", "behind the number of elements");
        return (int)length;
    }

    /// <summary><c>P0 vcpu | D0 dma ;</c>.</summary>
    private void ParseHeader()
    {
        do
        {
            var name = _reader.ExpectWord("a column's name");
            if (_scope.Columns.Any(c => c.Name == name.Text))
            {
                _reader.Fail(name, $"column '{name.Text}' is there twice");
            }

            var kind = _reader.ExpectWord($"'vcpu' or 'dma' behind '{name.Text}'");
            var index = Array.IndexOf(s_kinds, kind.Text);
            if (index < 0)
            {
                _reader.Fail(kind, $"unknown kind of column '{kind.Text}'{Suggestion.For(kind.Text, s_kinds)}");
            }

            if (_scope.Columns.Count(c => (int)c.Kind == index) == MostOfAKind)
            {
                _reader.Fail(name, $"there are at most {MostOfAKind} columns of a kind");
            }

            _scope.Columns.Add((name.Text, (LitmusColumnKind)Math.Max(index, 0)));
        }
        while (_reader.Accept("|"));

        EndRow();
    }

    private ImmutableArray<LitmusColumn> ParseRows()
    {
        var cells = new CellParser(_reader, _scope);
        var columns = _scope.Columns.Select(_ => ImmutableArray.CreateBuilder<LitmusCell>()).ToArray();
        while (!AtCondition() && _reader.Mistake is null)
        {
            ParseRow(cells, columns);
        }

        return [.. _scope.Columns.Select((column, i) => new LitmusColumn(column.Name, column.Kind, columns[i].ToImmutable()))];
    }

    private void ParseRow(CellParser cells, ImmutableArray<LitmusCell>.Builder[] columns)
    {
        for (var i = 0; i < columns.Length; i++)
        {
            if (!_reader.Peek.Is("|") && !_reader.Peek.Is(";") && cells.Parse(i) is { } cell)
            {
                columns[i].Add(cell);
            }

            if (i < columns.Length - 1 && !_reader.Accept("|"))
            {
                _reader.Fail(_reader.Peek, _reader.Peek.Is(";")
                    ? $"this row has {i + 1} of {columns.Length} cells: a '|' is missing (a cell may be empty)"
                    : $"expected '|' before {_reader.Peek.Shown}");
            }
        }

        if (_reader.Peek.Is("|"))
        {
            _reader.Fail(_reader.Peek, $"too many cells: there {(columns.Length == 1 ? "is 1 column" : $"are {columns.Length} columns")}");
        }

        EndRow();
    }

    /// <summary>A row is one line, so that a forgotten ';' is found where it was forgotten.</summary>
    private void EndRow()
    {
        var last = _reader.Last;
        if (_reader.Peek.Kind == TokenKind.End || _reader.Peek.Line != last.Line)
        {
            _reader.Fail(last.Line, last.After, "missing ';' at the end of the row");
        }

        _reader.Expect(";", "at the end of the row");
    }

    private bool AtCondition() =>
        _reader.Peek.Kind == TokenKind.End || _reader.Peek.Is("~") || _reader.Peek.IsWord("exists") || _reader.Peek.IsWord("forall");

    private LitmusQuantifier ParseQuantifier()
    {
        if (_reader.AcceptWord("forall"))
        {
            return LitmusQuantifier.ForAll;
        }

        var quantifier = _reader.Accept("~") ? LitmusQuantifier.NotExists : LitmusQuantifier.Exists;
        if (!_reader.AcceptWord("exists"))
        {
            _reader.Fail(_reader.Peek, $"expected 'exists', '~exists' or 'forall', found {_reader.Peek.Shown}");
        }

        return quantifier;
    }

    private ImmutableArray<LitmusExpectation> ParseExpectations()
    {
        var expectations = ImmutableArray.CreateBuilder<LitmusExpectation>();
        while (_reader.AcceptWord("expect"))
        {
            var at = _reader.Last;
            var expectation = ParseExpectation(at.Line);
            if (expectations.FirstOrDefault(e => Overlap(e, expectation)) is { } before)
            {
                _reader.Fail(at, $"some of this is expected by line {before.Line} already");
            }

            expectations.Add(expectation);
        }

        if (_reader.Peek is { Kind: not TokenKind.End } rest)
        {
            _reader.Fail(rest, $"expected 'expect' or the end of the file, found {rest.Shown}");
        }

        return expectations.ToImmutable();
    }

    private static bool Overlap(LitmusExpectation a, LitmusExpectation b) =>
        a.Orderings.Intersect(b.Orderings).Any() && a.Models.Intersect(b.Models).Any();

    /// <summary><c>expect full relaxed weak: Sometimes</c>.</summary>
    private LitmusExpectation ParseExpectation(int line)
    {
        var orderings = ImmutableArray.CreateBuilder<DmaOrdering>();
        var models = ImmutableArray.CreateBuilder<MemoryModel>();
        while (_reader.Peek.Kind == TokenKind.Word)
        {
            var word = _reader.Take();
            if (DmaOrderings.TryParse(word.Text, out var ordering, out _))
            {
                orderings.Add(ordering);
            }
            else if (MemoryModels.TryParse(word.Text, out var model, out _))
            {
                models.Add(model);
            }
            else
            {
                string[] valid = [.. DmaOrderings.AllNames.Split(", "), .. MemoryModels.AllNames.Split(", ")];
                _reader.Fail(word, $"'{word.Text}' is neither a DMA ordering nor a memory model{Suggestion.For(word.Text, valid)}");
            }
        }

        _reader.Expect(":", "behind the orderings and models");
        var observation = _reader.ExpectWord("'Never', 'Sometimes' or 'Always'");
        var index = Array.IndexOf(s_observations, observation.Text);
        if (index < 0)
        {
            _reader.Fail(observation, $"unknown observation '{observation.Text}'{Suggestion.For(observation.Text, s_observations)}");
        }

        return new LitmusExpectation(
            orderings.Count > 0 ? orderings.ToImmutable() : [.. Enum.GetValues<DmaOrdering>()],
            models.Count > 0 ? models.ToImmutable() : [.. Enum.GetValues<MemoryModel>()],
            (Observation)Math.Max(index, 0),
            line);
    }
}
