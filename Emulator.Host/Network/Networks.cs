using Emulator.Devices;
using Emulator.Host.Functions;
using Microsoft.Extensions.Logging;

namespace Emulator.Host.Network;

/// <summary>What is behind the network controllers: the back ends that <c>-netdev</c> names, their wires, and the hubs.</summary>
/// <remarks>Opened before the machine is built, as opening may fail; wired with it; disposed after it.</remarks>
internal sealed partial class Networks : IResettable, IDisposable
{
    private readonly ILogger _logger;
    private readonly Dictionary<string, NetworkPort> _controllerEnds = [];
    private readonly Dictionary<ulong, List<(string Id, NetworkPort Port)>> _hubPorts = [];
    private readonly List<EthernetHub> _hubs = [];
    private int _addresses;

    private Networks(ILogger logger) => _logger = logger;

    /// <summary>Opens them, or says which cannot be.</summary>
    /// <param name="netdevs">The back ends.</param>
    /// <param name="loggers">Their logs.</param>
    public static Result<Networks> Open(IReadOnlyCollection<NetdevDescription> netdevs, ILoggerFactory loggers)
    {
        var networks = new Networks(loggers.CreateLogger<Networks>());
        foreach (var netdev in netdevs)
        {
            var (controller, backEnd) = NetworkPort.CreateWire();
            networks._controllerEnds.Add(netdev.Id, controller);
            if (netdev.Kind == NetdevCatalog.HubPort && !netdev.IsGiven("netdev"))
            {
                networks.AddToHub(netdev, backEnd);
            }
        }

        foreach (var netdev in netdevs.Where(netdev => netdev.Kind == NetdevCatalog.HubPort && netdev.IsGiven("netdev")))
        {
            networks.AddToHub(netdev, networks.Take(netdev.Text("netdev")));
        }

        return networks;
    }

    /// <summary>Makes the hubs. While the machine is built.</summary>
    /// <param name="threads">Get a thread for each.</param>
    public void Wire(IoThreads threads)
    {
        foreach (var (id, ports) in _hubPorts)
        {
            var name = $"hub{id}";
            _hubs.Add(new EthernetHub(threads.Add(name), name, ports.Select(each => each.Port)));
        }
    }

    /// <summary>The controller's end of the wire to a back end. The command line has checked that it is there, and taken once.</summary>
    public NetworkPort Take(string id) => _controllerEnds[id];

    /// <summary>The address of the next controller that was given none.</summary>
    public MacAddress NextAddress() => MacAddress.Default(_addresses++);

    /// <inheritdoc/>
    public void Reset()
    {
        foreach (var hub in _hubs)
        {
            hub.Resume();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var (hub, ports) in _hubs.Zip(_hubPorts.Values))
        {
            hub.Dispose();
            foreach (var (i, (id, _)) in ports.Index())
            {
                if (hub.Lost(i) is > 0 and var lost)
                {
                    LogLost(_logger, hub.Name, lost, id);
                }
            }
        }
    }

    private void AddToHub(NetdevDescription netdev, NetworkPort port)
    {
        var id = netdev.Number("hubid")!.Value;
        if (!_hubPorts.TryGetValue(id, out var ports))
        {
            _hubPorts.Add(id, ports = []);
        }

        ports.Add((netdev.Id, port));
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "{Hub} lost {Count} frame(s) that {Netdev} had no room for")]
    private static partial void LogLost(ILogger logger, string hub, long count, string netdev);
}
