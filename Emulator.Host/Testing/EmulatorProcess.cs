using System.Globalization;
using System.Reflection;

namespace Emulator.Host.Testing;

/// <summary>This program, once more, in a process of its own.</summary>
internal static class EmulatorProcess
{
    // A process that does not end by its own --timeout is killed this much later.
    private static readonly TimeSpan s_grace = TimeSpan.FromSeconds(10);

    /// <summary>Runs a machine.</summary>
    /// <param name="words">What stands behind <c>emulator run</c>.</param>
    /// <param name="folder">What their paths are relative to.</param>
    /// <param name="seconds">Wall time that it may take.</param>
    /// <param name="input">What is typed on COM1.</param>
    /// <param name="cancellation">Kills it.</param>
    public static Task<ChildRun> RunAsync(IEnumerable<string> words, string folder, double seconds, string input, CancellationToken cancellation)
    {
        // The apphost, or dotnet with the assembly.
        var program = Environment.ProcessPath ?? "emulator";
        string[] first = Path.GetFileNameWithoutExtension(program) == "dotnet" ? [Assembly.GetExecutingAssembly().Location] : [];
        return ChildRun.StartAsync(
            program,
            [.. first, "run", .. words, "--timeout", seconds.ToString(CultureInfo.InvariantCulture)],
            input,
            TimeSpan.FromSeconds(seconds) + s_grace,
            cancellation,
            folder);
    }
}
