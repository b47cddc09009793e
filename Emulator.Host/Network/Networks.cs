using Emulator.Devices;
using Emulator.Host.Functions;
using Emulator.Host.Machine;
using Microsoft.Extensions.Logging;

namespace Emulator.Host.Network;

/// <summary>What is behind the network controllers: the back ends that <c>-netdev</c> names, their wires, and the hubs.</summary>
/// <remarks>Opened before the machine is built, as opening may fail; wired with it; disposed after it.</remarks>
internal sealed partial class Networks : IResettable, IDisposable
{
    private readonly ILogger _logger;
    private readonly Dictionary<string, (NetworkPort Controller, NetworkPort BackEnd)> _wires = [];
    private readonly List<NetworkBackEnd> _backEnds = [];
    private readonly List<FrameDump> _dumps = [];
    private readonly Dictionary<ulong, List<(string Id, NetworkPort Port)>> _hubPorts = [];
    private readonly List<EthernetHub> _hubs = [];
    private int _addresses;

    private Networks(ILogger logger) => _logger = logger;

    /// <summary>Opens them, or says which cannot be.</summary>
    /// <param name="description">The machine's, of which it is a part.</param>
    /// <param name="loggers">Their logs.</param>
    /// <param name="tell">Shows a person a line.</param>
    public static Result<Networks> Open(MachineDescription description, ILoggerFactory loggers, Action<string> tell)
    {
        var networks = new Networks(loggers.CreateLogger<Networks>());
        if (networks.Open(description, tell) is { } mistake)
        {
            networks.Dispose();
            return new Failure(mistake);
        }

        return networks;
    }

    /// <summary>Makes the hubs, and begins to record. While the machine is built.</summary>
    /// <param name="threads">Get a thread for each.</param>
    /// <param name="clock">The machine's time.</param>
    /// <param name="switchedOn">The date at which that was 0.</param>
    public void Wire(IoThreads threads, IClock clock, DateTime switchedOn)
    {
        foreach (var dump in _dumps)
        {
            dump.Begin(clock, switchedOn);
        }

        foreach (var (id, ports) in _hubPorts)
        {
            var name = $"hub{id}";
            _hubs.Add(new EthernetHub(threads.Add(name), name, ports.Select(each => each.Port)));
        }
    }

    /// <summary>The controller's end of the wire to a back end. The command line has checked that it is there, and taken once.</summary>
    public NetworkPort Take(string id) => _wires[id].Controller;

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

    /// <summary>Lets the back ends begin. With the machine.</summary>
    public void Start()
    {
        foreach (var backEnd in _backEnds)
        {
            backEnd.Start();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var backEnd in _backEnds)
        {
            backEnd.Dispose();
        }

        foreach (var dump in _dumps)
        {
            dump.Dispose();
        }

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

    private string? Open(MachineDescription description, Action<string> tell)
    {
        foreach (var netdev in description.Netdevs)
        {
            _wires.Add(netdev.Id, NetworkPort.CreateWire());
            if (netdev.Kind.Open is not { } open)
            {
                continue;
            }

            if (!open(netdev, _logger).Get(out var backEnd, out var mistake))
            {
                return $"-netdev {netdev.Name},id={netdev.Id}: {mistake}";
            }

            _backEnds.Add(backEnd);
            backEnd.Attach(_wires[netdev.Id].BackEnd);
        }

        foreach (var netdev in description.Netdevs.Where(netdev => netdev.Kind == NetdevCatalog.HubPort))
        {
            AddToHub(netdev, netdev.IsGiven("netdev") ? Take(netdev.Text("netdev")) : _wires[netdev.Id].BackEnd);
        }

        foreach (var wanted in description.FrameDumps)
        {
            if (!FrameDump.Create(wanted, tell).Get(out var dump, out var mistake))
            {
                return mistake;
            }

            _dumps.Add(dump);
            var (controller, backEnd) = _wires[wanted.Text("netdev")];
            controller.Tap += dump.Record;
            backEnd.Tap += dump.Record;
        }

        return null;
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
