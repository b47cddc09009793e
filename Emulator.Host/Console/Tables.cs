using System.Globalization;
using Spectre.Console;

namespace Emulator.Host.Console;

/// <summary>Tables on a terminal, and in a pipe.</summary>
internal static class Tables
{
    /// <summary>An empty table.</summary>
    /// <param name="columns">The columns' heads; none is wrapped.</param>
    public static Table New(params string[] columns)
    {
        var table = new Table { Border = TableBorder.Simple };
        foreach (var column in columns)
        {
            table.AddColumn(new TableColumn(column) { NoWrap = true });
        }

        return table;
    }

    /// <summary>Writes a table: with colours where standard output is a terminal, else plain.</summary>
    /// <param name="table">The table.</param>
    /// <param name="output">Takes the lines of a plain one.</param>
    public static void Write(Table table, TextWriter output)
    {
        if (Posix.IsTerminal(Posix.StandardOutput) == 1)
        {
            AnsiConsole.Write(table);
        }
        else
        {
            WritePlain(table, output);
        }
    }

    /// <summary>Writes a table as for a pipe: no colours, no wrapping, no blanks at the ends of lines.</summary>
    public static void WritePlain(Table table, TextWriter output)
    {
        using var text = new StringWriter(CultureInfo.InvariantCulture);
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = AnsiSupport.No,
            ColorSystem = ColorSystemSupport.NoColors,
            Interactive = InteractionSupport.No,
            Out = new PlainOutput(text),
        });
        console.Write(table);
        foreach (var line in text.ToString().Split('\n').Select(l => l.TrimEnd()).Where(l => l.Length > 0))
        {
            output.WriteLine(line);
        }
    }

    /// <summary>Wide enough that nothing is wrapped.</summary>
    private sealed class PlainOutput(TextWriter writer) : IAnsiConsoleOutput
    {
        public TextWriter Writer => writer;

        public bool IsTerminal => false;

        public int Width => 1000;

        public int Height => 24;

        public void SetEncoding(System.Text.Encoding encoding)
        {
        }
    }
}
