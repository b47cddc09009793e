namespace Emulator.Host.Litmus;

/// <summary>A mistake in a file, and where it is.</summary>
/// <param name="Path">The file, as it was named.</param>
/// <param name="Line">From 1.</param>
/// <param name="Column">From 1, in characters.</param>
/// <param name="Message">What is wrong and what would be right.</param>
public sealed record LitmusDiagnostic(string Path, int Line, int Column, string Message)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Path}:{Line}:{Column}: {Message}";
}
