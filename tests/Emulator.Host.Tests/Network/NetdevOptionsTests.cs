using Emulator.Devices;
using Emulator.Host.CommandLine;
using Emulator.Host.Network;
using Emulator.Host.Tests.CommandLine;

namespace Emulator.Host.Tests.Network;

/// <summary>What <c>-netdev</c> and <c>netdev=</c> say.</summary>
public sealed class NetdevOptionsTests
{
    private static readonly DeviceModel s_controller = DeviceModel.NetworkController("nic", "A controller", [], parts => new DmaTestFunction(parts.Name, parts.Thread));

    [Theory]
    [InlineData("hubprot,id=a,hubid=0", "-netdev hubprot,id=a,hubid=0: unknown network back end 'hubprot'; did you mean 'hubport'?")]
    [InlineData("vde,id=a", "unknown network back end 'vde'; valid: user, hubport, ")]
    [InlineData("", "unknown network back end ''")]
    [InlineData("hubport,hubid=0", "property 'id' of 'hubport' is missing: id=ID")]
    [InlineData("hubport,id=,hubid=0", "property 'id' of 'hubport': a value is missing: id=ID")]
    [InlineData("hubport,id=a", "property 'hubid' of 'hubport' is missing: hubid=NUMBER")]
    [InlineData("hubport,id=a,hubid=one", "property 'hubid' of 'hubport': 'one' is not a number")]
    [InlineData("hubport,id=a,hubdi=1", "network back end 'hubport' has no property 'hubdi'; did you mean 'hubid'? valid: id, hubid, netdev")]
    [InlineData("hubport,id=a,hubid=0 -netdev hubport,id=a,hubid=1", "-netdev hubport,id=a,hubid=1: property 'id': 'a' is taken; give another")]
    [InlineData("stream,id=a", "property 'addr.type' of 'stream' is missing: addr.type=inet|unix")]
    [InlineData("stream,id=a,addr.type=vsock", "property 'addr.type' of 'stream': 'vsock' is not one of inet, unix")]
    [InlineData("stream,id=a,addr.type=inet", "property 'addr.port' of 'stream' is missing")]
    [InlineData("stream,id=a,addr.type=inet,addr.port=65536", "property 'addr.port' of 'stream': '65536' is not between 0 and 0xffff")]
    [InlineData("stream,id=a,addr.type=inet,addr.port=0", "property 'addr.port': 0 is for who listens; give the peer's port")]
    [InlineData("stream,id=a,addr.type=inet,addr.port=1,addr.path=x", "property 'addr.path' does not go with addr.type=inet; give addr.port")]
    [InlineData("stream,id=a,addr.type=unix,addr.host=x", "property 'addr.host' does not go with addr.type=unix; give addr.path")]
    [InlineData("stream,id=a,addr.type=unix", "property 'addr.path' of 'stream' is missing")]
    [InlineData("stream,id=a,addr.tpye=unix", "network back end 'stream' has no property 'addr.tpye'; did you mean 'addr.type'?")]
    [InlineData("stream,id=a,addr.type=inet,addr.port=1,server=yes", "'yes' is not one of off, on")]
    [InlineData("stream,id=a,addr.type=inet,addr.port=1,server=on,reconnect-ms=5", "a server does not connect: 'reconnect-ms' is for server=off")]
    [InlineData("stream,id=a,addr.type=inet,addr.port=1,reconnect=1,reconnect-ms=5", "give one of 'reconnect-ms' and 'reconnect'")]
    [InlineData("socket,id=a", "give one of listen=[HOST]:PORT and connect=HOST:PORT")]
    [InlineData("socket,id=a,listen=:1,connect=:2", "give one of listen=[HOST]:PORT and connect=HOST:PORT")]
    [InlineData("socket,id=a,connect=host", "'host' is not HOST:PORT, with a port between 0 and 65535")]
    [InlineData("dgram,id=a,local.type=inet,local.port=1", "property 'remote.type' of 'dgram' is missing")]
    [InlineData("dgram,id=a,local.type=inet,local.port=1,remote.type=unix,remote.path=x", "'local.type' and 'remote.type' must be the same")]
    [InlineData("dgram,id=a,local.type=inet,local.port=1,remote.type=inet,remote.port=0", "property 'remote.port': 0 is for who listens; give the peer's port")]
    [InlineData("user,id=a,net=10.0.2", "property 'net': '10.0.2' is not a network; give ADDRESS/BITS with 8 to 29 bits, such as 10.0.2.0/24")]
    [InlineData("user,id=a,net=10.0.2.1/24", "property 'net': '10.0.2.1/24' is not a network")]
    [InlineData("user,id=a,net=10.0.2.0/30", "property 'net': '10.0.2.0/30' is not a network")]
    [InlineData("user,id=a,dhcpstart=10.0.3.9", "property 'dhcpstart': '10.0.3.9' is not an address of a station in 10.0.2.0/24")]
    [InlineData("user,id=a,host=10.0.2.255", "property 'host': '10.0.2.255' is not an address of a station in 10.0.2.0/24")]
    [InlineData("user,id=a,dns=10.0.2.0", "property 'dns': '10.0.2.0' is not an address of a station in 10.0.2.0/24")]
    [InlineData("user,id=a,host=10.0.2.3", "properties 'host', 'dhcpstart' and 'dns': each needs an address of its own")]
    [InlineData("user,id=a,hostfwd=tcp:5555-:22", "property 'hostfwd' of 'user': 'tcp:5555-:22' is not a forward; give [tcp|udp]:[HOSTADDR]:HOSTPORT-[GUESTADDR]:GUESTPORT, such as tcp::5555-:22")]
    [InlineData("user,id=a,hostfwd=tcp::5555-:0", "'tcp::5555-:0' is not a forward")]
    [InlineData("user,id=a,hostfwd=icmp::5555-:1", "'icmp::5555-:1' is not a forward")]
    [InlineData("user,id=a,restrict=yes", "'yes' is not one of off, on")]
    [InlineData("user,id=a,hostfw=x", "network back end 'user' has no property 'hostfw'; did you mean 'hostfwd'?")]
    [InlineData("hubport,id=a,hubid=0 -object filter-dump,id=d,netdev=b,file=x", "-object filter-dump,id=d: netdev 'b' is not there; add -netdev KIND,id=b")]
    [InlineData("hubport,id=a,hubid=0 -object filter-dump,id=d,netdev=a", "property 'file' of 'filter-dump' is missing: file=PATH")]
    [InlineData("hubport,id=a,hubid=0 -object filter-dump,id=d,file=x", "property 'netdev' of 'filter-dump' is missing: netdev=ID")]
    [InlineData("hubport,id=a,hubid=0 -object filter-dump,id=d,netdev=a,file=x,maxlen=0", "property 'maxlen' of 'filter-dump': '0' is not between 1 and 0x10000")]
    [InlineData("hubport,id=a,hubid=0 -object iothread,id=d -object filter-dump,id=d,netdev=a,file=x", "property 'id': 'd' is taken; give another")]
    [InlineData("hubport,id=a,hubid=0,netdev=b", "-netdev hubport,id=a: netdev 'b' is not there; add -netdev KIND,id=b")]
    public void A_mistake_gets_one_line_and_status_2(string netdev, string expected)
    {
        var harness = new CommandLineHarness();
        Assert.Equal(ExitStatus.BadCommandLine, harness.Invoke(["-kernel", "x", "-netdev", .. netdev.Split(' ')]));
        Assert.StartsWith("emulator: ", harness.Error, StringComparison.Ordinal);
        Assert.Contains(expected, harness.Error, StringComparison.Ordinal);
        Assert.Single(harness.Error.Trim('\n').Split('\n'));
    }

    [Theory]
    [InlineData("a", "hubport,id=a,hubid=0", null)]
    [InlineData(" ", "hubport,id=a,hubid=0", null)]
    [InlineData("b", "hubport,id=a,hubid=0", "-device nic: netdev 'b' is not there; add -netdev KIND,id=b")]
    [InlineData("a a", "hubport,id=a,hubid=0", "-device nic: netdev 'a' is taken by -device nic; give each its own, and a -netdev hubport each to connect them")]
    [InlineData("a", "hubport,id=a,hubid=0 hubport,id=h,hubid=0,netdev=a", "-netdev hubport,id=h: netdev 'a' is taken by -device nic; give each its own")]
    [InlineData("h", "hubport,id=a,hubid=0 hubport,id=h,hubid=1,netdev=a", "-netdev hubport,id=h: netdev 'a' is at this port already; -device nic needs another")]
    public void Each_end_of_a_wire_is_taken_once(string controllers, string netdevs, string? expected)
    {
        var devices = controllers.Split(' ').Select(id =>
        {
            var device = new DeviceDescription(s_controller);
            Assert.Null(device.Set("device", id.Length > 0 ? [new Property("netdev", id)] : []));
            return device;
        });
        var mistake = NetdevCatalog.CheckWires([.. netdevs.Split(' ').Select(Parse)], devices, []);
        if (expected is null)
        {
            Assert.Null(mistake);
        }
        else
        {
            Assert.StartsWith(expected, mistake, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("-nic")]
    [InlineData("-net")]
    public void No_network_may_be_asked_for(string option) =>
        Assert.Empty(CommandLineHarness.Describe("-kernel", "x", option, "none").Netdevs);

    [Fact]
    public void The_list_of_devices_has_the_kinds()
    {
        var harness = new CommandLineHarness();
        Assert.Equal(0, harness.Invoke("devices"));
        Assert.All(NetdevCatalog.Kinds, kind => Assert.Contains($"-netdev {kind.Name}: {kind.Meaning}\n", harness.Output, StringComparison.Ordinal));
    }

    private static NetdevDescription Parse(string text)
    {
        Assert.True(NetdevCatalog.Parse(text).Get(out var netdev, out var mistake), mistake);
        return netdev;
    }
}
