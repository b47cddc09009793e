namespace Emulator.Cpu;

/// <summary>What the decoder must know of the processor's state: a block decoded in one mode is not run in another.</summary>
internal static class CodeMode
{
}
