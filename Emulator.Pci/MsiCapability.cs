using System.Numerics;

namespace Emulator.Pci;

/// <summary>Message-signalled interrupts in configuration space, capability 05h (PCI 3.0, 6.8.1).</summary>
/// <remarks>
/// <para>A 64-bit address always; masks and pending bits if asked for. While the guest has it enabled the INTx pin is
/// silent.</para>
/// <para>A message may be signalled on an I/O thread while a vCPU masks, unmasks or changes the address. One lock decides
/// both tests, of the mask and of the pending bit, so none is lost and none sent twice; a message is sent inside it, so
/// that behind the write of a mask no older one arrives. The lock comes after the bus's and the device's, where the
/// interrupt router's stands.</para>
/// </remarks>
public sealed class MsiCapability
{
    /// <summary>Capability ID.</summary>
    public const byte Id = 0x05;

    /// <summary>The most messages a function has.</summary>
    public const int MostVectors = 32;

    internal const int Control = 0x02;
    internal const int AddressLow = 0x04;
    internal const int AddressHigh = 0x08;
    internal const int Data = 0x0C;
    internal const int MaskBits = 0x10;
    internal const int PendingBits = 0x14;
    internal const uint Enable = 1 << 0;

    private const int CapableShift = 1;
    private const int EnabledShift = 4;
    private const uint EnabledMask = 7 << EnabledShift;
    private const uint Is64Bit = 1 << 7;
    private const uint HasMasks = 1 << 8;
    private const int LengthWithoutMasks = 0x0E;
    private const int LengthWithMasks = 0x18;

    private readonly PciFunction _function;
    private readonly int _offset;
    private readonly bool _masks;
    private readonly Lock _lock = new();

    internal MsiCapability(PciFunction function, int offset, int vectors, bool perVectorMasking)
    {
        (_function, _offset, Vectors, _masks) = (function, offset, vectors, perVectorMasking);
        var config = function.Config;
        var capable = (uint)BitOperations.Log2((uint)vectors) << CapableShift;
        config.Define(offset + Control, 2, capable | Is64Bit | (perVectorMasking ? HasMasks : 0), Enable | EnabledMask);
        config.Define(offset + AddressLow, 4, 0, 0xFFFFFFFC);
        config.Define(offset + AddressHigh, 4, 0, 0xFFFFFFFF);
        config.Define(offset + Data, 2, 0, 0xFFFF);
        if (perVectorMasking)
        {
            config.Define(offset + MaskBits, 4, 0, uint.MaxValue >> (MostVectors - vectors));
        }
    }

    /// <summary>The messages the function has: 1, 2, 4, 8, 16 or 32.</summary>
    public int Vectors { get; }

    /// <summary>The messages the guest has allocated to it, at most <see cref="Vectors"/>. Any thread.</summary>
    public int Allocated =>
        Math.Min(1 << (int)((_function.Config.ReadWord(_offset + Control) & EnabledMask) >> EnabledShift), Vectors);

    /// <summary>True while the guest wants messages and no INTx. Any thread.</summary>
    public bool IsEnabled => (_function.Config.ReadWord(_offset + Control) & Enable) != 0;

    private uint Masked => _masks ? _function.Config.Read(_offset + MaskBits, 4) : 0;

    /// <summary>Signals an event: sends its message behind the function's DMA, or keeps it pending while it is masked. Any thread.</summary>
    /// <param name="vector">From 0. Where the guest allocated fewer, the low bits choose; one that the function does not have sends nothing.</param>
    /// <returns>False if the guest has not enabled messages: the event is INTx's then.</returns>
    public bool Signal(int vector)
    {
        lock (_lock)
        {
            if (!IsEnabled)
            {
                return false;
            }

            if ((uint)vector < (uint)Vectors)
            {
                vector &= Allocated - 1;
                if ((Masked & (1U << vector)) == 0)
                {
                    Send(vector);
                }
                else
                {
                    SetPending(1U << vector, true);
                }
            }

            return true;
        }
    }

    /// <summary>Takes a pending message back, because its event was served another way (PCI 3.0, 6.8.1.9). Any thread.</summary>
    /// <param name="vector">As for <see cref="Signal"/>.</param>
    public void Withdraw(int vector)
    {
        lock (_lock)
        {
            if ((uint)vector < (uint)Vectors && _masks)
            {
                SetPending(1U << (vector & (Allocated - 1)), false);
            }
        }
    }

    internal static int Length(bool perVectorMasking) => perVectorMasking ? LengthWithMasks : LengthWithoutMasks;

    /// <summary>The guest has written configuration: sends what is pending and no longer masked. Under the bus lock.</summary>
    internal void OnConfigWritten(int offset, int size)
    {
        if (offset >= _offset + Length(_masks) || offset + size <= _offset)
        {
            return;
        }

        // Also waits for a message that was on its way under the old mask.
        lock (_lock)
        {
            var ready = IsEnabled && _masks ? _function.Config.Read(_offset + PendingBits, 4) & ~Masked : 0;
            SetPending(ready, false);
            for (; ready != 0; ready &= ready - 1)
            {
                Send(BitOperations.TrailingZeroCount(ready));
            }
        }
    }

    /// <summary>
    /// Disables and forgets, before configuration goes back to its reset values: so no message goes to an address half of
    /// which is reset already. Under the bus lock.
    /// </summary>
    internal void Reset()
    {
        lock (_lock)
        {
            _function.Config.SetBits(_offset + Control, 2, Enable, 0);
            SetPending(uint.MaxValue, false);
        }
    }

    private void SetPending(uint bits, bool pending)
    {
        if (_masks && bits != 0)
        {
            _function.Config.SetBits(_offset + PendingBits, 4, bits, pending ? bits : 0);
        }
    }

    private void Send(int vector)
    {
        var config = _function.Config;
        var address = ((ulong)config.Read(_offset + AddressHigh, 4) << 32) | config.Read(_offset + AddressLow, 4);

        // The function changes as many low bits of the data as choose among what was allocated, bits 31:16 are zero.
        var data = (config.ReadWord(_offset + Data) & ~((uint)Allocated - 1)) | (uint)vector;
        _function.SendMessage(address, data);
    }
}
