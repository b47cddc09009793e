namespace Emulator.Host.Litmus;

/// <summary>The kinds of tokens in a litmus file or a model.</summary>
internal enum TokenKind
{
    /// <summary>A name or a keyword.</summary>
    Word,

    /// <summary>Begins with a digit.</summary>
    Number,

    /// <summary>Between double quotes, which are not part of it.</summary>
    String,

    /// <summary>Punctuation.</summary>
    Symbol,

    /// <summary>There is no more.</summary>
    End,
}

/// <summary>A token and its place.</summary>
internal readonly record struct Token(TokenKind Kind, string Text, int Line, int Column)
{
    /// <summary>The column behind its last character.</summary>
    public int After => Column + Text.Length + (Kind == TokenKind.String ? 2 : 0);

    /// <summary>Whether it is that punctuation.</summary>
    public bool Is(string symbol) => Kind == TokenKind.Symbol && Text == symbol;

    /// <summary>Whether it is that word.</summary>
    public bool IsWord(string word) => Kind == TokenKind.Word && Text == word;

    /// <summary>As a message names it.</summary>
    public string Shown => Kind == TokenKind.End ? "the end of the file" : $"'{Text}'";
}
