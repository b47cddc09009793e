namespace Emulator.Devices.Tests;

/// <summary>A far end that keeps what it is sent, and has room for so much of it.</summary>
internal sealed class QueueBackend : ISerialBackend
{
    public List<byte> Sent { get; } = [];

    public int Room { get; set; } = int.MaxValue;

    public bool TryTransmit(byte value)
    {
        if (Room == 0)
        {
            return false;
        }

        Room--;
        Sent.Add(value);
        return true;
    }
}
