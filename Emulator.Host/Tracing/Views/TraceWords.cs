using System.Globalization;

namespace Emulator.Host.Tracing;

/// <summary>What the views of a trace call things.</summary>
internal static class TraceWords
{
    /// <summary>An event in a few words: <c>write 0x101000 = 0x1</c>.</summary>
    public static string Of(TraceEvent e)
    {
        if (e is { Kind: TraceKind.Lost, Value: { } lost })
        {
            return $"{lost.ToString(CultureInfo.InvariantCulture)} events lost";
        }

        var words = TraceNames.Of(e.Kind);
        words += e.Function is { } function ? " " + function : "";
        words += e.Kind == TraceKind.Fence && !e.Fences.IsEmpty ? " " + string.Join('+', e.Fences) : "";
        words += e.Length > 0 ? " " + Hex(e.Address) : "";
        return e.Value is { } value ? words + (e.Length > 0 ? " = " : " ") + Hex(value)
            : e.Length > 0 ? words + string.Create(CultureInfo.InvariantCulture, $" ({e.Length} bytes)")
            : words;
    }

    private static string Hex(ulong value) => "0x" + value.ToString("x", CultureInfo.InvariantCulture);
}
