namespace Emulator.Devices;

/// <summary>A port whose bytes go to a debug console; one port, at 0xE9 or for SeaBIOS at 0x402.</summary>
/// <remarks>Thread-safe as far as <paramref name="output"/> is: it is called on the thread that wrote, several at once if the guest does so.</remarks>
/// <param name="output">Takes a byte; must not block for long.</param>
/// <param name="readback">What a read gives, by which guests find the port.</param>
public sealed class IsaDebugConsole(Action<byte> output, byte readback = IsaDebugConsole.DefaultReadback) : ByteWindow(1), IResettable
{
    /// <summary>What Bochs' port gives, and what guests look for.</summary>
    public const byte DefaultReadback = 0xE9;

    /// <summary>Nothing to reset.</summary>
    public void Reset()
    {
    }

    private protected override byte ReadByte(int offset) => readback;

    private protected override void WriteByte(int offset, byte value) => output(value);
}
