using Emulator.Host.Console;
using Emulator.Host.Machine;

namespace Emulator.Host.Hosting;

/// <summary>A machine's character back ends, open.</summary>
internal sealed class CharacterPorts : IDisposable
{
    private readonly Dictionary<string, CharacterPort> _ports = [];
    private readonly List<SocketChannel> _waitFor = [];

    private CharacterPorts()
    {
    }

    /// <summary>By id.</summary>
    public IReadOnlyDictionary<string, CharacterPort> Ports => _ports;

    /// <summary>The servers whose first client the machine waits for.</summary>
    public IReadOnlyList<SocketChannel> WaitFor => _waitFor;

    /// <summary>Opens all of them, the terminal last; or says which cannot be.</summary>
    /// <param name="descriptions">What to open.</param>
    /// <param name="control">Ended by Ctrl-A x.</param>
    /// <param name="tell">Shows a person a line.</param>
    public static Result<CharacterPorts> Open(IEnumerable<CharacterDescription> descriptions, MachineControl control, Action<string> tell)
    {
        var all = new CharacterPorts();
        foreach (var description in descriptions.OrderBy(d => d.Kind == CharacterKind.Stdio))
        {
            if (!all.OpenChannel(description, tell).Get(out var channel, out var error))
            {
                all.Dispose();
                return new Failure($"{description.Id}: {error}");
            }

            all._ports.Add(description.Id, new CharacterPort(
                description.Id, channel, () => control.RequestEnd(new MachineEnd(ExitStatus.Success, "ended by Ctrl-A x", IsForced: true)), tell));
        }

        return all;
    }

    /// <summary>Waits until the guest's last bytes are out.</summary>
    /// <param name="patience">How long nothing may move.</param>
    public void Flush(TimeSpan patience)
    {
        foreach (var port in _ports.Values)
        {
            _ = port.Flush(patience);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var port in _ports.Values)
        {
            port.Dispose();
        }
    }

    private Result<Channel> OpenChannel(CharacterDescription description, Action<string> tell)
    {
        switch (description.Kind)
        {
            case CharacterKind.Stdio:
                return new StandardChannel();
            case CharacterKind.File:
                try
                {
                    return new FileChannel(new FileStream(description.Path, FileMode.Create, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0));
                }
                catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
                {
                    return new Failure($"cannot write {description.Path}: {e.Message.ReplaceLineEndings(" ")}");
                }

            case CharacterKind.Script:
                return InputScript.Load(description.Path).Get(out var script, out var wrong) ? new ScriptChannel(script) : new Failure(wrong);
            case CharacterKind.Tcp or CharacterKind.Unix:
                if (!SocketChannel.Open(description).Get(out var socket, out var error))
                {
                    return new Failure(error);
                }

                if (description is { IsServer: true, Waits: true })
                {
                    _waitFor.Add(socket);
                }

                return socket;
            case CharacterKind.Pty:
                if (!PseudoTerminalChannel.Open().Get(out var terminal, out var mistake))
                {
                    return new Failure(mistake);
                }

                tell($"char device redirected to {terminal.Path} (label {description.Id})");
                return terminal;
            default:
                return new NullChannel();
        }
    }
}
