using System.Collections.Frozen;
using Emulator.Host.CommandLine;

namespace Emulator.Host.Network;

/// <summary>What <c>-netdev</c> takes; the parser, the <c>devices</c> verb and the machine read this one table.</summary>
internal static class NetdevCatalog
{
    /// <summary>A port of a hub, which is made with the machine.</summary>
    public static NetdevKind HubPort { get; } = new("hubport", "A port of a hub: a wire between the controllers at its ports",
    [
        DeviceProperty.Number("hubid", ulong.MaxValue, 0, int.MaxValue, "which hub") with { IsRequired = true },
        DeviceProperty.Text("netdev", "", "id of a -netdev that is at the port; the controller that names this one if not given"),
    ]);

    /// <summary>The kinds.</summary>
    public static IReadOnlyList<NetdevKind> Kinds { get; } =
    [
        UserBackEnd.Kind,
        HubPort,
        SocketKinds.Stream,
        SocketKinds.Datagram,
        SocketKinds.Old,
    ];

    private static readonly FrozenDictionary<string, NetdevKind> s_byName = Kinds.ToFrozenDictionary(kind => kind.Name);

    /// <summary>Checks a <c>-netdev</c> value.</summary>
    public static Result<NetdevDescription> Parse(string text)
    {
        var list = PropertyList.Parse(text);
        if (list.Head.StartsWith("type=", StringComparison.Ordinal))
        {
            list = list with { Head = list.Head["type=".Length..] };
        }

        if (!s_byName.TryGetValue(list.Head, out var kind))
        {
            return new Failure($"unknown network back end '{list.Head}'{Suggestion.For(list.Head, Kinds.Select(each => each.Name))}");
        }

        var netdev = new NetdevDescription(kind);
        return (netdev.Set("network back end", list.Properties) ?? kind.Check(netdev)) is { } mistake ? new Failure(mistake) : netdev;
    }

    /// <summary>Says what is wrong with how controllers, hubs and back ends name each other, or null.</summary>
    /// <param name="netdevs">Every <c>-netdev</c>.</param>
    /// <param name="devices">Every <c>-device</c>.</param>
    /// <param name="dumps">Every <c>-object filter-dump</c>.</param>
    public static string? CheckWires(
        IReadOnlyCollection<NetdevDescription> netdevs, IEnumerable<DeviceDescription> devices, IEnumerable<HostObjectDescription> dumps)
    {
        string? Missing(string taker, string id) =>
            netdevs.Any(netdev => netdev.Id == id) ? null : $"{taker}: netdev '{id}' is not there; add -netdev KIND,id={id}";

        if (dumps.Select(dump => Missing($"-object filter-dump,id={dump.Id}", dump.Text("netdev"))).FirstOrDefault(mistake => mistake is not null) is { } without)
        {
            return without;
        }

        var takers = new Dictionary<string, string>();
        var wanted = devices.Where(device => device.Takes("netdev")).Select(device => (Taker: $"-device {device.Name}", Id: device.Text("netdev")))
            .Concat(netdevs.Where(netdev => netdev.Kind == HubPort).Select(netdev => (Taker: $"-netdev hubport,id={netdev.Id}", Id: netdev.Text("netdev"))));
        foreach (var (taker, id) in wanted.Where(each => each.Id.Length > 0))
        {
            if (Missing(taker, id) is { } missing)
            {
                return missing;
            }

            if (!takers.TryAdd(id, taker))
            {
                return $"{taker}: netdev '{id}' is taken by {takers[id]}; give each its own, and a -netdev hubport each to connect them";
            }
        }

        return netdevs.FirstOrDefault(netdev => netdev.Kind == HubPort && netdev.IsGiven("netdev") && takers.ContainsKey(netdev.Id)) is { } both
            ? $"-netdev hubport,id={both.Id}: netdev '{both.Text("netdev")}' is at this port already; {takers[both.Id]} needs another"
            : null;
    }
}
