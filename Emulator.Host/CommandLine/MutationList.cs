using Emulator.Devices;
using Emulator.Memory;

namespace Emulator.Host.CommandLine;

/// <summary>The value of <c>-mutate</c>: <c>SITE[,SITE:swap…]</c>, or <c>all</c>.</summary>
internal static class MutationList
{
    private const string Everything = "all";
    private const string Swap = ":swap";

    /// <summary>The sites of functions of these models, and those of every function.</summary>
    public static IEnumerable<OrderingSite> SitesOf(IEnumerable<DeviceModel> models) =>
        models.SelectMany(m => m.Sites).Concat(InterruptSites.All).Distinct();

    /// <summary>Reads it; or says what is wrong.</summary>
    /// <param name="text">The value.</param>
    /// <param name="sites">The sites there are.</param>
    public static Result<IReadOnlyList<(OrderingSite Site, SiteMutation Mutation)>> Parse(string text, IReadOnlyList<OrderingSite> sites)
    {
        var mutations = new List<(OrderingSite, SiteMutation)>();
        foreach (var word in PropertyList.Split(text))
        {
            if (word == Everything)
            {
                mutations.AddRange(sites.Select(s => (s, SiteMutation.Dropped)));
                continue;
            }

            var isSwap = word.EndsWith(Swap, StringComparison.Ordinal);
            var name = isSwap ? word[..^Swap.Length] : word;
            if (sites.FirstOrDefault(s => s.Name == name) is not { } site)
            {
                return new Failure($"the machine has no ordering site '{name}'{Suggestion.For(name, sites.Select(s => s.Name).Append(Everything))}");
            }

            if (isSwap && !site.HasPair)
            {
                var pairs = string.Join(", ", sites.Where(s => s.HasPair).Select(s => s.Name));
                return new Failure($"'{name}' has no pair of writes to swap; {(pairs.Length == 0 ? "no site has" : $"these have: {pairs}")}");
            }

            mutations.Add((site, isSwap ? SiteMutation.Swapped : SiteMutation.Dropped));
        }

        return mutations;
    }
}
