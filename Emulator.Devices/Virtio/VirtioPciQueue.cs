namespace Emulator.Devices;

/// <summary>A queue as the transport keeps it: what the driver has written of it, and the work that serves it. Under the transport's lock.</summary>
internal sealed class VirtioPciQueue(VirtioPciFunction function, int number) : IoWork
{
    private volatile bool _isEnabled;
    private volatile ushort _vector = VirtioPciRegisters.NoVector;

    /// <summary>The rings, on the I/O thread.</summary>
    public Virtqueue Rings { get; } = new(number);

    /// <summary>Entries, and where the rings are.</summary>
    public VirtqueueLayout Layout { get; set; }

    /// <summary>True from when it is enabled, by either interface, to the reset. Any thread.</summary>
    public bool IsEnabled
    {
        get => _isEnabled;
        set => _isEnabled = value;
    }

    /// <summary>Enabled through the legacy interface, by this page; 0 if it was not.</summary>
    public uint LegacyPage { get; set; }

    /// <summary>The MSI-X vector. Any thread.</summary>
    public ushort Vector
    {
        get => _vector;
        set => _vector = value;
    }

    /// <summary>As it was made. With no work running.</summary>
    /// <param name="size">Entries.</param>
    public void Reset(int size)
    {
        Rings.Stop();
        Layout = new VirtqueueLayout(0, 0, 0, size);
        (IsEnabled, LegacyPage, Vector) = (false, 0, VirtioPciRegisters.NoVector);
    }

    protected internal override void Run() => function.Serve(this);
}
