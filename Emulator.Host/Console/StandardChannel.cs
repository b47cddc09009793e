namespace Emulator.Host.Console;

/// <summary>The process's standard input and output; a terminal is put into raw mode until the end.</summary>
internal sealed class StandardChannel : Channel
{
    private readonly RawTerminal? _terminal;
    private bool _ended;

    /// <summary>Takes the terminal, if standard input is one.</summary>
    public StandardChannel() => _terminal = RawTerminal.Enter(Posix.StandardInput);

    public override bool IsInteractive => _terminal is not null;

    public override int InputDescriptor => _ended ? -1 : Posix.StandardInput;

    public override int Read(Span<byte> buffer)
    {
        var count = Posix.Read(Posix.StandardInput, buffer);
        _ended = count <= 0;    // the guest goes on without input
        return Math.Max(count, 0);
    }

    public override void Write(ReadOnlySpan<byte> data) => _ = Posix.WriteAll(Posix.StandardOutput, data);

    protected override void Close() => _terminal?.Dispose();
}
