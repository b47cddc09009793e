using Emulator.Devices;

namespace Emulator.Fuzz.Targets;

/// <summary>A network controller: at work if it sends a frame and receives one.</summary>
public abstract class NicTarget : FuzzTarget
{
    // Longer than a PHY takes to find out who is at the other end.
    private const ulong Negotiation = 6_000_000_000;
    private const ulong Outgoing = 0x3F0000;

    private static readonly int[] s_lengths = [60, 1514];

    /// <summary>The station's address, in the EEPROM.</summary>
    protected static MacAddress Station { get; } = MacAddress.Default(0);

    /// <summary>Resets the device by its registers.</summary>
    protected abstract void ResetDevice(FuzzDriver driver);

    /// <summary>Gives it memory and turns it on; for receiving, the first place first.</summary>
    protected abstract void TurnOn(FuzzDriver driver);

    /// <summary>Has it send a frame that is in one piece.</summary>
    protected abstract void Transmit(FuzzDriver driver, ulong address, int length);

    /// <summary>What the driver finds in the next place for received frames, after <see cref="TurnOn"/>.</summary>
    /// <returns>The frame, or null if there is none.</returns>
    protected abstract byte[]? Received(LiveDriver driver);

    /// <inheritdoc/>
    public sealed override void SetUp(FuzzDriver driver)
    {
        ArgumentNullException.ThrowIfNull(driver);
        ResetDevice(driver);
        for (var i = 0; i < 8; i++)
        {
            driver.Mind(i) = 0;
        }

        TurnOn(driver);
        driver.Advance(Negotiation);
        driver.Run();
    }

    /// <inheritdoc/>
    public sealed override string? Check(LiveDriver driver)
    {
        ArgumentNullException.ThrowIfNull(driver);

        // Switched off it loses what is on the wire; what it was sending before is out.
        ResetDevice(driver);
        driver.Run();
        driver.TakeAll();
        SetUp(driver);
        foreach (var length in s_lengths)
        {
            var frame = new byte[length];
            new FuzzRandom((ulong)length).Fill(frame);
            frame.AsSpan(0, MacAddress.Size).Fill(0xFF);
            driver.Store(Outgoing, frame);
            Transmit(driver, Outgoing, length);
            driver.Run();
            var sent = driver.Take();
            if (sent is null || !sent.AsSpan().SequenceEqual(frame))
            {
                return Differs("sent", length, sent);
            }

            driver.Send(frame);
            driver.Run();
            var received = Received(driver);
            if (received is null || !received.AsSpan().SequenceEqual(frame))
            {
                return Differs("received", length, received);
            }
        }

        return null;
    }

    private static string Differs(string what, int length, byte[]? frame) =>
        $"a frame of {length} bytes is {(frame is null ? "not " + what : $"{what} as {frame.Length} bytes: {Convert.ToHexString(frame.AsSpan(0, Math.Min(frame.Length, 64)))}")}";
}
