namespace Emulator.Devices;

/// <summary>The far end of a serial line: a terminal, a file, a socket.</summary>
/// <remarks>
/// What the far end sends goes in through <see cref="Uart16550.Receive"/>, on a thread of its own:
/// <code>
/// while (offset &lt; length)
/// {
///     offset += uart.Receive(buffer.AsSpan(offset, length - offset));
///     if (offset &lt; length) ready.WaitOne();      // an AutoResetEvent that Uart16550.ReceiveReady sets
/// }
/// </code>
/// </remarks>
public interface ISerialBackend
{
    /// <summary>Takes a byte the guest sent. Called with the UART's lock held, on the thread that wrote or on the one in <see cref="Uart16550.TransmitReady"/>.</summary>
    /// <returns>
    /// False if there is no room for it just now: the UART keeps it, the guest sees a full transmitter, and
    /// <see cref="Uart16550.TransmitReady"/> is to be called when there is. Must neither block nor call the UART.
    /// </returns>
    bool TryTransmit(byte value);
}
