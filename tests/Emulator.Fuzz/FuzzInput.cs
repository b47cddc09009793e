using System.Globalization;

namespace Emulator.Fuzz;

/// <summary>What happens to one device, from its first line to its last: a file that can be replayed.</summary>
/// <param name="Device">The target's name.</param>
/// <param name="Seed">What it was made from.</param>
/// <param name="Operations">What happens.</param>
public sealed record FuzzInput(string Device, ulong Seed, IReadOnlyList<FuzzOperation> Operations)
{
    private const string DeviceWord = "device ";
    private const string SeedWord = "seed ";

    /// <summary>Reads what <see cref="ToString"/> wrote. Lines that begin with # are passed over.</summary>
    /// <exception cref="FormatException">A line is none; the message has its number.</exception>
    public static FuzzInput Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var (device, seed) = (string.Empty, 0UL);
        var operations = new List<FuzzOperation>();
        var number = 0;
        foreach (var each in text.Split('\n'))
        {
            number++;
            var line = each.Trim();
            try
            {
                if (line.StartsWith(DeviceWord, StringComparison.Ordinal))
                {
                    device = line[DeviceWord.Length..].Trim();
                }
                else if (line.StartsWith(SeedWord, StringComparison.Ordinal))
                {
                    seed = ulong.Parse(line[SeedWord.Length..], CultureInfo.InvariantCulture);
                }
                else if (line.Length > 0 && line[0] != '#')
                {
                    operations.Add(FuzzOperation.Parse(line));
                }
            }
            catch (FormatException e)
            {
                throw new FormatException($"line {number}: {e.Message}", e);
            }
        }

        return new FuzzInput(device, seed, operations);
    }

    /// <summary>The file.</summary>
    public override string ToString() =>
        $"{DeviceWord}{Device}\n{SeedWord}{Seed}\n{string.Concat(Operations.Select(operation => operation + "\n"))}";
}
