using System.Text.Json;
using Emulator.Memory;

namespace Emulator.Host.Testing;

/// <summary>The guest suite's table.</summary>
/// <param name="Folder">The folder that the entries' files are relative to.</param>
/// <param name="Images">The runs in order: an entry with orderings is several.</param>
public sealed record Manifest(string Folder, IReadOnlyList<GuestImage> Images)
{
    private static readonly JsonSerializerOptions s_options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        ReadCommentHandling = JsonCommentHandling.Skip,
        AllowTrailingCommas = true,
        UnmappedMemberHandling = System.Text.Json.Serialization.JsonUnmappedMemberHandling.Disallow,
    };

    /// <summary>The entries, as they stand, that say what they must notice.</summary>
    public IReadOnlyList<GuestImage> OrderingGuests { get; init; } = [];

    /// <summary>Reads a manifest.</summary>
    /// <param name="path">The file; null looks for <c>guest-images/images.json</c> above the program and above the working folder.</param>
    public static Result<Manifest> Load(string? path)
    {
        path ??= Find(AppContext.BaseDirectory) ?? Find(Environment.CurrentDirectory);
        if (path is null)
        {
            return new Failure("guest-images/images.json: not found above the program or the working folder; give --images FILE");
        }

        try
        {
            return Parse(File.ReadAllText(path), Path.GetDirectoryName(Path.GetFullPath(path))!).Get(out var manifest, out var error)
                ? manifest
                : new Failure($"{path}: {error}");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new Failure($"{path}: {e.Message.ReplaceLineEndings(" ")}");
        }
    }

    /// <summary>Reads a manifest's text: an array of entries.</summary>
    public static Result<Manifest> Parse(string text, string folder)
    {
        GuestImage[]? images;
        try
        {
            images = JsonSerializer.Deserialize<GuestImage[]>(text, s_options);
        }
        catch (JsonException e)
        {
            return new Failure(e.Message.ReplaceLineEndings(" "));
        }

        if (images is null)
        {
            return new Failure("no entries");
        }

        if (images.Select(CheckOrderings).FirstOrDefault(m => m is not null) is { } wrong)
        {
            return new Failure(wrong);
        }

        GuestImage[] runs = [.. images.SelectMany(image => image.Expand())];
        return Check(runs) is { } mistake ? new Failure(mistake) : new Manifest(folder, runs) { OrderingGuests = [.. images.Where(image => image.Teeth is not null)] };
    }

    /// <summary>The entries whose names contain the filter, or match it if it has * or ?.</summary>
    public IEnumerable<GuestImage> Select(string? filter) =>
        string.IsNullOrEmpty(filter) ? Images
        : filter.AsSpan().ContainsAny('*', '?')
            ? Images.Where(i => System.IO.Enumeration.FileSystemName.MatchesSimpleExpression(filter, i.Name, ignoreCase: true))
            : Images.Where(i => i.Name.Contains(filter, StringComparison.OrdinalIgnoreCase));

    private static string? CheckOrderings(GuestImage image)
    {
        foreach (var ordering in image.Orderings)
        {
            if (!DmaOrderings.TryParse(ordering, out _, out var mistake))
            {
                return $"'{image.Name}': orderings: {mistake}";
            }
        }

        foreach (var model in image.Models)
        {
            if (!MemoryModels.TryParse(model, out _, out var mistake))
            {
                return $"'{image.Name}': models: {mistake}";
            }
        }

        return image.Orderings.Count + image.Models.Count > 0 && image.Qemu
            ? $"'{image.Name}': QEMU has no orderings and no memory models: qemu must be false"
            : null;
    }

    private static string? Check(GuestImage[] images)
    {
        var names = new HashSet<string>();
        foreach (var image in images)
        {
            if (image.Name.Length == 0 || !names.Add(image.Name))
            {
                return $"the name '{image.Name}' is empty or there twice";
            }

            if (image.TimeoutSeconds is not (> 0 and < 100_000) || image.Cpus < 1 || image.Memory < 1)
            {
                return $"'{image.Name}': timeoutSeconds, cpus and memory must be above 0";
            }

            if (image.QemuReason is null && !(image.Qemu && image.CompareOutput))
            {
                return $"'{image.Name}': qemu or compareOutput is false and no qemuReason is given";
            }
        }

        return null;
    }

    private static string? Find(string start)
    {
        for (var folder = new DirectoryInfo(start); folder is not null; folder = folder.Parent)
        {
            var candidate = Path.Combine(folder.FullName, "guest-images", "images.json");
            if (File.Exists(candidate))
            {
                return candidate;
            }
        }

        return null;
    }
}
