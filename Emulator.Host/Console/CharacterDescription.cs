using Emulator.Host.CommandLine;

namespace Emulator.Host.Console;

/// <summary>Where a character device's bytes go to and come from.</summary>
public enum CharacterKind
{
    /// <summary>Nowhere.</summary>
    Null,

    /// <summary>The process's standard input and output.</summary>
    Stdio,

    /// <summary>A file that is made new.</summary>
    File,

    /// <summary>A TCP connection.</summary>
    Tcp,

    /// <summary>A Unix-domain stream connection.</summary>
    Unix,

    /// <summary>A pseudo-terminal.</summary>
    Pty,

    /// <summary>Standard output, and a file that says what is typed when.</summary>
    Script,
}

/// <summary>A character back end as the command line describes it.</summary>
public sealed record CharacterDescription
{
    /// <summary>What other options call it; unique in a machine.</summary>
    public required string Id { get; init; }

    /// <summary>Its kind.</summary>
    public required CharacterKind Kind { get; init; }

    /// <summary>A file's or a Unix socket's path.</summary>
    public string Path { get; init; } = "";

    /// <summary>A TCP host; empty is every local address for a server and the loopback for a client.</summary>
    public string HostName { get; init; } = "";

    /// <summary>A TCP port; 0 lets a server choose.</summary>
    public int Port { get; init; }

    /// <summary>True to listen, false to connect.</summary>
    public bool IsServer { get; init; }

    /// <summary>True if the machine starts only when a server's first client is there.</summary>
    public bool Waits { get; init; } = true;

    /// <summary>True if more than one device may use it.</summary>
    public bool IsShared { get; init; }

    private static readonly string[] s_forms = ["stdio", "null", "none", "file:PATH", "tcp:HOST:PORT", "unix:PATH", "pty", "script:PATH", "mon:stdio", "chardev:ID"];

    private static readonly string[] s_kinds = ["stdio", "null", "file", "socket", "pty", "script"];

    /// <summary>Reads <c>stdio</c>, <c>null</c>, <c>file:PATH</c>, <c>tcp:HOST:PORT[,server][,nowait]</c>, <c>unix:PATH[,server][,nowait]</c>, <c>pty</c> or <c>script:PATH</c>, each perhaps behind <c>mon:</c>.</summary>
    internal static Result<CharacterDescription> Parse(string text, string id)
    {
        if (text.StartsWith("mon:", StringComparison.Ordinal))
        {
            text = text[4..];
        }

        var colon = text.IndexOf(':', StringComparison.Ordinal);
        var kind = colon < 0 ? text : text[..colon];
        var rest = colon < 0 ? "" : text[(colon + 1)..];
        return (kind, colon >= 0) switch
        {
            ("stdio", false) => new CharacterDescription { Id = id, Kind = CharacterKind.Stdio },
            ("null", false) => new CharacterDescription { Id = id, Kind = CharacterKind.Null },
            ("pty", false) => new CharacterDescription { Id = id, Kind = CharacterKind.Pty },
            ("file", true) when rest.Length > 0 => new CharacterDescription { Id = id, Kind = CharacterKind.File, Path = rest },
            ("script", true) when rest.Length > 0 => new CharacterDescription { Id = id, Kind = CharacterKind.Script, Path = rest },
            ("script", _) => new Failure("'script' needs a path: script:PATH"),
            ("file", _) => new Failure("'file' needs a path: file:PATH"),
            ("tcp", true) => ParseTcp(rest, id),
            ("tcp", _) => new Failure("'tcp' needs an address: tcp:HOST:PORT[,server][,nowait]"),
            ("unix", true) => ParseUnix(rest, id),
            ("unix", _) => new Failure("'unix' needs a path: unix:PATH[,server][,nowait]"),
            _ => new Failure($"unknown character back end '{kind}'{Suggest(kind)}; valid: {string.Join(", ", s_forms)}"),
        };
    }

    /// <summary>Reads a <c>-chardev</c> value: <c>KIND,id=ID[,prop=value…]</c>.</summary>
    internal static Result<CharacterDescription> ParseChardev(string text)
    {
        var list = PropertyList.Parse(text);
        var values = new Dictionary<string, string?>();
        foreach (var property in list.Properties)
        {
            values[property.Name] = property.Value;
        }

        if (!s_kinds.Contains(list.Head))
        {
            return new Failure($"unknown character back end '{list.Head}'{Suggestion.For(list.Head, s_kinds)}");
        }

        if (!values.Remove("id", out var id) || string.IsNullOrEmpty(id))
        {
            return new Failure("property 'id' is missing: id=ID");
        }

        values.Remove("signal");
        values.Remove("logfile");
        var shared = TakeFlag(values, "mux", false);
        var result = list.Head switch
        {
            "stdio" => new CharacterDescription { Id = id, Kind = CharacterKind.Stdio },
            "null" => new CharacterDescription { Id = id, Kind = CharacterKind.Null },
            "pty" => new CharacterDescription { Id = id, Kind = CharacterKind.Pty },
            "script" => !values.Remove("path", out var script) || string.IsNullOrEmpty(script)
                ? new Failure("property 'path' is missing: path=PATH")
                : new CharacterDescription { Id = id, Kind = CharacterKind.Script, Path = script },
            "file" => !values.Remove("path", out var path) || string.IsNullOrEmpty(path)
                ? new Failure("property 'path' is missing: path=PATH")
                : new CharacterDescription { Id = id, Kind = CharacterKind.File, Path = path },
            _ => ParseSocket(values, id),
        };
        if (!result.Get(out var description, out var error))
        {
            return new Failure(error);
        }

        return values.Count == 0
            ? description with { IsShared = shared }
            : new Failure($"character back end '{list.Head}' has no property '{values.Keys.First()}'");
    }

    private static Result<CharacterDescription> ParseSocket(Dictionary<string, string?> values, string id)
    {
        var server = TakeFlag(values, "server", false);
        var waits = TakeFlag(values, "wait", true);
        values.Remove("nodelay");
        if (values.Remove("path", out var path) && !string.IsNullOrEmpty(path))
        {
            return new CharacterDescription { Id = id, Kind = CharacterKind.Unix, Path = path, IsServer = server, Waits = waits };
        }

        values.Remove("host", out var host);
        values.Remove("port", out var port);
        return TryPort(port ?? "", out var number)
            ? new CharacterDescription { Id = id, Kind = CharacterKind.Tcp, HostName = host ?? "", Port = number, IsServer = server, Waits = waits }
            : new Failure(port is null ? "a socket needs path=PATH or host=HOST,port=PORT" : $"'{port}' is not a port between 0 and 65535");
    }

    private static Result<CharacterDescription> ParseTcp(string text, string id)
    {
        var list = PropertyList.Parse(text);
        var colon = list.Head.LastIndexOf(':');
        if (colon < 0)
        {
            return new Failure($"'tcp:{list.Head}' has no port: tcp:HOST:PORT");
        }

        if (!TryPort(list.Head[(colon + 1)..], out var port))
        {
            return new Failure($"'{list.Head[(colon + 1)..]}' is not a port between 0 and 65535");
        }

        var host = list.Head[..colon].Trim('[', ']');
        return WithSocketFlags(new CharacterDescription { Id = id, Kind = CharacterKind.Tcp, HostName = host, Port = port }, list);
    }

    private static Result<CharacterDescription> ParseUnix(string text, string id)
    {
        var list = PropertyList.Parse(text);
        return list.Head.Length == 0
            ? new Failure("'unix' needs a path: unix:PATH[,server][,nowait]")
            : list.Head.Length > 107
                ? new Failure("a Unix socket's path has at most 107 characters")
                : WithSocketFlags(new CharacterDescription { Id = id, Kind = CharacterKind.Unix, Path = list.Head }, list);
    }

    private static Result<CharacterDescription> WithSocketFlags(CharacterDescription description, PropertyList list)
    {
        foreach (var property in list.Properties)
        {
            switch (property.Name)
            {
                case "server":
                    description = description with { IsServer = IsOn(property.Value) };
                    break;
                case "wait":
                    description = description with { Waits = IsOn(property.Value) };
                    break;
                case "nowait":
                    description = description with { Waits = !IsOn(property.Value) };
                    break;
                case "nodelay" or "delay":
                    break;
                default:
                    return new Failure($"a socket has no property '{property.Name}'{Suggestion.For(property.Name, ["server", "wait", "nowait", "nodelay"])}");
            }
        }

        return description;
    }

    private static string Suggest(string kind) =>
        Suggestion.Nearest(kind, ["stdio", "null", "none", "file", "tcp", "unix", "pty", "script"]) is { } near ? $"; did you mean '{near}'?" : "";

    private static bool TakeFlag(Dictionary<string, string?> values, string name, bool absent) =>
        values.Remove(name, out var value) ? IsOn(value) : absent;

    private static bool IsOn(string? value) => value is null or "on" or "yes" or "true";

    private static bool TryPort(string text, out int port)
    {
        var ok = Numbers.TryParse(text, out var number) && number <= 65535;
        port = ok ? (int)number : 0;
        return ok;
    }
}
