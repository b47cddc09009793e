namespace Emulator.Devices;

// How driver and device come to an agreement (virtio 1.2, 3.1), by either interface. Everything under the lock.
public sealed partial class VirtioPciFunction
{
    private const VirtioStatus ByDriver =
        VirtioStatus.Acknowledge | VirtioStatus.Driver | VirtioStatus.FeaturesOk | VirtioStatus.DriverOk | VirtioStatus.Failed;

    private VirtioStatus _status;
    private VirtioFeatures _accepted;   // As the driver writes them, 32 at a time.
    private VirtioFeatures _features;   // As they were agreed on.

    /// <summary>The device status.</summary>
    internal VirtioStatus Status => _status;

    /// <summary>What is offered through the structures of 1.0 and later.</summary>
    internal VirtioFeatures ModernFeatures => CommonFeatures | VirtioFeatures.Version1;

    /// <summary>What is offered through the legacy ports.</summary>
    internal VirtioFeatures LegacyFeatures => CommonFeatures | VirtioFeatures.NotifyOnEmpty | VirtioFeatures.AnyLayout;

    /// <summary>What the driver has written of the features.</summary>
    internal VirtioFeatures Accepted => _accepted;

    /// <summary>True while a modern driver may set its queues up: not before the features are agreed on, not once it runs (4.1.4.3.2).</summary>
    internal bool IsSettingUp => _status == (VirtioStatus.Acknowledge | VirtioStatus.Driver | VirtioStatus.FeaturesOk);

    private VirtioFeatures CommonFeatures =>
        _device.Features
        | (Options.HasIndirectDescriptors ? VirtioFeatures.IndirectDescriptors : 0)
        | (Options.HasEventIndex ? VirtioFeatures.EventIndex : 0);

    /// <summary>A modern driver accepts features; no more once they are agreed on.</summary>
    internal void Accept(VirtioFeatures features)
    {
        if ((_status & VirtioStatus.FeaturesOk) == 0)
        {
            _accepted = features;
        }
    }

    /// <summary>A legacy driver accepts features: there is no way to say no, so what was not offered is not there.</summary>
    internal void AcceptLegacy(VirtioFeatures features)
    {
        if ((_status & (VirtioStatus.FeaturesOk | VirtioStatus.DriverOk)) == 0)
        {
            _accepted = (features & VirtioFeatures.Bad) != 0 ? 0 : features & LegacyFeatures;
            _features = _accepted;
        }
    }

    /// <summary>The driver writes the device status. It never takes a bit back, but by a reset.</summary>
    /// <param name="written">What.</param>
    /// <param name="isLegacy">By which interface.</param>
    /// <returns>True if the device is to be reset, which is done without the lock.</returns>
    internal bool WriteStatus(VirtioStatus written, bool isLegacy)
    {
        if (written == 0)
        {
            return true;
        }

        written &= ByDriver & ~_status;
        if (!isLegacy)
        {
            if ((written & VirtioStatus.FeaturesOk) != 0 && !TryAgree())
            {
                written &= ~VirtioStatus.FeaturesOk;
            }

            if (((written | _status) & VirtioStatus.FeaturesOk) == 0)
            {
                written &= ~VirtioStatus.DriverOk;
            }
        }
        else
        {
            written &= ~VirtioStatus.FeaturesOk;
        }

        _status |= written;
        if ((written & VirtioStatus.DriverOk) != 0)
        {
            // Whatever is available already, and whether the rings are memory at all.
            PostAll();
        }

        return false;
    }

    // All of them offered, and the version that is spoken here.
    private bool TryAgree()
    {
        if ((_accepted & ~ModernFeatures) != 0 || (_accepted & VirtioFeatures.Version1) == 0)
        {
            return false;
        }

        _features = _accepted;
        return true;
    }

    // A legacy driver may well notify before it says that it is ready (3.1.1).
    private bool IsLive(VirtioPciQueue queue) =>
        queue.IsEnabled && (_status & VirtioStatus.NeedsReset) == 0 && (queue.LegacyPage != 0 || (_status & VirtioStatus.DriverOk) != 0);

    /// <summary>Reads the device's configuration; ones behind its end.</summary>
    internal ulong ReadConfiguration(int offset, int size)
    {
        ulong value = 0;
        var bytes = _device.Configuration;
        for (var i = 0; i < size; i++)
        {
            value |= (ulong)(offset + i < bytes.Length ? bytes[offset + i] : 0xFF) << (i * 8);
        }

        return value;
    }

    /// <summary>Writes the device's configuration.</summary>
    internal void WriteConfiguration(int offset, int size, ulong value)
    {
        for (var i = 0; i < size && offset + i < _device.Configuration.Length; i++)
        {
            _device.WriteConfiguration(offset + i, (byte)(value >> (i * 8)), _features);
        }
    }
}
