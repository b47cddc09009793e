namespace Emulator.Host.Litmus;

/// <summary>
/// Splits a text into tokens, on demand, and keeps the first mistake. After a mistake there are no more tokens, so that whoever
/// is parsing comes to its end by itself.
/// </summary>
/// <param name="path">What messages call the file.</param>
/// <param name="text">The text.</param>
/// <param name="symbols">The punctuation, longer ones before those they begin with.</param>
/// <param name="wordMarks">What a word may have besides letters, digits and '_'.</param>
internal sealed class TokenReader(string path, string text, string[] symbols, string wordMarks)
{
    private int _position;
    private int _line = 1;
    private int _lineStart;
    private Token? _peeked;

    /// <summary>The first mistake; null if there was none.</summary>
    public LitmusDiagnostic? Mistake { get; private set; }

    /// <summary>The token that was taken last.</summary>
    public Token Last { get; private set; } = new(TokenKind.End, "", 1, 1);

    /// <summary>The next token, left where it is.</summary>
    public Token Peek => _peeked ??= Scan();

    private int Column => _position - _lineStart + 1;

    /// <summary>The next token.</summary>
    public Token Take()
    {
        Last = Peek;
        _peeked = null;
        return Last;
    }

    /// <summary>Takes that punctuation if it is next.</summary>
    public bool Accept(string symbol)
    {
        var there = Peek.Is(symbol);
        if (there)
        {
            Take();
        }

        return there;
    }

    /// <summary>Takes that word if it is next.</summary>
    public bool AcceptWord(string word)
    {
        var there = Peek.IsWord(word);
        if (there)
        {
            Take();
        }

        return there;
    }

    /// <summary>Takes that punctuation, which must be next.</summary>
    /// <param name="symbol">What must be there.</param>
    /// <param name="where">Completes "expected ';' …".</param>
    public bool Expect(string symbol, string where) =>
        Accept(symbol) || Fail(Peek, $"expected '{symbol}' {where}, found {Peek.Shown}");

    /// <summary>Takes a word, which must be next.</summary>
    /// <param name="what">Completes "expected …".</param>
    public Token ExpectWord(string what)
    {
        if (Peek.Kind != TokenKind.Word)
        {
            Fail(Peek, $"expected {what}, found {Peek.Shown}");
        }

        return Take();
    }

    /// <summary>Everything up to the next blank, as one word: for names with any characters. Nothing may have been peeked at.</summary>
    public Token TakeToBlank()
    {
        SkipBlanks();
        return Last = Cut(TokenKind.Word, c => !char.IsWhiteSpace(c));
    }

    /// <summary>Notes a mistake, unless there was one before.</summary>
    /// <returns>False, always.</returns>
    public bool Fail(Token at, string message) => Fail(at.Line, at.Column, message);

    /// <summary>Notes a mistake, unless there was one before.</summary>
    /// <returns>False, always.</returns>
    public bool Fail(int line, int column, string message)
    {
        Mistake ??= new LitmusDiagnostic(path, line, column, message);
        _peeked = new Token(TokenKind.End, "", line, column);
        _position = text.Length;
        return false;
    }

    private Token Scan()
    {
        SkipBlanks();
        if (_position == text.Length)
        {
            return new Token(TokenKind.End, "", _line, Column);
        }

        var first = text[_position];
        if (char.IsAsciiDigit(first))
        {
            return Cut(TokenKind.Number, char.IsAsciiLetterOrDigit);
        }

        if (char.IsAsciiLetter(first) || first == '_')
        {
            return Cut(TokenKind.Word, c => char.IsAsciiLetterOrDigit(c) || c == '_' || wordMarks.Contains(c, StringComparison.Ordinal));
        }

        if (first == '"')
        {
            return ScanString();
        }

        foreach (var symbol in symbols)
        {
            if (text.AsSpan(_position).StartsWith(symbol, StringComparison.Ordinal))
            {
                var token = new Token(TokenKind.Symbol, symbol, _line, Column);
                _position += symbol.Length;
                return token;
            }
        }

        Fail(_line, Column, $"'{first}' means nothing here");
        return _peeked!.Value;
    }

    private Token ScanString()
    {
        var end = text.AsSpan(_position + 1).IndexOfAny('"', '\n');
        if (end < 0 || text[_position + 1 + end] == '\n')
        {
            Fail(_line, Column, "the string has no closing '\"' on its line");
            return _peeked!.Value;
        }

        var token = new Token(TokenKind.String, text.Substring(_position + 1, end), _line, Column);
        _position += end + 2;
        return token;
    }

    private Token Cut(TokenKind kind, Func<char, bool> belongs)
    {
        var start = _position;
        while (_position < text.Length && belongs(text[_position]))
        {
            _position++;
        }

        return new Token(kind, text[start.._position], _line, start - _lineStart + 1);
    }

    /// <summary>Blanks and comments; a comment may contain comments.</summary>
    private void SkipBlanks()
    {
        while (_position < text.Length)
        {
            if (text.AsSpan(_position).StartsWith("(*", StringComparison.Ordinal))
            {
                SkipComment();
            }
            else if (char.IsWhiteSpace(text[_position]))
            {
                Step();
            }
            else
            {
                return;
            }
        }
    }

    private void SkipComment()
    {
        var (line, column, depth) = (_line, Column, 0);
        do
        {
            var rest = text.AsSpan(_position);
            if (rest.IsEmpty)
            {
                Fail(line, column, "the comment has no closing '*)'");
                return;
            }

            var opens = rest.StartsWith("(*", StringComparison.Ordinal);
            var closes = rest.StartsWith("*)", StringComparison.Ordinal);
            depth += opens ? 1 : closes ? -1 : 0;
            Step();
            if (opens || closes)
            {
                Step();
            }
        }
        while (depth > 0);
    }

    private void Step()
    {
        if (text[_position++] == '\n')
        {
            _line++;
            _lineStart = _position;
        }
    }
}
