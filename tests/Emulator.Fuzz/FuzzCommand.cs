using System.Globalization;

namespace Emulator.Fuzz;

/// <summary>The words after <c>make fuzz ARGS=</c>.</summary>
/// <param name="Targets">The devices.</param>
/// <param name="Time">For each of them.</param>
/// <param name="Inputs">For each of them.</param>
/// <param name="Seed">The first.</param>
/// <param name="Replay">A file, instead of all of that.</param>
public sealed record FuzzCommand(IReadOnlyList<FuzzTarget> Targets, TimeSpan Time, long Inputs, ulong Seed, string? Replay)
{
    private const string Usage = "[DEVICE…] [--seconds N] [--inputs N] [--seed N], or --replay FILE";

    /// <summary>Reads the words.</summary>
    /// <exception cref="FormatException">They make no sense; the message says what would.</exception>
    public static FuzzCommand Parse(ReadOnlySpan<string> words)
    {
        var command = new FuzzCommand([], TimeSpan.FromSeconds(60), long.MaxValue, (ulong)DateTime.UtcNow.Ticks, null);
        var timed = false;
        for (var i = 0; i < words.Length; i++)
        {
            var word = words[i];
            if (!word.StartsWith('-'))
            {
                command = command with { Targets = [.. command.Targets, Find(word)] };
                continue;
            }

            var value = i + 1 < words.Length ? words[++i] : throw new FormatException($"{word} needs a value: {Usage}");
            command = word switch
            {
                "--seconds" => command with { Time = TimeSpan.FromSeconds(Number(word, value)) },
                "--inputs" => command with { Inputs = (long)Number(word, value) },
                "--seed" => command with { Seed = Number(word, value) },
                "--replay" => command with { Replay = value },
                _ => throw new FormatException($"there is no option {word}: {Usage}"),
            };
            timed |= word == "--seconds";
        }

        return command with
        {
            Targets = command.Targets.Count == 0 ? FuzzTargets.All : command.Targets,
            Time = command.Inputs != long.MaxValue && !timed ? TimeSpan.FromDays(1) : command.Time,
        };
    }

    private static FuzzTarget Find(string name) =>
        FuzzTargets.Find(name) ?? throw new FormatException($"there is no device {name}; there are {string.Join(", ", FuzzTargets.All.Select(each => each.Name))}");

    private static ulong Number(string option, string value) =>
        ulong.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number <= long.MaxValue / (ulong)TimeSpan.TicksPerSecond
            || option == "--seed" && ulong.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out number)
            ? number
            : throw new FormatException($"{option} takes a number, not {value}");
}
