using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Emulator.Host.Network;

/// <summary>The addresses of a user network, in the order of the network.</summary>
/// <param name="Address">The network.</param>
/// <param name="Mask">Its mask.</param>
/// <param name="Host">The host, which is the guest's router.</param>
/// <param name="DhcpStart">The first address that is given out.</param>
/// <param name="NameServer">Where names are asked for.</param>
internal readonly record struct UserNetwork(uint Address, uint Mask, uint Host, uint DhcpStart, uint NameServer)
{
    private const string DefaultNetwork = "10.0.2.0/24";

    /// <summary>Reads what the command line says, the rest as in QEMU: the host is 2, the name server 3, the first guest 15.</summary>
    public static Result<UserNetwork> Parse(NetdevDescription netdev)
    {
        var text = netdev.IsGiven("net") ? netdev.Text("net") : DefaultNetwork;
        if (!TryParseNetwork(text, out var network, out var mask))
        {
            return new Failure($"property 'net': '{text}' is not a network; give ADDRESS/BITS with 8 to 29 bits, such as {DefaultNetwork}");
        }

        var addresses = new uint[3];
        foreach (var (i, (name, number)) in new[] { ("host", 0x0202U), ("dhcpstart", 0x020FU), ("dns", 0x0203U) }.Index())
        {
            addresses[i] = network | (number & ~mask);
            if (netdev.IsGiven(name) && (!TryParse(netdev.Text(name), out addresses[i]) || (addresses[i] & mask) != network || (addresses[i] | mask) is var rest && (rest == mask || rest == ~0U)))
            {
                return new Failure($"property '{name}': '{netdev.Text(name)}' is not an address of a station in {text}");
            }
        }

        var (host, dhcp, dns) = (addresses[0], addresses[1], addresses[2]);
        return host == dns || host == dhcp || dns == dhcp
            ? new Failure("properties 'host', 'dhcpstart' and 'dns': each needs an address of its own")
            : new UserNetwork(ToWire(network), ToWire(mask), ToWire(host), ToWire(dhcp), ToWire(dns));
    }

    /// <summary>An address in the order of the network.</summary>
    public static uint ToWire(uint address) => BitConverter.IsLittleEndian ? BinaryPrimitives.ReverseEndianness(address) : address;

    /// <summary>Reads an IPv4 address as a number.</summary>
    public static bool TryParse(string text, out uint address)
    {
        address = 0;
        if (text.Count(c => c == '.') != 3 || !IPAddress.TryParse(text, out var parsed) || parsed.AddressFamily != AddressFamily.InterNetwork)
        {
            return false;
        }

        address = BinaryPrimitives.ReadUInt32BigEndian(parsed.GetAddressBytes());
        return true;
    }

    private static bool TryParseNetwork(string text, out uint network, out uint mask)
    {
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        var bits = 24;
        mask = 0;
        if (!TryParse(slash < 0 ? text : text[..slash], out network)
            || (slash >= 0 && !int.TryParse(text.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out bits))
            || bits is < 8 or > 29)
        {
            return false;
        }

        mask = ~0U << (32 - bits);
        return (network & ~mask) == 0;
    }
}

/// <summary>A port of the host that is forwarded to the guest: <c>hostfwd=[tcp|udp]:[HOST]:PORT-[GUEST]:PORT</c>.</summary>
/// <param name="IsUdp">UDP or TCP.</param>
/// <param name="HostAddress">Where it listens; 0 is everywhere. In the order of the network.</param>
/// <param name="HostPort">The port there.</param>
/// <param name="GuestAddress">Whom it is forwarded to; 0 is the first address that is given out.</param>
/// <param name="GuestPort">The port there.</param>
internal readonly record struct HostForward(bool IsUdp, uint HostAddress, int HostPort, uint GuestAddress, int GuestPort)
{
    /// <summary>What is wrong with a forward, or null.</summary>
    public static string? Check(string text) =>
        Parse(text) is null ? $"'{text}' is not a forward; give [tcp|udp]:[HOSTADDR]:HOSTPORT-[GUESTADDR]:GUESTPORT, such as tcp::5555-:22" : null;

    /// <summary>Reads one, or null.</summary>
    public static HostForward? Parse(string text)
    {
        var halves = text.Split('-');
        if (halves.Length != 2 || halves[0].Split(':') is not [var protocol, var hostAddress, var hostPort] || halves[1].Split(':') is not [var guestAddress, var guestPort])
        {
            return null;
        }

        uint host = 0, guest = 0;
        return protocol is "" or "tcp" or "udp"
            && (hostAddress.Length == 0 || UserNetwork.TryParse(hostAddress, out host))
            && (guestAddress.Length == 0 || UserNetwork.TryParse(guestAddress, out guest))
            && TryParsePort(hostPort, out var from) && TryParsePort(guestPort, out var to) && to > 0
            ? new HostForward(protocol == "udp", UserNetwork.ToWire(host), from, UserNetwork.ToWire(guest), to)
            : null;
    }

    private static bool TryParsePort(string text, out ushort port) => ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out port);
}
