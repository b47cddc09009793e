namespace Emulator.Host.Litmus;

/// <summary>The columns of a test as its author wrote them.</summary>
internal static class LitmusProgram
{
    /// <summary>The rows of the table, a text for each column; "" for an empty cell.</summary>
    public static IEnumerable<string[]> Rows(LitmusTest test)
    {
        var lines = test.Source.Split('\n');
        return test.Columns
            .SelectMany((column, i) => column.Cells.Select(cell => (Cell: cell, Column: i)))
            .GroupBy(at => at.Cell.Line)
            .OrderBy(row => row.Key)
            .Select(row =>
            {
                var texts = new string[test.Columns.Length];
                Array.Fill(texts, "");
                foreach (var (cell, column) in row)
                {
                    texts[column] = Text(lines[cell.Line - 1], cell);
                }

                return texts;
            });
    }

    private static string Text(string line, LitmusCell cell)
    {
        var text = line[(cell.Column - 1)..];
        var comment = text.IndexOf("(*", StringComparison.Ordinal);
        var end = (comment < 0 ? text : text[..comment]).IndexOfAny(['|', ';']);
        return text[..(end >= 0 ? end : comment >= 0 ? comment : text.Length)].TrimEnd();
    }
}
