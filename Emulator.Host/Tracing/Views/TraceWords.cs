using System.Globalization;

namespace Emulator.Host.Tracing;

/// <summary>What the views of a trace call things.</summary>
internal static class TraceWords
{
    /// <summary>An event in a few words: <c>write 0x101000 = 0x1</c>.</summary>
    public static string Of(TraceEvent e)
    {
        var words = TraceNames.Of(e.Kind);
        words += e.Function is { } function ? " " + function : "";
        words += e.Kind == TraceKind.Fence && !e.Fences.IsEmpty ? " " + string.Join('+', e.Fences) : "";
        words += e.Length > 0 ? " " + Hex(e.Address) : "";
        return words + (e.Value is { } value ? (e.Length > 0 ? " = " : " ") + Hex(value) : e.Length > 0 ? $" ({e.Length.ToString(CultureInfo.InvariantCulture)} bytes)" : "");
    }

    /// <summary><c>0x1f</c></summary>
    public static string Hex(ulong value) => "0x" + value.ToString("x", CultureInfo.InvariantCulture);
}
