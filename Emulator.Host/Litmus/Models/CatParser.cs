using System.Diagnostics.CodeAnalysis;
using Emulator.Host.CommandLine;

namespace Emulator.Host.Litmus;

/// <summary>
/// Reads a model in the manner of herd's cat: <c>let</c>, <c>include</c>, and the axioms <c>acyclic</c>, <c>irreflexive</c>, <c>empty</c>.
/// Operators from the weakest: <c>|</c> <c>;</c> <c>\</c> <c>&amp;</c> <c>*</c> (of two sets), then behind an operand <c>+ * ? ^-1</c>.
/// There is no recursion and there are no functions.
/// </summary>
internal sealed class CatParser
{
    private const int DeepestInclude = 8;
    private static readonly string[] s_symbols = ["^-1", "|", ";", "\\", "&", "*", "+", "?", "[", "]", "(", ")", "="];
    private static readonly string[] s_keywords = ["let", "include", "acyclic", "irreflexive", "empty"];

    private readonly Dictionary<string, CatName> _names = [];
    private readonly List<CatExpression> _definitions = [];
    private readonly List<CatAxiom> _axioms = [];
    private TokenReader _reader;
    private string _folder;
    private string _title = "";
    private int _depth;

    private CatParser(string path, string text)
    {
        (_reader, _folder) = Open(path, text);
        foreach (var (name, isSet) in CatNames.All)
        {
            _names[name] = new CatName(_names.Count, isSet);
        }
    }

    /// <summary>Reads a model.</summary>
    /// <param name="path">What messages call the file; its folder is where <c>include</c> looks.</param>
    /// <param name="text">The file's text.</param>
    /// <param name="model">The model, if there is no mistake.</param>
    /// <param name="diagnostic">The first mistake.</param>
    public static bool TryParse(
        string path, string text, [NotNullWhen(true)] out CatModel? model, [NotNullWhen(false)] out LitmusDiagnostic? diagnostic)
    {
        var parser = new CatParser(path, text);
        diagnostic = parser.ParseFile();
        model = diagnostic is null ? new CatModel(parser._title, parser._definitions, parser._axioms) : null;
        return diagnostic is null;
    }

    private static (TokenReader Reader, string Folder) Open(string path, string text) =>
        (new TokenReader(path, text, s_symbols, wordMarks: "-."), Path.GetDirectoryName(path) ?? "");

    private LitmusDiagnostic? ParseFile()
    {
        if (_reader.Peek.Kind == TokenKind.String)
        {
            _title = _reader.Take().Text;
        }

        while (_reader.Peek.Kind != TokenKind.End && _reader.Mistake is null)
        {
            ParseStatement();
        }

        return _reader.Mistake;
    }

    private void ParseStatement()
    {
        var keyword = _reader.Take();
        switch (keyword.Kind == TokenKind.Word ? keyword.Text : "")
        {
            case "let":
                ParseDefinition();
                break;
            case "include":
                ParseInclude();
                break;
            case "acyclic":
                ParseAxiom(CatCheck.Acyclic);
                break;
            case "irreflexive":
                ParseAxiom(CatCheck.Irreflexive);
                break;
            case "empty":
                ParseAxiom(CatCheck.Empty);
                break;
            default:
                _reader.Fail(keyword, $"expected a statement, found {keyword.Shown}{Suggestion.For(keyword.Text, s_keywords)}");
                break;
        }
    }

    private void ParseDefinition()
    {
        var name = _reader.ExpectWord("a name behind 'let'");
        if (_names.ContainsKey(name.Text))
        {
            _reader.Fail(name, $"'{name.Text}' has a meaning already");
        }

        _reader.Expect("=", $"behind '{name.Text}'");
        var expression = ParseUnion();
        _names.TryAdd(name.Text, new CatName(CatNames.All.Count + _definitions.Count, expression.IsSet));
        _definitions.Add(expression);
    }

    private void ParseAxiom(CatCheck check)
    {
        var at = _reader.Peek;
        var expression = ParseUnion();
        MustBe(set: false, expression, at);
        if (!_reader.AcceptWord("as"))
        {
            _reader.Fail(_reader.Peek, $"expected 'as' and a name for the axiom, found {_reader.Peek.Shown}");
        }

        _axioms.Add(new CatAxiom(check, expression, _reader.ExpectWord("the axiom's name").Text));
    }

    private void ParseInclude()
    {
        var file = _reader.Take();
        var path = Path.Combine(_folder, file.Text);
        if (file.Kind != TokenKind.String || _depth == DeepestInclude || !File.Exists(path))
        {
            _reader.Fail(file, file.Kind != TokenKind.String ? $"expected a file's name in quotes, found {file.Shown}"
                : _depth == DeepestInclude ? "the files include each other" : $"there is no file '{path}'");
            return;
        }

        var (reader, folder) = (_reader, _folder);
        (_reader, _folder) = Open(path, File.ReadAllText(path));
        _depth++;
        var (title, mistake) = (_title, ParseFile());
        _title = title;
        _depth--;
        if (mistake is null)
        {
            _reader = reader;
        }

        _folder = folder;
    }

    private CatExpression ParseUnion() => ParseBinary("|", ParseSequence);

    private CatExpression ParseSequence() => ParseBinary(";", ParseDifference);

    private CatExpression ParseDifference() => ParseBinary("\\", ParseIntersection);

    private CatExpression ParseIntersection() => ParseBinary("&", ParseProduct);

    private CatExpression ParseBinary(string sign, Func<CatExpression> parseOperand)
    {
        var at = _reader.Peek;
        var left = parseOperand();
        while (_reader.Accept(sign))
        {
            if (sign == ";")
            {
                MustBe(set: false, left, at);
            }

            at = _reader.Peek;
            var right = parseOperand();
            MustBe(left.IsSet, right, at);
            left = new CatBinary(sign[0], left, right);
        }

        return left;
    }

    private CatExpression ParseProduct()
    {
        var at = _reader.Peek;
        var left = ParsePostfix();
        while (_reader.Accept("*"))
        {
            MustBe(set: true, left, at);
            at = _reader.Peek;
            var right = ParsePostfix();
            MustBe(set: true, right, at);
            left = new CatProduct(left, right);
        }

        return left;
    }

    private CatExpression ParsePostfix()
    {
        var at = _reader.Peek;
        var operand = ParseOperand();

        // Only a relation can have a star behind it, and only a set one between it and the next.
        while (_reader.Accept("+") || _reader.Accept("?") || _reader.Accept("^-1") || (!operand.IsSet && _reader.Accept("*")))
        {
            MustBe(set: false, operand, at);
            operand = new CatPostfix(_reader.Last.Text == "^-1" ? '-' : _reader.Last.Text[0], operand);
        }

        return operand;
    }

    private CatExpression ParseOperand()
    {
        var at = _reader.Peek;
        if (_reader.Accept("("))
        {
            var inner = ParseUnion();
            _reader.Expect(")", $"for the '(' at {at.Line}:{at.Column}");
            return inner;
        }

        if (_reader.Accept("["))
        {
            var inside = _reader.Peek;
            var set = ParseUnion();
            MustBe(set: true, set, inside);
            _reader.Expect("]", $"for the '[' at {at.Line}:{at.Column}");
            return new CatIdentity(set);
        }

        var name = _reader.ExpectWord("a name, '(' or '['");
        if (!_names.TryGetValue(name.Text, out var found))
        {
            _reader.Fail(name, $"unknown name '{name.Text}'{Suggestion.For(name.Text, _names.Keys)}");
        }

        return found ?? new CatName(0, false);
    }

    private void MustBe(bool set, CatExpression expression, Token at)
    {
        if (expression.IsSet != set)
        {
            _reader.Fail(at, set ? "this is a relation; a set of events belongs here" : "this is a set of events; a relation belongs here ([S] makes one of a set)");
        }
    }
}
