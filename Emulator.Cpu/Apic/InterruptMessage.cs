namespace Emulator.Cpu;

/// <summary>An interrupt on its way to local APICs.</summary>
/// <param name="Mode">How it is delivered.</param>
/// <param name="Vector">0–255; 0–15 are errors where a vector is meant.</param>
/// <param name="Destination">An APIC ID, a set of logical IDs, or 255 for all.</param>
/// <param name="IsLogical">True if <paramref name="Destination"/> is compared with LDR by the format in DFR.</param>
/// <param name="IsLevel">True if the end of this interrupt must be told to the I/O APICs.</param>
public readonly record struct InterruptMessage(DeliveryMode Mode, byte Vector, byte Destination, bool IsLogical, bool IsLevel)
{
    /// <summary>The destination that is everybody.</summary>
    public const byte Broadcast = 0xFF;

    // Address (SDM volume 3, figure 11-14).
    private const int DestinationShift = 12;
    private const ulong RedirectionHint = 1 << 3;
    private const ulong LogicalMode = 1 << 2;

    /// <summary>Takes a posted message apart (SDM volume 3, 11.11).</summary>
    /// <param name="address">Bits 19–12: destination; bit 3: one of them only, if bit 2 says that they are logical.</param>
    /// <param name="data">Bits 7–0: vector; 10–8: mode; 15: level-triggered; 14: level asserted.</param>
    /// <param name="message">What it says.</param>
    /// <returns>False if it says nothing: a level taken back.</returns>
    public static bool TryParse(ulong address, uint data, out InterruptMessage message)
    {
        var isLogical = (address & LogicalMode) != 0;
        var isLevel = (data & CommandBits.Level) != 0;
        var mode = (DeliveryMode)(data >> CommandBits.ModeShift & 7);
        if (mode == DeliveryMode.Fixed && isLogical && (address & RedirectionHint) != 0)
        {
            mode = DeliveryMode.LowestPriority;
        }

        message = new InterruptMessage(mode, (byte)data, (byte)(address >> DestinationShift), isLogical, isLevel);
        return !isLevel || (data & CommandBits.Assert) != 0;
    }

    /// <summary>Takes the two halves of ICR apart. Trigger and level mean something to INIT only.</summary>
    internal static InterruptMessage FromCommand(uint low, uint high) =>
        new((DeliveryMode)(low >> CommandBits.ModeShift & 7), (byte)low, (byte)(high >> 24), (low & CommandBits.Logical) != 0, false);
}
