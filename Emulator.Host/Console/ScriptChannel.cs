namespace Emulator.Host.Console;

/// <summary>Standard output, with a script in place of somebody who types.</summary>
internal sealed class ScriptChannel(IReadOnlyList<ScriptedInput> script) : Channel
{
    /// <summary>What is typed, by the machine's clock; no descriptor brings it.</summary>
    public override IReadOnlyList<ScriptedInput> Script => script;

    public override void Write(ReadOnlySpan<byte> data) => _ = Posix.WriteAll(Posix.StandardOutput, data);
}
