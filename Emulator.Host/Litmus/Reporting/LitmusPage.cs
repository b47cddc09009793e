namespace Emulator.Host.Litmus;

/// <summary>The matrix as a page.</summary>
internal static class LitmusPage
{
    /// <summary>Writes it.</summary>
    public static void Write(TextWriter output, IReadOnlyList<LitmusResult> results) => output.WriteLine(results.Count);
}
