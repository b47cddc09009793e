using System.Globalization;
using System.Text;
using Emulator.Host.Console;

namespace Emulator.Host.Disks.Nbd;

/// <summary>A server and one of its exports, in QEMU's spellings.</summary>
/// <param name="Server">Where it listens.</param>
/// <param name="Export">The export's name; empty for the server's default.</param>
internal sealed record NbdAddress(SocketEnd Server, string Export)
{
    private const string Spellings =
        "nbd:HOST:PORT[:exportname=NAME], nbd:unix:PATH[:exportname=NAME], nbd://HOST[:PORT]/[NAME] or nbd+unix:///[NAME]?socket=PATH";

    /// <summary>Reads one.</summary>
    /// <param name="text">What follows <c>file=</c>.</param>
    public static Result<NbdAddress> Parse(string text)
    {
        var result = text.StartsWith("nbds", StringComparison.Ordinal)
                ? new Failure($"'{text}': TLS is not spoken here; put a tunnel before the server and give nbd://")
            : text.Contains("://", StringComparison.Ordinal) ? ParseUri(text)
            : ParseOld(text);
        return result.Get(out var address, out _) ? address.Check() : result;
    }

    /// <summary>This, if it can be.</summary>
    public Result<NbdAddress> Check() =>
        Encoding.UTF8.GetByteCount(Export) > NbdProtocol.LongestName ? new Failure($"an export's name has at most {NbdProtocol.LongestName} bytes")
        : Server.Path?.Length > SocketEnd.LongestPath ? new Failure($"'{Server.Path}': a Unix socket's path has at most {SocketEnd.LongestPath} characters")
        : this;

    /// <inheritdoc/>
    public override string ToString() => Server.Path is { } path ? $"nbd+unix:///{Export}?socket={path}" : $"nbd://{Server}/{Export}";

    private static Result<NbdAddress> ParseOld(string text)
    {
        const string Exported = ":exportname=";
        var rest = text["nbd:".Length..];
        var (server, export) = rest.IndexOf(Exported, StringComparison.Ordinal) is >= 0 and var at ? (rest[..at], rest[(at + Exported.Length)..]) : (rest, "");
        if (server.StartsWith("unix:", StringComparison.Ordinal))
        {
            return server.Length > "unix:".Length ? new NbdAddress(SocketEnd.Unix(server["unix:".Length..]), export) : Wrong(text);
        }

        var colon = server.LastIndexOf(':');
        return colon > 0 && ParsePort(server[(colon + 1)..]) is { } port
            ? new NbdAddress(SocketEnd.Inet(server[..colon].Trim('[', ']'), port), export)
            : Wrong(text);
    }

    private static Result<NbdAddress> ParseUri(string text)
    {
        var isUnix = text.StartsWith("nbd+unix://", StringComparison.Ordinal);
        if (!isUnix && !text.StartsWith("nbd://", StringComparison.Ordinal) && !text.StartsWith("nbd+tcp://", StringComparison.Ordinal))
        {
            return Wrong(text);
        }

        var rest = text[(text.IndexOf("://", StringComparison.Ordinal) + 3)..];
        var question = rest.IndexOf('?', StringComparison.Ordinal);
        var (place, query) = question < 0 ? (rest, "") : (rest[..question], rest[(question + 1)..]);
        var slash = place.IndexOf('/', StringComparison.Ordinal);
        var (host, export) = slash < 0 ? (place, "") : (place[..slash], Uri.UnescapeDataString(place[(slash + 1)..]));
        if (isUnix)
        {
            const string Socket = "socket=";
            return host.Length == 0 && query.StartsWith(Socket, StringComparison.Ordinal) && query.Length > Socket.Length
                ? new NbdAddress(SocketEnd.Unix(Uri.UnescapeDataString(query[Socket.Length..])), export)
                : Wrong(text);
        }

        var colon = host.EndsWith(']') ? -1 : host.LastIndexOf(':');
        return query.Length == 0 && (colon < 0 ? NbdProtocol.Port : ParsePort(host[(colon + 1)..])) is { } port
            ? new NbdAddress(SocketEnd.Inet((colon < 0 ? host : host[..colon]).Trim('[', ']'), port), export)
            : Wrong(text);
    }

    private static int? ParsePort(string text) =>
        ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port != 0 ? port : null;

    private static Failure Wrong(string text) => new($"'{text}' is not the address of an NBD server; give {Spellings}");
}
