using Emulator.Memory;
using Emulator.Pci;

namespace Emulator.Devices;

/// <summary>What a vendor capability tells of (virtio 1.2, 4.1.4).</summary>
internal enum VirtioPciStructure : byte
{
    /// <summary>The common configuration.</summary>
    Common = 1,

    /// <summary>The notification registers.</summary>
    Notification = 2,

    /// <summary>The status of interrupts.</summary>
    InterruptStatus = 3,

    /// <summary>The device's configuration.</summary>
    Device = 4,

    /// <summary>Access to the window by way of the configuration space.</summary>
    ConfigurationAccess = 5,
}

/// <summary>Access to the window by way of the configuration space (virtio 1.2, 4.1.4.9): the driver says where in which BAR, and reads or writes the data.</summary>
internal sealed class VirtioPciConfigurationAccess
{
    /// <summary>Bytes from the capability to the number of the BAR.</summary>
    public const int Bar = 4;

    /// <summary>To the offset in it.</summary>
    public const int Offset = 8;

    /// <summary>To the length: 1, 2 or 4.</summary>
    public const int Length = 12;

    private const int Data = 16;

    private readonly ConfigSpace _config;
    private readonly int _at;
    private readonly IBusTarget _window;

    /// <summary>The capability at a place, and the window that it reaches.</summary>
    public VirtioPciConfigurationAccess(ConfigSpace config, int at, IBusTarget window)
    {
        (_config, _at, _window) = (config, at, window);
        config.Define(at + Bar, 1, 0, 0xFF);
        config.Define(at + Offset, 4, 0, 0xFFFF_FFFF);
        config.Define(at + Length, 4, 0, 0xFFFF_FFFF);
        config.Define(at + Data, 4, 0, 0xFFFF_FFFF);
    }

    /// <summary>Configuration is about to be read: if the data is, it is fetched.</summary>
    /// <returns>True if a register of the window was read.</returns>
    public bool IsRead(int offset, int size)
    {
        if (!IsData(offset, size) || !TryPlace(out var place, out var width) || _window.Read(place, width, out var value) != BusStatus.Ok)
        {
            return false;
        }

        _config.Set(_at + Data, 4, (uint)value & Ones(width));
        return true;
    }

    /// <summary>Configuration has been written: if the data was, it is put where it belongs.</summary>
    public void Written(int offset, int size)
    {
        if (IsData(offset, size) && TryPlace(out var place, out var width))
        {
            _window.Write(place, width, _config.Read(_at + Data, 4) & Ones(width));
        }
    }

    private static uint Ones(int bytes) => uint.MaxValue >> (32 - (bytes * 8));

    private bool IsData(int offset, int size) => offset < _at + Data + 4 && offset + size > _at + Data;

    private bool TryPlace(out ulong place, out int width)
    {
        place = _config.Read(_at + Offset, 4);
        var length = _config.Read(_at + Length, 4);
        width = (int)length;
        return _config.ReadByte(_at + Bar) == VirtioPciRegisters.ModernWindow && length is 1 or 2 or 4
            && place % length == 0 && place + length <= VirtioPciRegisters.ModernLength;
    }
}
