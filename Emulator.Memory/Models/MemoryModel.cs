using System.Diagnostics.CodeAnalysis;

namespace Emulator.Memory;

/// <summary>What can be seen of an initiator's accesses to guest memory, and when.</summary>
public enum MemoryModel : byte
{
    /// <summary>Accesses go straight to RAM: what this processor does is what is seen.</summary>
    Host,

    /// <summary>Stores wait in a first-in-first-out buffer of the initiator's own, as on x86: a load may be done before an earlier store is visible.</summary>
    Tso,

    /// <summary>A function's stores become visible in any order and its loads may return an older value, until a fence forbids it.</summary>
    Weak,
}

/// <summary>The names of the memory models.</summary>
public static class MemoryModels
{
    private static readonly string[] Names = ["host", "tso", "weak"];

    /// <summary>The names as they are given on the command line, comma-separated.</summary>
    public static string AllNames => string.Join(", ", Names);

    /// <summary>The name as it is given on the command line.</summary>
    public static string Name(MemoryModel model) => Names[(int)model];

    /// <summary>Reads a name.</summary>
    /// <param name="text">As the user gave it; case matters.</param>
    /// <param name="model">The model; host if there is none of that name.</param>
    /// <param name="error">What to tell the user: the wrong name and the right ones.</param>
    public static bool TryParse(string? text, out MemoryModel model, [NotNullWhen(false)] out string? error)
    {
        var index = Array.IndexOf(Names, text);
        model = (MemoryModel)Math.Max(index, 0);
        error = index >= 0 ? null : $"unknown memory model '{text}'; valid: {AllNames}";
        return index >= 0;
    }
}
