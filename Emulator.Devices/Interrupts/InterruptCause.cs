using Emulator.Memory;
using Emulator.Pci;

namespace Emulator.Devices;

/// <summary>A cause word and a mask word over an interrupt line, as most controllers have: the line is on while some cause is set that the mask lets through.</summary>
/// <remarks>
/// <para>Causes are raised on an I/O thread while the driver masks, unmasks and clears on a vCPU's. Raise stores the cause
/// and then loads the mask; SetMask stores the mask and then loads the cause; between store and load each needs a full
/// fence, or both could find the other's old word and nobody would drive the line (shape SB). The store of each is an
/// interlocked operation, and that is the fence: x64 LOCK OR and XCHG, on arm64 with its barrier.</para>
/// <para>The lock below it is not what decides that. It keeps the line at the level of the words: whoever drives the line
/// looks at them again inside, so that the last to drive it has seen the latest. It stands where the interrupt router's
/// does in the order of locks, behind the device's.</para>
/// </remarks>
/// <param name="line">What it drives: the function's INTx, or whatever turns a level into messages.</param>
public sealed class InterruptCause(InterruptLine line)
{
    private readonly Lock _driving = new();
    private uint _cause;
    private uint _mask;
    private bool _level;

    /// <summary>The causes that are set, enabled or not. Any thread.</summary>
    public uint Cause => Volatile.Read(ref _cause);

    /// <summary>The causes that reach the line: a 1 lets one through. Any thread.</summary>
    public uint Mask => Volatile.Read(ref _mask);

    /// <summary>True while some cause is set that the mask lets through. Any thread.</summary>
    public bool IsAsserted => (Cause & Mask) != 0;

    /// <summary>Sets causes. Any thread.</summary>
    /// <param name="bits">A bit each.</param>
    public void Raise(uint bits)
    {
        // Full fence; pairs with the exchange in SetMask.
        Interlocked.Or(ref _cause, bits);
        if ((bits & Volatile.Read(ref _mask)) != 0)
        {
            Drive();
        }
    }

    /// <summary>
    /// As <see cref="Raise"/>, broken on purpose (<see cref="InterruptSites.MaskRecheck"/>): without a fence the load of the mask may be
    /// done before the cause is visible, and so it is. On an I/O thread, with no lock held.
    /// </summary>
    /// <param name="bits">A bit each.</param>
    public void RaiseUnfenced(uint bits)
    {
        var mask = Volatile.Read(ref _mask);
        Turn.SwitchPoint();
        Interlocked.Or(ref _cause, bits);
        if ((bits & mask) != 0)
        {
            Drive();
        }
    }

    /// <summary>Says which causes reach the line. Any thread, as a rule under the lock of the device.</summary>
    /// <param name="bits">A 1 for each that does.</param>
    public void SetMask(uint bits)
    {
        // Full fence; pairs with the OR in Raise.
        Interlocked.Exchange(ref _mask, bits);
        Drive();
    }

    /// <summary>Clears causes. Any thread, as a rule under the lock of the device.</summary>
    /// <param name="bits">A bit each.</param>
    /// <returns>The causes as they were, for a register that clears as it is read: none that was raised is in neither this nor the next result.</returns>
    public uint Clear(uint bits)
    {
        var before = Interlocked.And(ref _cause, ~bits);
        Drive();
        return before;
    }

    /// <summary>Clears both words, and the line with them. Any thread.</summary>
    public void Reset()
    {
        Interlocked.Exchange(ref _mask, 0);
        Clear(uint.MaxValue);
    }

    private void Drive()
    {
        lock (_driving)
        {
            var level = IsAsserted;
            if (level != _level)
            {
                _level = level;
                line.Set(level);
            }
        }
    }
}
