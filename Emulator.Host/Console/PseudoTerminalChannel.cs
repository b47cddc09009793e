using System.Text;

namespace Emulator.Host.Console;

/// <summary>The master of a pseudo-terminal; what is sent while nobody has the other side open is lost.</summary>
internal sealed class PseudoTerminalChannel : Channel
{
    private readonly int _master;

    private PseudoTerminalChannel(int master, string path) => (_master, Path) = (master, path);

    /// <summary>What to open to talk to the guest.</summary>
    public string Path { get; }

    public override int InputDescriptor => _master;

    public override bool IsHungUp => (Posix.Peek(_master, 0) & Posix.PollHangUp) != 0;

    public override TimeSpan Patience => TimeSpan.FromSeconds(1);

    /// <summary>Makes a pair, the other side in raw mode.</summary>
    public static Result<PseudoTerminalChannel> Open()
    {
        var master = Posix.Open("/dev/ptmx", Posix.OpenReadWrite | Posix.OpenNoControllingTerminal | Posix.OpenCloseOnExec);
        if (master < 0)
        {
            return new Failure("no pseudo-terminal is free");
        }

        Span<byte> name = stackalloc byte[128];
        if (Posix.GrantTerminal(master) != 0 || Posix.UnlockTerminal(master) != 0 || Posix.TerminalName(master, name, name.Length) != 0)
        {
            _ = Posix.Close(master);
            return new Failure("the pseudo-terminal cannot be unlocked");
        }

        var path = Encoding.UTF8.GetString(name[..name.IndexOf((byte)0)]);

        // Opening and closing the other side sets it up, and marks it as hung up until somebody comes.
        var slave = Posix.Open(path, Posix.OpenReadWrite | Posix.OpenNoControllingTerminal | Posix.OpenCloseOnExec);
        if (slave >= 0)
        {
            if (Posix.GetAttributes(slave, out var attributes) == 0)
            {
                var raw = attributes.ToRaw();
                raw.OutputFlags &= ~1u;     // OPOST: the guest's bytes, not a screen's
                _ = Posix.SetAttributes(slave, Posix.SetAttributesNow, raw);
            }

            _ = Posix.Close(slave);
        }

        return new PseudoTerminalChannel(master, path);
    }

    public override int Read(Span<byte> buffer) => Math.Max(Posix.Read(_master, buffer), 0);

    public override void Write(ReadOnlySpan<byte> data)
    {
        if (!IsHungUp)
        {
            _ = Posix.WriteAll(_master, data);
        }
    }

    protected override void Close() => _ = Posix.Close(_master);
}
