using System.Numerics;
using Emulator.Memory;

namespace Emulator.Pci;

/// <summary>Message-signalled interrupts from a table in memory space, capability 11h (PCI 3.0, 6.8.2).</summary>
/// <remarks>
/// <para>The table and, behind it, the pending bits have a memory BAR of their own. The guest reads and writes them by
/// dwords and qwords; a narrower access reads ones and writes nothing. While the guest has it enabled the INTx pin is
/// silent.</para>
/// <para>A message may be signalled on an I/O thread while a vCPU masks, unmasks or changes an entry. One lock decides
/// both tests, of the mask and of the pending bit, so none is lost and none sent twice, and none goes to half an address;
/// a message is sent inside it, so that behind the write of a mask no older one arrives. The lock comes after the bus's
/// and the device's, where the interrupt router's stands.</para>
/// </remarks>
public sealed class MsixCapability
{
    /// <summary>Capability ID.</summary>
    public const byte Id = 0x11;

    /// <summary>The most messages a function has.</summary>
    public const int MostVectors = 2048;

    internal const int Length = 0x0C;
    internal const int Control = 0x02;
    internal const int Table = 0x04;
    internal const int Pending = 0x08;
    internal const uint Enable = 1 << 15;
    internal const uint FunctionMask = 1 << 14;

    internal const int EntrySize = 16;
    internal const int EntryAddressLow = 0;
    internal const int EntryAddressHigh = 4;
    internal const int EntryData = 8;
    internal const int EntryControl = 12;
    internal const uint EntryMask = 1 << 0;

    private readonly PciFunction _function;
    private readonly int _offset;
    private readonly Lock _lock = new();
    private readonly uint[] _table;
    private readonly ulong[] _pending;

    internal MsixCapability(PciFunction function, int offset, int bar, int vectors)
    {
        (_function, _offset, Vectors) = (function, offset, vectors);
        _table = new uint[vectors * EntrySize / 4];
        _pending = new ulong[(vectors + 63) / 64];

        // At least half a page each, so that the usual BAR is one page.
        PendingOffset = Math.Max(2048, (int)BitOperations.RoundUpToPowerOf2((uint)(vectors * EntrySize)));
        function.Config.Define(offset + Control, 2, (uint)vectors - 1, Enable | FunctionMask);
        function.Config.Define(offset + Table, 4, (uint)bar);
        function.Config.Define(offset + Pending, 4, (uint)PendingOffset | (uint)bar);
        Window = new MsixWindow(this);
        MaskAll();
    }

    /// <summary>The messages the function has, 1 to 2048.</summary>
    public int Vectors { get; }

    /// <summary>True while the guest wants messages and no INTx. Any thread.</summary>
    public bool IsEnabled => (_function.Config.ReadWord(_offset + Control) & Enable) != 0;

    /// <summary>Where in the BAR the pending bits are, in bytes.</summary>
    internal int PendingOffset { get; }

    /// <summary>Bytes of the BAR, a power of two.</summary>
    internal int WindowSize => PendingOffset * 2;

    /// <summary>What the BAR shows.</summary>
    internal IBusTarget Window { get; }

    /// <summary>Signals an event: sends its message behind the function's DMA, or keeps it pending while it is masked. Any thread.</summary>
    /// <param name="vector">From 0; one that the function does not have sends nothing.</param>
    /// <returns>False if the guest has not enabled messages: the event is INTx's then.</returns>
    public bool Signal(int vector)
    {
        lock (_lock)
        {
            var control = _function.Config.ReadWord(_offset + Control);
            if ((control & Enable) == 0)
            {
                return false;
            }

            if ((uint)vector < (uint)Vectors)
            {
                if ((control & FunctionMask) == 0 && !IsMasked(vector))
                {
                    Send(vector);
                }
                else
                {
                    _pending[vector / 64] |= 1UL << vector;
                }
            }

            return true;
        }
    }

    /// <summary>Takes a pending message back, because its event was served another way (PCI 3.0, 6.8.2.4). Any thread.</summary>
    /// <param name="vector">From 0; one that the function does not have is no error.</param>
    public void Withdraw(int vector)
    {
        if ((uint)vector < (uint)Vectors)
        {
            lock (_lock)
            {
                _pending[vector / 64] &= ~(1UL << vector);
            }
        }
    }

    /// <summary>Reads an aligned dword or qword of the table or of the pending bits; what is behind them reads zero.</summary>
    internal ulong Read(int offset, int size)
    {
        lock (_lock)
        {
            return size == 8 ? Dword(offset) | ((ulong)Dword(offset + 4) << 32) : Dword(offset);
        }
    }

    /// <summary>Writes an aligned dword or qword of the table; the pending bits are the function's.</summary>
    internal void Write(int offset, int size, ulong value)
    {
        if (offset >= Vectors * EntrySize)
        {
            return;
        }

        lock (_lock)
        {
            for (var done = 0; done < size; done += 4)
            {
                var writable = ((offset + done) % EntrySize) switch
                {
                    EntryAddressLow => 0xFFFFFFFC,
                    EntryControl => EntryMask,
                    _ => 0xFFFFFFFF,
                };
                _table[(offset + done) / 4] = (uint)(value >> (done * 8)) & writable;
            }

            var vector = offset / EntrySize;
            if (IsPending(vector) && IsSending && !IsMasked(vector))
            {
                SendPending(vector);
            }
        }
    }

    /// <summary>The guest has written configuration: sends what is pending and no longer masked. Under the bus lock.</summary>
    internal void OnConfigWritten(int offset, int size)
    {
        if (offset >= _offset + Length || offset + size <= _offset)
        {
            return;
        }

        // Also waits for a message that was on its way before the function was masked.
        lock (_lock)
        {
            for (var word = 0; word < _pending.Length && IsSending; word++)
            {
                for (var bits = _pending[word]; bits != 0; bits &= bits - 1)
                {
                    var vector = (word * 64) + BitOperations.TrailingZeroCount(bits);
                    if (!IsMasked(vector))
                    {
                        SendPending(vector);
                    }
                }
            }
        }
    }

    /// <summary>
    /// Disables and puts table and pending bits back, before configuration goes back to its reset values. Under the bus
    /// lock.
    /// </summary>
    internal void Reset()
    {
        lock (_lock)
        {
            _function.Config.SetBits(_offset + Control, 2, Enable, 0);
            Array.Clear(_table);
            Array.Clear(_pending);
            MaskAll();
        }
    }

    private bool IsSending => (_function.Config.ReadWord(_offset + Control) & (Enable | FunctionMask)) == Enable;

    private bool IsMasked(int vector) => (_table[((vector * EntrySize) + EntryControl) / 4] & EntryMask) != 0;

    private bool IsPending(int vector) => (_pending[vector / 64] & (1UL << vector)) != 0;

    private uint Dword(int offset)
    {
        if (offset < Vectors * EntrySize)
        {
            return _table[offset / 4];
        }

        var word = (offset - PendingOffset) / 8;
        return offset >= PendingOffset && word < _pending.Length ? (uint)(_pending[word] >> ((offset & 4) * 8)) : 0;
    }

    private void MaskAll()
    {
        for (var control = EntryControl / 4; control < _table.Length; control += EntrySize / 4)
        {
            _table[control] = EntryMask;
        }
    }

    private void SendPending(int vector)
    {
        _pending[vector / 64] &= ~(1UL << vector);
        Send(vector);
    }

    private void Send(int vector)
    {
        var entry = vector * EntrySize / 4;
        var address = ((ulong)_table[entry + (EntryAddressHigh / 4)] << 32) | _table[entry + (EntryAddressLow / 4)];
        _function.SendMessage(address, _table[entry + (EntryData / 4)]);
    }

    /// <summary>The BAR: dwords and qwords (PCI 3.0, 6.8.2); what is narrower is undefined there and refused here.</summary>
    private sealed class MsixWindow(MsixCapability capability) : IBusTarget
    {
        public BusStatus Read(ulong offset, int size, out ulong value)
        {
            value = 0;
            if (size < 4)
            {
                return BusStatus.InvalidSize;
            }

            value = capability.Read((int)offset, size);
            return BusStatus.Ok;
        }

        public BusStatus Write(ulong offset, int size, ulong value)
        {
            if (size < 4)
            {
                return BusStatus.InvalidSize;
            }

            capability.Write((int)offset, size, value);
            return BusStatus.Ok;
        }
    }
}
