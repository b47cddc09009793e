using System.Collections.Immutable;

namespace Emulator.Host.Tracing;

/// <summary>What a line of a trace tells of (docs/traces.md).</summary>
internal enum TraceKind
{
    /// <summary>A load from memory.</summary>
    Read,

    /// <summary>A store to memory.</summary>
    Write,

    /// <summary>A store that hands something over, behind everything before it.</summary>
    Publish,

    /// <summary>An atomic operation in place: a read and a write that nobody comes between.</summary>
    Update,

    /// <summary>A message-signalled interrupt, sent.</summary>
    Message,

    /// <summary>A fence that a device or a vCPU asked for, by itself.</summary>
    Fence,

    /// <summary>A vCPU read a register of a function, which is behind the function's writes.</summary>
    RegisterRead,

    /// <summary>A vCPU wrote a register of a function.</summary>
    RegisterWrite,

    /// <summary>A function asserted its interrupt pin.</summary>
    Raise,

    /// <summary>A function took it back.</summary>
    Lower,

    /// <summary>A vCPU took an interrupt.</summary>
    Interrupt,

    /// <summary>Events that were not recorded, because the file did not keep up; the value says how many.</summary>
    Lost,
}

/// <summary>One event of a trace: an access, or what stands between accesses.</summary>
internal sealed record TraceEvent
{
    /// <summary>The status of a store that was not visible yet when the trace ended.</summary>
    public const string Waiting = "waiting";

    /// <summary>Its number, from 1, in the order in which the events began; within a lane that is program order.</summary>
    public required long Sequence { get; init; }

    /// <summary>When it began, in nanoseconds of the machine's time.</summary>
    public long Time { get; init; }

    /// <summary>When it began, in nanoseconds of the host's time since the trace did.</summary>
    public long HostTime { get; init; }

    /// <summary>The host thread.</summary>
    public string Thread { get; init; } = "";

    /// <summary>Whose it is: a function's name or a vCPU's (<c>cpu0</c>); for a register access the vCPU's.</summary>
    public required string Lane { get; init; }

    /// <summary>What it is.</summary>
    public required TraceKind Kind { get; init; }

    /// <summary>The function whose register was accessed, or null.</summary>
    public string? Function { get; init; }

    /// <summary>The ordering site (docs/ordering.md), or null.</summary>
    public string? Site { get; init; }

    /// <summary>What had been done to the site on purpose: <c>dropped</c> or <c>swapped</c>, or null.</summary>
    public string? Mutation { get; init; }

    /// <summary>Guest-physical; of a register, its window's address plus its offset.</summary>
    public ulong Address { get; init; }

    /// <summary>Bytes; 0 where there is no address.</summary>
    public int Length { get; init; }

    /// <summary>What was moved, if it was up to 8 bytes; an interrupt's vector.</summary>
    public ulong? Value { get; init; }

    /// <summary>The bus's ordering for the function; null in a vCPU's lane.</summary>
    public string? Ordering { get; init; }

    /// <summary>True for an access that asked for none of the bus's fences.</summary>
    public bool Relaxed { get; init; }

    /// <summary>
    /// The fences that stood before it, by name (<c>full</c>, <c>store</c>, <c>load</c>, <c>load-store</c>, <c>release</c>); empty if
    /// there was none. Of a fence the one that was asked for, which was not issued if the mutation says <c>dropped</c>.
    /// </summary>
    public ImmutableArray<string> Fences { get; init; } = [];

    /// <summary>
    /// Of a store: the first and the last moment, on memory's clock, at which parts of it became visible. Of a load: the first and
    /// the last moment whose values it took; of a read of a register the moment it returned. Null where memory is not simulated,
    /// of a store that <see cref="Waiting">waits</see>, and of what is neither.
    /// </summary>
    public TraceSpan? Visible { get; init; }

    /// <summary>Of a load: the numbers of the stores it saw, those that are in the trace.</summary>
    public ImmutableArray<long> From { get; init; } = [];

    /// <summary>What became of it, if it was not <c>Ok</c>.</summary>
    public string? Status { get; init; }
}

/// <summary>Two moments on memory's clock, which counts the stores that have become visible.</summary>
/// <param name="First">The earlier one.</param>
/// <param name="Last">The later one.</param>
internal readonly record struct TraceSpan(long First, long Last);

/// <summary>What the first line of a trace says.</summary>
internal sealed record TraceHeader
{
    /// <summary>The memory model's name.</summary>
    public required string Model { get; init; }

    /// <summary>The schedule's name.</summary>
    public required string Schedule { get; init; }

    /// <summary>The seed.</summary>
    public ulong Seed { get; init; }

    /// <summary>Who may appear: vCPUs first, then functions, in the order of the machine.</summary>
    public required ImmutableArray<TraceLane> Lanes { get; init; }
}

/// <summary>A lane.</summary>
/// <param name="Name">As in <see cref="TraceEvent.Lane"/>.</param>
/// <param name="IsProcessor">True for a vCPU.</param>
internal sealed record TraceLane(string Name, bool IsProcessor);
