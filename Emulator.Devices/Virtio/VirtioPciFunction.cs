using Emulator.Pci;

namespace Emulator.Devices;

/// <summary>A virtio device on the PCI bus (virtio 1.2, 4.1): modern, legacy, or both.</summary>
/// <remarks>
/// One lock, the transport's, for what the driver writes; the work of a queue takes it once, at its beginning. A queue is notified
/// without it. The queues and the device behind them are the I/O thread's.
/// </remarks>
public sealed partial class VirtioPciFunction : PciFunction, IDisposable
{
    private const ushort Vendor = 0x1AF4;
    private const ushort ModernDevices = 0x1040;

    private readonly VirtioDevice _device;
    private readonly VirtioPciQueue[] _queues;
    private readonly InterruptCause _causes;
    private readonly MsixCapability? _msix;
    private readonly VirtioPciLegacy? _legacy;
    private readonly VirtioPciModern? _modern;
    private readonly VirtioPciConfigurationAccess? _access;
    private volatile ushort _vector;

    // Under the lock.
    private int _resets;

    /// <summary>A function to put on a bus.</summary>
    /// <param name="name">What messages call it.</param>
    /// <param name="thread">Serves its queues.</param>
    /// <param name="device">What it is; it has no other transport.</param>
    /// <param name="options">Which interfaces and features it has.</param>
    public VirtioPciFunction(string name, IoThread thread, VirtioDevice device, VirtioPciOptions options)
        : base(name, Identity(device, options))
    {
        (_device, Options) = (device, options);
        _queues = [.. Enumerable.Range(0, device.Queues).Select(number => new VirtioPciQueue(this, number))];
        UseInterruptPin(1);
        if (options.HasLegacy)
        {
            _legacy = new VirtioPciLegacy(this);
            AddIoBar(VirtioPciRegisters.LegacyWindow, _legacy.Length, _legacy);
        }

        if (options.HasModern)
        {
            _modern = new VirtioPciModern(this);
            AddMemoryBar(VirtioPciRegisters.ModernWindow, VirtioPciRegisters.ModernLength, _modern, widest: 8, is64Bit: true);
            _access = new VirtioPciConfigurationAccess(Config, AddStructures(), _modern);
        }

        if (options.Vectors > 0)
        {
            _msix = AddMsix(VirtioPciRegisters.MessageWindow, options.Vectors);
        }

        _causes = new InterruptCause(Interrupt);
        Queue = new IoQueue(thread, name, Lock);
        device.Attach(this);
        Clear();
    }

    /// <summary>Which interfaces and features it has.</summary>
    public VirtioPciOptions Options { get; }

    /// <summary>The transport's lock.</summary>
    internal Lock Lock { get; } = new();

    /// <summary>Its place on its I/O thread.</summary>
    public IoQueue Queue { get; }

    /// <summary>What it is.</summary>
    internal VirtioDevice Device => _device;

    /// <summary>The queues.</summary>
    internal ReadOnlySpan<VirtioPciQueue> Queues => _queues;

    /// <summary>True if the guest wants messages and no INTx.</summary>
    internal bool HasMessages => _msix is { IsEnabled: true };

    /// <summary>The MSI-X vector of configuration changes.</summary>
    internal ushort ConfigurationVector
    {
        get => _vector;
        set => _vector = ExistingVector(value);
    }

    /// <summary>
    /// True unless there is a reset, or was one since the running work was posted. Work that is posted by others than the transport asks first. On the I/O
    /// thread, without the lock.
    /// </summary>
    public bool MayRun()
    {
        lock (Lock)
        {
            return !IsHalted;
        }
    }

    /// <summary>Has a queue served, once more or again. Any thread.</summary>
    /// <param name="queue">Which.</param>
    public void Post(Virtqueue queue)
    {
        ArgumentNullException.ThrowIfNull(queue);
        Queue.Post(_queues[queue.Number]);
    }

    /// <summary>Tells the driver of what was returned to a queue, if it wants to know, or that the queue is broken. On the I/O thread, without the lock.</summary>
    /// <param name="queue">Which.</param>
    public void Signal(Virtqueue queue)
    {
        ArgumentNullException.ThrowIfNull(queue);
        if (queue.TakeInterrupt() && _msix?.Signal(_queues[queue.Number].Vector) != true)
        {
            _causes.Raise((uint)VirtioInterrupts.Queue);
        }

        if (queue.IsBroken)
        {
            Break();
        }
    }

    /// <summary>Ends what runs. Before its thread is disposed; the guest no longer runs.</summary>
    public void Dispose() => Queue.Dispose();

    /// <inheritdoc/>
    protected override uint ReadConfig(int offset, int size)
    {
        if (_access is not null && _access.IsRead(offset, size))
        {
            CompleteRead();
        }

        return base.ReadConfig(offset, size);
    }

    /// <inheritdoc/>
    protected override void OnConfigWritten(int offset, int size)
    {
        _access?.Written(offset, size);
        if (offset <= PciRegister.Command && offset + size > PciRegister.Command)
        {
            // Queues that could not be started without the bus are now.
            PostAll();
        }
    }

    /// <inheritdoc/>
    protected override void OnReset() => ResetFunction();

    // Stops accepting, waits for what runs, then clears: nothing of the old is applied to what is new.
    internal void ResetFunction()
    {
        lock (Lock)
        {
            _resets++;
        }

        Queue.Reset(() =>
        {
            lock (Lock)
            {
                Clear();
                _device.Reset();
                _resets--;
            }
        });
    }

    /// <summary>A queue is to be looked at. Any thread, without the lock; a queue that there is not, or that is not enabled, is no error.</summary>
    internal void Notify(ulong number)
    {
        if (number < (ulong)_queues.Length && _queues[number].IsEnabled)
        {
            Queue.Post(_queues[number]);
        }
    }

    /// <summary>The queue's work.</summary>
    internal void Serve(VirtioPciQueue queue)
    {
        VirtqueueLayout layout;
        VirtioFeatures features;
        lock (Lock)
        {
            if (IsHalted || !IsLive(queue))
            {
                return;
            }

            (layout, features) = (queue.Layout, _features);
        }

        var rings = queue.Rings;
        if (rings.IsStarted || rings.TryStart(Dma, in layout, features))
        {
            _device.Serve(rings);
        }

        if (rings.IsBroken)
        {
            Break();
        }
    }

    // The causes that are read and cleared at once.
    internal byte TakeInterruptStatus() => (byte)_causes.Clear(uint.MaxValue);

    internal ushort ExistingVector(ushort vector) => vector < Options.Vectors ? vector : VirtioPciRegisters.NoVector;

    private static PciIdentity Identity(VirtioDevice device, VirtioPciOptions options)
    {
        ArgumentNullException.ThrowIfNull(device);
        ArgumentNullException.ThrowIfNull(options);
        return options.HasLegacy
            ? new PciIdentity(Vendor, device.TransitionalId, 0, device.ClassCode) { SubsystemId = device.Type }
            : new PciIdentity(Vendor, (ushort)(ModernDevices + device.Type), 1, device.ClassCode);
    }

    // The vendor capabilities that say where what is (4.1.4). Returns the place of the last: access by way of the configuration space.
    private int AddStructures()
    {
        const int Plain = 16;
        AddStructure(VirtioPciStructure.Common, Plain, 0, VirtioPciRegisters.CommonLength);
        AddStructure(VirtioPciStructure.InterruptStatus, Plain, VirtioPciRegisters.InterruptStatus, 1);
        AddStructure(VirtioPciStructure.Device, Plain, VirtioPciRegisters.Configuration, _device.Configuration.Length);
        var notify = AddStructure(
            VirtioPciStructure.Notification, Plain + 4, VirtioPciRegisters.Notification, _device.Queues * VirtioPciRegisters.NotifyMultiplier);
        Config.Define(notify + Plain, 4, VirtioPciRegisters.NotifyMultiplier);
        return AddStructure(VirtioPciStructure.ConfigurationAccess, Plain + 4, 0, 0);
    }

    private int AddStructure(VirtioPciStructure type, int size, int offset, int length)
    {
        const byte VendorSpecific = 0x09;
        var at = AddCapability(VendorSpecific, size);
        Config.Define(at + 2, 1, (uint)size);
        Config.Define(at + 3, 1, (uint)type);
        Config.Define(at + VirtioPciConfigurationAccess.Bar, 1, VirtioPciRegisters.ModernWindow);
        Config.Define(at + VirtioPciConfigurationAccess.Offset, 4, (uint)offset);
        Config.Define(at + VirtioPciConfigurationAccess.Length, 4, (uint)length);
        return at;
    }

    private bool IsHalted => Queue.IsStale || _resets > 0;

    // One queue that nothing can be believed of takes all with it.
    private void Break()
    {
        foreach (var queue in _queues)
        {
            queue.Rings.Break();
        }

        lock (Lock)
        {
            if (IsHalted || (_status & VirtioStatus.NeedsReset) != 0)
            {
                return;
            }

            _status |= VirtioStatus.NeedsReset;
        }

        _causes.Raise((uint)VirtioInterrupts.Configuration);
        _msix?.Signal(_vector);
    }

    private void PostAll()
    {
        foreach (var queue in _queues)
        {
            if (queue.IsEnabled)
            {
                Queue.Post(queue);
            }
        }
    }

    // With no work running.
    private void Clear()
    {
        (_status, _features, _accepted) = (0, 0, 0);
        _vector = VirtioPciRegisters.NoVector;
        foreach (var queue in _queues)
        {
            queue.Reset(_device.QueueSize);
        }

        _legacy?.Reset();
        _modern?.Reset();
        _causes.Reset();
        _causes.SetMask((uint)(VirtioInterrupts.Queue | VirtioInterrupts.Configuration));
    }
}
