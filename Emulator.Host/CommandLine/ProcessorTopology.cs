namespace Emulator.Host.CommandLine;

/// <summary>What <c>-smp</c> says, by QEMU's rules: what is not given is worked out, cores first.</summary>
/// <remarks>However they are grouped here, the machine shows its processors as cores of one package, as QEMU does for a plain number.</remarks>
internal static class ProcessorTopology
{
    /// <summary>The most processors: a local APIC's ID is a byte, and 255 means all.</summary>
    public const int Most = 255;

    private static readonly string[] s_names = ["cpus", "maxcpus", "sockets", "dies", "cores", "threads"];

    /// <summary>Takes the option's value apart.</summary>
    /// <param name="value">What was typed.</param>
    /// <param name="processors">How many processors there are.</param>
    /// <returns>What is wrong, or null.</returns>
    public static string? Parse(string value, out int processors)
    {
        processors = 1;
        var list = PropertyList.Parse(value, headIsProperty: true);
        var given = new Dictionary<string, ulong>();
        if (list.Head.Length > 0 && ReadCount("cpus", list.Head, given) is not null)
        {
            return $"'{list.Head}' is not a number of processors between 1 and {Most}";
        }

        foreach (var property in list.Properties)
        {
            if (!s_names.Contains(property.Name))
            {
                return $"unknown property '{property.Name}'{Suggestion.For(property.Name, s_names)}";
            }

            if (ReadCount(property.Name, property.Value ?? "", given) is { } mistake)
            {
                return mistake;
            }
        }

        return Complete(given, out processors);
    }

    private static string? ReadCount(string name, string text, Dictionary<string, ulong> given)
    {
        if (!Numbers.TryParse(text, out var number) || number is 0 or > Most)
        {
            return $"property '{name}': '{text}' is not a number between 1 and {Most}";
        }

        given[name] = number;
        return null;
    }

    private static string? Complete(Dictionary<string, ulong> given, out int processors)
    {
        ulong Given(string name) => given.GetValueOrDefault(name);
        static ulong OrOne(ulong number) => Math.Max(number, 1);

        var (dies, sockets, cores, threads) = (OrOne(Given("dies")), Given("sockets"), Given("cores"), Given("threads"));
        var all = Given("maxcpus") > 0 ? Given("maxcpus") : Given("cpus");
        if (all == 0)
        {
            (sockets, cores, threads) = (OrOne(sockets), OrOne(cores), OrOne(threads));
        }
        else if (cores == 0)
        {
            (sockets, threads) = (OrOne(sockets), OrOne(threads));
            cores = all / (sockets * dies * threads);
        }
        else if (sockets == 0)
        {
            threads = OrOne(threads);
            sockets = all / (dies * cores * threads);
        }
        else if (threads == 0)
        {
            threads = all / (sockets * dies * cores);
        }

        var product = sockets * dies * cores * threads;
        all = all > 0 ? all : product;
        var count = Given("cpus") > 0 ? Given("cpus") : all;
        processors = (int)Math.Min(count, Most);
        return product != all ? $"sockets {sockets} × dies {dies} × cores {cores} × threads {threads} are not the {all} processors asked for"
            : count > all ? $"maxcpus={all} is less than cpus={count}"
            : count > Most ? $"{count} are too many processors; {Most} is the most"
            : null;
    }
}
