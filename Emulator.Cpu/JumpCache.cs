namespace Emulator.Cpu;

/// <summary>Remembers where indirect jumps went.</summary>
internal static class JumpCache
{
}
