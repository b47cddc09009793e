using System.Buffers.Binary;
using System.Collections.Concurrent;
using Emulator.Memory;
using Emulator.Pci;

namespace Emulator.Devices.Tests;

/// <summary>A bus with RAM, ROM, a window for messages, and a virtio block device on it; no processor. The test is the driver.</summary>
internal sealed class VirtioBoard : FunctionBoard<VirtioPciFunction>
{
    public const ulong RamSize = 16 << 20;
    public const ulong Messages = 0xFEE0_0000;
    public const ulong Modern = 0xFE80_0000;
    public const ulong Table = 0xFE90_0000;
    public const ushort Port = 0xC000;
    public const int DiskLength = 8 << 20;

    private readonly MessageWindow _window = new();

    public VirtioBoard(
        VirtioBlkOptions? options = null,
        VirtioPciOptions? transport = null,
        IBlockBackEnd? backEnd = null,
        DiskProperties? properties = null,
        DmaOrdering ordering = DmaOrdering.Full)
        : base(RamSize, ordering)
    {
        Memory.AddMmio("messages", Messages, 0x10_0000, _window);
        BackEnd = backEnd ?? new RamBackEnd(DiskLength);
        options ??= new VirtioBlkOptions();
        Disk = new Disk(BackEnd, properties ?? new DiskProperties { Serial = "serial number" });
        Plug(new VirtioPciFunction("disk", Thread, new VirtioBlkDevice(Disk, options), transport ?? new VirtioPciOptions { Vectors = options.Queues + 1 }));
    }

    public Disk Disk { get; }

    public IBlockBackEnd BackEnd { get; }

    /// <summary>The data of the messages that were sent.</summary>
    public ConcurrentQueue<uint> Sent => _window.Sent;

    public VirtioStatus Status => (VirtioStatus)this[VirtioPciRegister.Status];

    public bool NeedsReset => (Status & VirtioStatus.NeedsReset) != 0;

    /// <summary>A register of the common configuration, in its own size.</summary>
    public ulong this[VirtioPciRegister register]
    {
        get => Load(Modern + (ulong)register, SizeOf(register));
        set => Store(Modern + (ulong)register, value, SizeOf(register));
    }

    /// <summary>A register of the legacy interface, in its own size.</summary>
    public uint this[VirtioLegacyRegister register]
    {
        get => In((ushort)register, SizeOf(register));
        set => Out((ushort)register, value, SizeOf(register));
    }

    /// <summary>The place of a capability, of a structure if it is a vendor's; 0 if there is none.</summary>
    public int Capability(int id, int structure = 0)
    {
        for (var at = (int)Config(PciRegister.CapabilitiesPointer, 1); at != 0; at = (int)Config(at + 1, 1))
        {
            if (Config(at, 1) == id && (structure == 0 || Config(at + 3, 1) == structure))
            {
                return at;
            }
        }

        return 0;
    }

    /// <summary>Enables messages, each with its number as its data.</summary>
    public void EnableMessages(int vectors)
    {
        for (var i = 0; i < vectors; i++)
        {
            Store(Table + (ulong)(i * 16), Messages);
            Store(Table + (ulong)(i * 16) + 4, 0);
            Store(Table + (ulong)(i * 16) + 8, (ulong)i);
            Store(Table + (ulong)(i * 16) + 12, 0);
        }

        SetConfig(Capability(0x11) + 2, 2, 0x8000);
    }

    public uint In(ushort offset, int size)
    {
        Ports.Read((ushort)(Port + offset), size, out var value);
        return (uint)value;
    }

    public void Out(ushort offset, uint value, int size) => Ports.Write((ushort)(Port + offset), size, value);

    /// <summary>A word of the device's configuration.</summary>
    public ulong Device(int offset, int size) => Load(Modern + VirtioPciRegisters.Configuration + (ulong)offset, size);

    /// <summary>What is offered to a modern driver.</summary>
    public VirtioFeatures Offered
    {
        get
        {
            this[VirtioPciRegister.DeviceFeatureSelect] = 0;
            var low = this[VirtioPciRegister.DeviceFeature];
            this[VirtioPciRegister.DeviceFeatureSelect] = 1;
            return (VirtioFeatures)(low | (this[VirtioPciRegister.DeviceFeature] << 32));
        }
    }

    /// <summary>From a reset to FEATURES_OK, with these features; false if they are refused.</summary>
    public bool Negotiate(VirtioFeatures features)
    {
        this[VirtioPciRegister.Status] = 0;
        Assert.Equal(0UL, this[VirtioPciRegister.Status]);
        this[VirtioPciRegister.Status] = (ulong)VirtioStatus.Acknowledge;
        this[VirtioPciRegister.Status] = (ulong)(VirtioStatus.Acknowledge | VirtioStatus.Driver);
        for (ulong half = 0; half < 2; half++)
        {
            this[VirtioPciRegister.DriverFeatureSelect] = half;
            this[VirtioPciRegister.DriverFeature] = (uint)((ulong)features >> (int)(half * 32));
        }

        this[VirtioPciRegister.Status] = (ulong)(VirtioStatus.Acknowledge | VirtioStatus.Driver | VirtioStatus.FeaturesOk);
        return (Status & VirtioStatus.FeaturesOk) != 0;
    }

    /// <summary>Negotiates, sets up so many queues, and lets them go.</summary>
    public VirtioQueueDriver[] Start(VirtioFeatures? features = null, int queues = 1, int size = 16)
    {
        var wanted = features ?? (Offered & ~VirtioFeatures.EventIndex);
        Assert.True(Negotiate(wanted | VirtioFeatures.Version1));
        var drivers = Enumerable.Range(0, queues).Select(number => new VirtioQueueDriver(this, number, size, wanted)).ToArray();
        foreach (var driver in drivers)
        {
            driver.Enable();
        }

        this[VirtioPciRegister.Status] = (ulong)(VirtioStatus.Acknowledge | VirtioStatus.Driver | VirtioStatus.FeaturesOk | VirtioStatus.DriverOk);
        return drivers;
    }

    /// <summary>The beginning of a block request.</summary>
    public static byte[] Header(VirtioBlkType type, ulong sector)
    {
        var header = new byte[16];
        BinaryPrimitives.WriteUInt32LittleEndian(header, (uint)type);
        BinaryPrimitives.WriteUInt64LittleEndian(header.AsSpan(8), sector);
        return header;
    }

    protected override uint AddressOf(PciBar bar) => bar.Index switch { 0 => Port, 1 => (uint)Table, _ => (uint)Modern };

    protected override void Close() => BackEnd.Dispose();

    private static int SizeOf(VirtioPciRegister register)
    {
        foreach (var row in VirtioPciRegisters.Common)
        {
            if (row.Register == register)
            {
                return row.Size;
            }
        }

        return 4;
    }

    private static int SizeOf(VirtioLegacyRegister register)
    {
        foreach (var row in VirtioPciRegisters.Legacy)
        {
            if (row.Register == register)
            {
                return row.Size;
            }
        }

        return 4;
    }

    private sealed class MessageWindow : IBusTarget, IMessageTarget
    {
        public ConcurrentQueue<uint> Sent { get; } = new();

        public void Message(ulong address, uint data) => Sent.Enqueue(data);

        public BusStatus Read(ulong offset, int size, out ulong value)
        {
            value = 0;
            return BusStatus.Ok;
        }

        public BusStatus Write(ulong offset, int size, ulong value) => BusStatus.Ok;
    }
}
