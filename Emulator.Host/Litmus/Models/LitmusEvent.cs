using Emulator.Memory;

namespace Emulator.Host.Litmus;

/// <summary>What an event is; the names in a model are in the remarks of each.</summary>
[Flags]
internal enum EventKinds
{
    /// <summary>None of these.</summary>
    None = 0,

    /// <summary>R: reads a location.</summary>
    Read = 1,

    /// <summary>W: writes a location, or is a message.</summary>
    Write = 2,

    /// <summary>F: a fence.</summary>
    Fence = 4,

    /// <summary>X: the read or the write of a locked instruction.</summary>
    Locked = 8,

    /// <summary>M: a message-signalled interrupt, a write to a place that only the interrupted processor reads.</summary>
    Message = 16,

    /// <summary>I: the interrupt pin is asserted.</summary>
    Pin = 32,

    /// <summary>IW: a processor takes its interrupt.</summary>
    Interrupted = 64,

    /// <summary>DB: a processor writes the doorbell.</summary>
    Doorbell = 128,

    /// <summary>ST: a function has seen its doorbell and starts.</summary>
    Start = 256,

    /// <summary>FL: a processor reads a register of a function.</summary>
    Flush = 512,
}

/// <summary>Something that happens in a run of a test, once.</summary>
/// <param name="Id">Its number: by column, then in program order.</param>
/// <param name="Column">Who does it.</param>
/// <param name="Kinds">What it is.</param>
/// <param name="Location">Which word it reads or writes; -1 for none. A message has a place of its own behind the test's locations.</param>
/// <param name="Fence">What it orders, if it is a fence.</param>
/// <param name="Target">The column that an interrupt, a doorbell or a flush is aimed at; else -1.</param>
/// <param name="Line">The line of the file it comes from; 0 for a start.</param>
internal sealed record LitmusEvent(int Id, int Column, EventKinds Kinds, int Location, DmaFence Fence, int Target, int Line)
{
    /// <summary>As the diagrams of the field name it: a, b, … z, a1, b1, …</summary>
    public string Name => $"{(char)('a' + (Id % 26))}{(Id < 26 ? "" : $"{Id / 26}")}";

    /// <summary>Whether it is one of these.</summary>
    public bool Is(EventKinds kinds) => (Kinds & kinds) != 0;
}
