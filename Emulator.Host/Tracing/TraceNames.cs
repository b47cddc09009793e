namespace Emulator.Host.Tracing;

/// <summary>The words of a trace file.</summary>
internal static class TraceNames
{
    /// <summary>The version of the format that the first line carries.</summary>
    public const int Version = 1;

    /// <summary>The schedule in which the same seed makes the same run.</summary>
    public const string Deterministic = "deterministic";

    /// <summary>The schedule in which the threads run as the host lets them.</summary>
    public const string Free = "free";

    private static readonly string[] s_kinds =
    [
        "read", "write", "publish", "update", "message", "fence", "register-read", "register-write", "raise", "lower", "interrupt", "lost",
    ];

    private static readonly string[] s_fences = ["none", "store", "load", "load-store", "release", "full"];

    /// <summary>The word for a kind.</summary>
    public static string Of(TraceKind kind) => s_kinds[(int)kind];

    /// <summary>The word for a fence.</summary>
    public static string Of(Memory.DmaFence fence) => s_fences[(int)fence];

    /// <summary>Reads a kind; false if there is none of that name.</summary>
    public static bool TryParse(string word, out TraceKind kind)
    {
        var index = Array.IndexOf(s_kinds, word);
        kind = (TraceKind)Math.Max(index, 0);
        return index >= 0;
    }

    /// <summary>Reads a fence; false if there is none of that name.</summary>
    public static bool TryParse(string word, out Memory.DmaFence fence)
    {
        var index = Array.IndexOf(s_fences, word);
        fence = (Memory.DmaFence)Math.Max(index, 0);
        return index >= 0;
    }
}
