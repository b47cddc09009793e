using System.Numerics;
using Emulator.Memory;

namespace Emulator.Devices;

/// <summary>The ports of virtio before 1.0 (virtio 1.2, 4.1.4.10): a header, two words more while MSI-X is enabled, the device's configuration.</summary>
internal sealed class VirtioPciLegacy : IBusTarget, IRegisterBehaviour<VirtioLegacyRegister>
{
    private readonly VirtioPciFunction _function;
    private readonly RegisterFile<VirtioLegacyRegister> _registers;

    // Under the lock.
    private bool _resetWritten;

    public VirtioPciLegacy(VirtioPciFunction function)
    {
        _function = function;
        _registers = new RegisterFile<VirtioLegacyRegister>(VirtioPciRegisters.LegacyLength, VirtioPciRegisters.Legacy, this);
        Length = (int)BitOperations.RoundUpToPowerOf2((uint)(VirtioPciRegisters.LegacyLength + function.Device.Configuration.Length));
    }

    /// <summary>Ports.</summary>
    public int Length { get; }

    /// <summary>As it was made. Under the lock.</summary>
    public void Reset() => _registers.Reset();

    /// <inheritdoc/>
    public BusStatus Read(ulong offset, int size, out ulong value)
    {
        lock (_function.Lock)
        {
            var (isConfiguration, at) = Place(offset, size);
            if (at < 0)
            {
                value = 0;
                return BusStatus.InvalidSize;
            }

            if (!isConfiguration)
            {
                return _registers.Read(offset, size, out value);
            }

            value = _function.ReadConfiguration(at, size);
            return BusStatus.Ok;
        }
    }

    /// <inheritdoc/>
    public BusStatus Write(ulong offset, int size, ulong value)
    {
        bool wasReset;
        var status = BusStatus.Ok;
        lock (_function.Lock)
        {
            var (isConfiguration, at) = Place(offset, size);
            if (at < 0)
            {
                return BusStatus.InvalidSize;
            }

            if (isConfiguration)
            {
                _function.WriteConfiguration(at, size, value);
            }
            else
            {
                status = _registers.Write(offset, size, value);
            }

            (wasReset, _resetWritten) = (_resetWritten, false);
        }

        if (wasReset)
        {
            // Waits for the I/O thread, so never under the lock.
            _function.ResetFunction();
        }

        return status;
    }

    /// <inheritdoc/>
    ulong IRegisterBehaviour<VirtioLegacyRegister>.ReadRegister(VirtioLegacyRegister register, ulong value, ulong lanes) => register switch
    {
        VirtioLegacyRegister.DeviceFeatures => (uint)_function.LegacyFeatures,
        VirtioLegacyRegister.DriverFeatures => (uint)_function.Accepted,
        VirtioLegacyRegister.QueuePage => Selected?.LegacyPage ?? 0,
        VirtioLegacyRegister.QueueSize => Selected is null ? 0 : (ulong)_function.Device.QueueSize,
        VirtioLegacyRegister.Status => (ulong)_function.Status,
        VirtioLegacyRegister.InterruptStatus => _function.TakeInterruptStatus(),
        VirtioLegacyRegister.ConfigurationVector => _function.ConfigurationVector,
        VirtioLegacyRegister.QueueVector => Selected?.Vector ?? VirtioPciRegisters.NoVector,
        _ => value,
    };

    /// <inheritdoc/>
    void IRegisterBehaviour<VirtioLegacyRegister>.WriteRegister(VirtioLegacyRegister register, ulong written, ulong lanes)
    {
        switch (register)
        {
            case VirtioLegacyRegister.DriverFeatures:
                _function.AcceptLegacy((VirtioFeatures)(((ulong)_function.Accepted & ~lanes & uint.MaxValue) | written));
                break;
            case VirtioLegacyRegister.QueuePage when Selected is { } queue:
                WritePage(queue, (uint)((queue.LegacyPage & ~lanes) | written));
                break;
            case VirtioLegacyRegister.QueueNotify:
                _function.Notify(written);
                break;
            case VirtioLegacyRegister.Status:
                _resetWritten |= _function.WriteStatus((VirtioStatus)written, isLegacy: true);
                break;
            case VirtioLegacyRegister.ConfigurationVector:
                _function.ConfigurationVector = (ushort)((_function.ConfigurationVector & ~lanes) | written);
                break;
            case VirtioLegacyRegister.QueueVector when Selected is { } queue:
                queue.Vector = _function.ExistingVector((ushort)((queue.Vector & ~lanes) | written));
                break;
            default:
                break;
        }
    }

    private VirtioPciQueue? Selected =>
        _registers[VirtioLegacyRegister.QueueSelect] is var number && number < (ulong)_function.Queues.Length ? _function.Queues[(int)number] : null;

    // A queue that is taken away takes all with it, as under QEMU: drivers do that behind a reset only. One that is there does not move.
    private void WritePage(VirtioPciQueue queue, uint page)
    {
        if (page == 0)
        {
            _resetWritten |= queue.LegacyPage != 0;
        }
        else if (!queue.IsEnabled)
        {
            queue.Layout = VirtqueueLayout.Legacy(page, _function.Device.QueueSize);
            (queue.LegacyPage, queue.IsEnabled) = (page, true);
        }
    }

    // Where an access is; less than 0 if it is in both parts.
    private (bool IsConfiguration, int At) Place(ulong offset, int size)
    {
        var start = VirtioPciRegisters.LegacyConfiguration(_function.HasMessages);
        var at = (int)offset;
        return at >= start ? (true, at - start) : at + size <= start ? (false, at) : (false, -1);
    }
}
