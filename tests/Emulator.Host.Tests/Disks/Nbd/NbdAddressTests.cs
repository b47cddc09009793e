using Emulator.Host.Disks.Nbd;

namespace Emulator.Host.Tests.Disks.Nbd;

/// <summary>How a server is named.</summary>
public sealed class NbdAddressTests
{
    [Theory]
    [InlineData("nbd:localhost:10809", "localhost:10809", "")]
    [InlineData("nbd:localhost:1:exportname=a b:c", "localhost:1", "a b:c")]
    [InlineData("nbd:[::1]:1", "::1:1", "")]
    [InlineData("nbd:unix:/run/a.sock", "/run/a.sock", "")]
    [InlineData("nbd:unix:/run/a:b:exportname=x", "/run/a:b", "x")]
    [InlineData("nbd://host", "host:10809", "")]
    [InlineData("nbd://host/", "host:10809", "")]
    [InlineData("nbd+tcp://host:7/disk%201/x", "host:7", "disk 1/x")]
    [InlineData("nbd://[::1]/x", "::1:10809", "x")]
    [InlineData("nbd://[::1]:8/x", "::1:8", "x")]
    [InlineData("nbd+unix:///?socket=/run/a%20b", "/run/a b", "")]
    [InlineData("nbd+unix:///name?socket=rel.sock", "rel.sock", "name")]
    public void QEMUs_spellings_are_understood(string text, string server, string export)
    {
        Assert.True(NbdAddress.Parse(text).Get(out var address, out var mistake), mistake);
        Assert.Equal((server, export), (address.Server.ToString(), address.Export));
    }

    [Theory]
    [InlineData("nbd:")]
    [InlineData("nbd:localhost")]
    [InlineData("nbd:localhost:0")]
    [InlineData("nbd:localhost:65536")]
    [InlineData("nbd::1")]
    [InlineData("nbd:unix:")]
    [InlineData("nbd:unix::exportname=x")]
    [InlineData("nbd://host:port/")]
    [InlineData("nbd://host/x?socket=/run/a")]
    [InlineData("nbd+unix:///x")]
    [InlineData("nbd+unix:///x?socket=")]
    [InlineData("nbd+unix://host/x?socket=/run/a")]
    [InlineData("nbd+ssh://host/")]
    public void What_is_no_address_is_answered_with_what_is(string text)
    {
        Assert.False(NbdAddress.Parse(text).Get(out _, out var mistake));
        Assert.StartsWith($"'{text}' is not the address of an NBD server; give nbd:HOST:PORT", mistake, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("nbds://host/x")]
    [InlineData("nbds+unix:///x?socket=/run/a")]
    public void Encryption_is_refused_by_name(string text)
    {
        Assert.False(NbdAddress.Parse(text).Get(out _, out var mistake));
        Assert.Equal($"'{text}': TLS is not spoken here; put a tunnel before the server and give nbd://", mistake);
    }

    [Fact]
    public void What_is_too_long_for_the_kernel_or_the_protocol_is_refused()
    {
        Assert.False(NbdAddress.Parse($"nbd:unix:/{new string('a', 107)}").Get(out _, out var path));
        Assert.EndsWith("at most 107 characters", path, StringComparison.Ordinal);
        Assert.False(NbdAddress.Parse($"nbd:a:1:exportname={new string('é', 2049)}").Get(out _, out var name));
        Assert.Equal("an export's name has at most 4096 bytes", name);
    }
}
