namespace Emulator.Host.Machine;

/// <summary>What <c>-trace</c> asks for.</summary>
/// <param name="File">Where the trace goes.</param>
/// <param name="HasProcessors">True if vCPUs' accesses to lines that DMA has to do with are in it, where memory is simulated.</param>
/// <param name="Limit">How many bytes it may have.</param>
public sealed record TraceDescription(string File, bool HasProcessors = true, ulong Limit = ulong.MaxValue);
