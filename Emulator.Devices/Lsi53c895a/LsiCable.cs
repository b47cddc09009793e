namespace Emulator.Devices;

/// <summary>The cable to the targets, of which every so many bytes come with bad parity: broken on purpose. On the I/O thread.</summary>
internal sealed class LsiCable
{
    private readonly uint _every;
    private uint _left;

    /// <summary>A cable.</summary>
    /// <param name="every">One byte of so many, counted over all that arrives; 0 for none.</param>
    public LsiCable(uint every) => (_every, _left) = (every, every);

    /// <summary>True if one of the bytes that have arrived has bad parity.</summary>
    /// <param name="bytes">How many they are.</param>
    public bool Damages(int bytes)
    {
        if (_every == 0)
        {
            return false;
        }

        var arrived = (uint)bytes;
        var isDamaged = arrived >= _left;
        _left = isDamaged ? _every - ((arrived - _left) % _every) : _left - arrived;
        return isDamaged;
    }
}
