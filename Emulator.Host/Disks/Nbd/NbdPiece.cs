using Emulator.Devices;

namespace Emulator.Host.Disks.Nbd;

/// <summary>A disk's request on its way, in as many pieces as the server needs.</summary>
internal sealed class NbdTransfer
{
    /// <summary>The disk's; null at rest.</summary>
    public BlockRequest? Request { get; set; }

    /// <summary>Bytes that pieces were made of.</summary>
    public long Cut { get; set; }

    /// <summary>Pieces that have not ended.</summary>
    public int Pieces { get; set; }

    /// <summary>How it will end: the first error of a piece.</summary>
    public BlockStatus Status { get; set; }
}

/// <summary>A request of the protocol on its way.</summary>
/// <param name="index">Its number, which is in the cookie.</param>
internal sealed class NbdPiece(int index)
{
    /// <summary>Its number.</summary>
    public int Index => index;

    /// <summary>What it is of; null for a flush that no guest asked for.</summary>
    public NbdTransfer? Transfer { get; set; }

    /// <summary>Where it is.</summary>
    public NbdPieceState State { get; set; }

    /// <summary>What is sent; the cookie is that of the last time.</summary>
    public NbdMessage Message { get; set; }

    /// <summary>Where to put what is read.</summary>
    public Memory<byte> Buffer { get; set; }

    /// <summary>For a flush that was sent: the last change that was complete then. For one that waits for a flush: its own number.</summary>
    public long Number { get; set; }

    /// <summary>Connections that it was sent on since it was last answered.</summary>
    public int Attempts { get; set; }
}

/// <summary>Where a piece is.</summary>
internal enum NbdPieceState : byte
{
    /// <summary>At rest.</summary>
    Idle,

    /// <summary>To be sent, perhaps again.</summary>
    Waiting,

    /// <summary>Sent.</summary>
    Sent,

    /// <summary>Done, but not to be said before a flush.</summary>
    Unstable,
}
