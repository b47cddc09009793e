using Emulator.Memory;

namespace Emulator.Devices;

/// <summary>The window of virtio 1.0 and later: common configuration, status of interrupts, device configuration, notifications (virtio 1.2, 4.1.4).</summary>
internal sealed class VirtioPciModern : IBusTarget, IRegisterBehaviour<VirtioPciRegister>
{
    private readonly VirtioPciFunction _function;
    private readonly RegisterFile<VirtioPciRegister> _registers;

    // Under the lock.
    private bool _resetWritten;

    public VirtioPciModern(VirtioPciFunction function)
    {
        _function = function;
        _registers = new RegisterFile<VirtioPciRegister>(VirtioPciRegisters.CommonLength, VirtioPciRegisters.Common, this);
    }

    /// <summary>As it was made. Under the lock.</summary>
    public void Reset() => _registers.Reset();

    /// <inheritdoc/>
    public BusStatus Read(ulong offset, int size, out ulong value)
    {
        value = 0;
        switch (offset)
        {
            case < VirtioPciRegisters.InterruptStatus:
                lock (_function.Lock)
                {
                    return _registers.Read(offset, size, out value);
                }

            case VirtioPciRegisters.InterruptStatus:
                value = _function.TakeInterruptStatus();
                return BusStatus.Ok;
            case >= VirtioPciRegisters.Configuration and < VirtioPciRegisters.Notification:
                lock (_function.Lock)
                {
                    value = _function.ReadConfiguration((int)offset - VirtioPciRegisters.Configuration, size);
                    return BusStatus.Ok;
                }

            default:
                return BusStatus.Ok;
        }
    }

    /// <inheritdoc/>
    public BusStatus Write(ulong offset, int size, ulong value)
    {
        switch (offset)
        {
            case < VirtioPciRegisters.InterruptStatus:
                return WriteCommon(offset, size, value);
            case >= VirtioPciRegisters.Configuration and < VirtioPciRegisters.Notification:
                lock (_function.Lock)
                {
                    _function.WriteConfiguration((int)offset - VirtioPciRegisters.Configuration, size, value);
                    return BusStatus.Ok;
                }

            case >= VirtioPciRegisters.Notification:
                // Its place says which queue; what is written is the same number again.
                _function.Notify((offset - VirtioPciRegisters.Notification) / VirtioPciRegisters.NotifyMultiplier);
                return BusStatus.Ok;
            default:
                return BusStatus.Ok;
        }
    }

    /// <inheritdoc/>
    ulong IRegisterBehaviour<VirtioPciRegister>.ReadRegister(VirtioPciRegister register, ulong value, ulong lanes) => register switch
    {
        VirtioPciRegister.DeviceFeature => Half(_function.ModernFeatures, VirtioPciRegister.DeviceFeatureSelect),
        VirtioPciRegister.DriverFeature => Half(_function.Accepted, VirtioPciRegister.DriverFeatureSelect),
        VirtioPciRegister.ConfigurationVector => _function.ConfigurationVector,
        VirtioPciRegister.Queues => (ulong)_function.Queues.Length,
        VirtioPciRegister.Status => (ulong)_function.Status,
        VirtioPciRegister.QueueVector => Selected?.Vector ?? VirtioPciRegisters.NoVector,
        >= VirtioPciRegister.QueueSize => Selected is { } queue ? ReadQueue(queue, register) : 0,
        _ => value,
    };

    /// <inheritdoc/>
    void IRegisterBehaviour<VirtioPciRegister>.WriteRegister(VirtioPciRegister register, ulong written, ulong lanes)
    {
        switch (register)
        {
            case VirtioPciRegister.DriverFeature when _registers[VirtioPciRegister.DriverFeatureSelect] is var half and <= 1:
                var shift = (int)half * 32;
                _function.Accept((VirtioFeatures)(((ulong)_function.Accepted & ~(lanes << shift)) | (written << shift)));
                break;
            case VirtioPciRegister.ConfigurationVector:
                _function.ConfigurationVector = (ushort)((_function.ConfigurationVector & ~lanes) | written);
                break;
            case VirtioPciRegister.Status:
                _resetWritten |= _function.WriteStatus((VirtioStatus)written, isLegacy: false);
                break;
            case VirtioPciRegister.QueueVector when Selected is { } queue:
                queue.Vector = _function.ExistingVector((ushort)((queue.Vector & ~lanes) | written));
                break;
            case >= VirtioPciRegister.QueueSize when Selected is { IsEnabled: false } queue && _function.IsSettingUp:
                WriteQueue(queue, register, written, lanes);
                break;
            default:
                break;
        }
    }

    private VirtioPciQueue? Selected =>
        _registers[VirtioPciRegister.QueueSelect] is var number && number < (ulong)_function.Queues.Length ? _function.Queues[(int)number] : null;

    private BusStatus WriteCommon(ulong offset, int size, ulong value)
    {
        bool wasReset;
        BusStatus status;
        lock (_function.Lock)
        {
            status = _registers.Write(offset, size, value);
            (wasReset, _resetWritten) = (_resetWritten, false);
        }

        if (wasReset)
        {
            // Waits for the I/O thread, so never under the lock. Once it is done the status reads 0.
            _function.ResetFunction();
        }

        return status;
    }

    private ulong Half(VirtioFeatures features, VirtioPciRegister select) => _registers[select] switch
    {
        0 => (uint)features,
        1 => (ulong)features >> 32,
        _ => 0,
    };

    private static ulong ReadQueue(VirtioPciQueue queue, VirtioPciRegister register) => register switch
    {
        VirtioPciRegister.QueueSize => (ulong)queue.Layout.Size,
        VirtioPciRegister.QueueEnable => queue.IsEnabled ? 1UL : 0,
        VirtioPciRegister.QueueNotifyOffset => (ulong)queue.Rings.Number,
        VirtioPciRegister.QueueDescriptors => queue.Layout.Descriptors,
        VirtioPciRegister.QueueAvailable => queue.Layout.Available,
        _ => queue.Layout.Used,
    };

    // Of a queue that is not enabled. Whether the rings are where rings can be is found out when the driver is ready.
    private void WriteQueue(VirtioPciQueue queue, VirtioPciRegister register, ulong written, ulong lanes)
    {
        var layout = queue.Layout;
        switch (register)
        {
            case VirtioPciRegister.QueueSize:
                var size = (int)(((ulong)layout.Size & ~lanes) | written);
                if (int.IsPow2(size) && size <= _function.Device.QueueSize)
                {
                    queue.Layout = layout with { Size = size };
                }

                break;
            case VirtioPciRegister.QueueEnable:
                queue.IsEnabled = written == 1;
                break;
            case VirtioPciRegister.QueueDescriptors:
                queue.Layout = layout with { Descriptors = (layout.Descriptors & ~lanes) | written };
                break;
            case VirtioPciRegister.QueueAvailable:
                queue.Layout = layout with { Available = (layout.Available & ~lanes) | written };
                break;
            case VirtioPciRegister.QueueUsed:
                queue.Layout = layout with { Used = (layout.Used & ~lanes) | written };
                break;
            default:
                break;
        }
    }
}
