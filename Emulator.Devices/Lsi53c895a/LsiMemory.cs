using System.Runtime.InteropServices;
using Emulator.Memory;

namespace Emulator.Devices;

/// <summary>What SCRIPTS read and write by address: memory, by DMA, and the chip's own registers, which are reached inside it. On the I/O thread.</summary>
/// <param name="function">The chip.</param>
internal sealed class LsiMemory(Lsi53c895aFunction function)
{
    // Of a status that is written too late on purpose.
    private ulong _heldAddress;
    private byte _heldStatus;
    private bool _isHolding;

    private DmaContext Dma => function.Dma;

    /// <summary>Fetches a part of an instruction.</summary>
    /// <param name="address">A multiple of 4.</param>
    /// <param name="dword">The part.</param>
    /// <returns>False if the bus has a fault there.</returns>
    public bool Fetch(ulong address, out uint dword) => Dma.Load(address, out dword) == DmaStatus.Ok;

    /// <summary>Fetches the first two dwords of an instruction.</summary>
    /// <param name="address">A multiple of 4.</param>
    /// <param name="instruction">Them.</param>
    /// <returns>False if the bus has a fault there.</returns>
    public bool Fetch(ulong address, out LsiInstruction instruction)
    {
        Span<uint> dwords = stackalloc uint[2];
        var status = Dma.Read(address, MemoryMarshal.AsBytes(dwords));
        instruction = new LsiInstruction(dwords[0], dwords[1]);
        return status == DmaStatus.Ok;
    }

    /// <summary>Reads.</summary>
    /// <param name="address">On the bus.</param>
    /// <param name="data">Takes it.</param>
    /// <param name="isIo">True if the address is one of I/O space.</param>
    /// <returns>False if the bus has a fault there.</returns>
    public bool Read(ulong address, Span<byte> data, bool isIo = false)
    {
        if (function.IsOwn(address, data.Length, isIo, out var offset))
        {
            function.ReadOwn(offset, data);
            return true;
        }

        if (isIo)
        {
            return false;
        }

        var status = Dma.Read(address, data);

        // lsi.queue-before-block: what it says is there is read behind it. Pairs with the driver's write barrier before the entry.
        Dma.ReadBarrier(LsiSites.QueueBeforeBlock);
        return status == DmaStatus.Ok;
    }

    /// <summary>Writes, behind everything that SCRIPTS wrote before.</summary>
    /// <param name="address">On the bus.</param>
    /// <param name="data">What.</param>
    /// <param name="isIo">True if the address is one of I/O space.</param>
    /// <returns>False if the bus has a fault there.</returns>
    public bool Write(ulong address, ReadOnlySpan<byte> data, bool isIo = false)
    {
        if (function.IsOwn(address, data.Length, isIo, out var offset))
        {
            function.WriteOwn(offset, data);
            return true;
        }

        if (isIo)
        {
            return false;
        }

        // lsi.data-status-interrupt: pairs with the driver's read barrier between the entry of the done queue, and status and data.
        Dma.WriteBarrier(LsiSites.DataStatusInterrupt);
        return Dma.Write(address, data) == DmaStatus.Ok;
    }

    /// <summary>Writes a status.</summary>
    /// <param name="address">On the bus.</param>
    /// <param name="status">It.</param>
    /// <returns>False if the bus has a fault there.</returns>
    public bool WriteStatus(ulong address, byte status)
    {
        if (!Dma.IsSwapped(LsiSites.DataStatusInterrupt))
        {
            return Write(address, [status]);
        }

        ReleaseStatus();
        (_heldAddress, _heldStatus, _isHolding) = (address, status, true);
        return true;
    }

    /// <summary>Before an interrupt: nothing is held back any longer.</summary>
    public void ReleaseStatus()
    {
        if (_isHolding)
        {
            _isHolding = false;
            Write(_heldAddress, [_heldStatus]);
        }
    }

    /// <summary>Forgets what is held back.</summary>
    public void Reset() => _isHolding = false;
}
