using Emulator.Pci;

namespace Emulator.Devices.Tests.Rtl8139;

/// <summary>A controller on a board, and its driver: the test.</summary>
internal sealed class Rtl8139Board : IDisposable
{
    public const uint Ring = 0x10_0000;
    public const uint Buffers = 0x20_0000;
    public const uint Descriptors = 0x30_0000;
    public const uint TransmitDescriptors = 0x30_1000;
    public const uint HighDescriptors = 0x30_2000;

    public static readonly MacAddress Station = MacAddress.Default(7);

    private const Rtl8139Command On = Rtl8139Command.ReceiveEnable | Rtl8139Command.TransmitEnable;

    public Rtl8139Board(Rtl8139Variant variant = Rtl8139Variant.C)
    {
        Nic = new NicBoard<Rtl8139Function>((thread, clock, port) => new Rtl8139Function("rtl8139", variant, thread, clock, port, Station));
        Nic.Settle();
    }

    public static TheoryData<Rtl8139Variant> Variants => [Rtl8139Variant.C, Rtl8139Variant.CPlus];

    public NicBoard<Rtl8139Function> Nic { get; }

    public ulong Window { get; } = NicBoard<Rtl8139Function>.Window(1);

    public ushort Ports { get; } = NicBoard<Rtl8139Function>.Port(0);

    public Rtl8139Cause Causes => (Rtl8139Cause)Read(Rtl8139Register.InterruptStatus, 2);

    public bool IsRingEmpty => ((Rtl8139Command)Read(Rtl8139Register.Command, 1) & Rtl8139Command.BufferEmpty) != 0;

    /// <summary>A board whose receiver and transmitter are on, with ring and filter for this station and broadcasts.</summary>
    public static Rtl8139Board Started(Rtl8139ReceiveConfiguration more = 0, Rtl8139Variant variant = Rtl8139Variant.C)
    {
        var board = new Rtl8139Board(variant);
        board.Start(more);
        return board;
    }

    /// <summary>A board that receives and sends by descriptors in memory.</summary>
    public static Rtl8139Board StartedCPlus(Rtl8139CPlusCommand more = 0)
    {
        var board = new Rtl8139Board(Rtl8139Variant.CPlus);
        board.StartCPlus(more);
        return board;
    }

    public void Start(Rtl8139ReceiveConfiguration more = 0)
    {
        Write(Rtl8139Register.ReceiveBufferStart, Ring);
        Write(Rtl8139Register.Command, (ulong)On, 1);
        Write(
            Rtl8139Register.ReceiveConfiguration, (ulong)(Rtl8139ReceiveConfiguration.ThisStation | Rtl8139ReceiveConfiguration.Broadcast | more));
        Nic.Settle();
    }

    public void StartCPlus(Rtl8139CPlusCommand more = 0)
    {
        Write(Rtl8139Register.CPlusCommand, (ulong)(Rtl8139CPlusCommand.Receive | Rtl8139CPlusCommand.Transmit | more), 2);
        Write(Rtl8139Register.ReceiveDescriptors, Descriptors);
        Write(Rtl8139Register.TransmitAddress, TransmitDescriptors);
        Write(Rtl8139Register.TransmitAddress + 8, HighDescriptors);
        Start();
    }

    public ulong Read(Rtl8139Register register, int size = 4) => Nic.Load(Window + (ulong)register, size);

    public void Write(Rtl8139Register register, ulong value, int size = 4) => Nic.Store(Window + (ulong)register, value, size);

    /// <summary>Puts a packet on the wire, and lets it be received.</summary>
    public void Send(ReadOnlySpan<byte> frame)
    {
        Nic.Send(frame);
        Nic.Settle();
    }

    /// <summary>Takes the next packet out of the ring as a driver does.</summary>
    public (Rtl8139PacketStatus Status, byte[] Packet) TakeFromRing(int size = 0x2000, bool wraps = true)
    {
        Assert.False(IsRingEmpty);
        var at = (uint)(Read(Rtl8139Register.ReadPointer, 2) + 16) & 0xFFFF;
        var header = (uint)Nic.Load(Ring + at);
        var length = (int)(header >> 16);
        var start = (int)at + 4;
        var straight = wraps ? Math.Min(length, size - start) : length;
        byte[] packet = [.. Nic.Bytes(Ring + (uint)start, straight), .. Nic.Bytes(Ring, length - straight)];
        var next = ((at + 4 + (uint)length + 3) & ~3U) % (uint)size;
        Write(Rtl8139Register.ReadPointer, (next - 16) & 0xFFFF, 2);
        return ((Rtl8139PacketStatus)header, packet);
    }

    /// <summary>Fills one of the four descriptors and hands it over.</summary>
    public void Transmit(int descriptor, ReadOnlySpan<byte> packet)
    {
        Nic.Put(Buffers + (uint)(descriptor * 0x2000), packet);
        Write(Rtl8139Register.TransmitAddress + (ushort)(descriptor * 4), Buffers + (uint)(descriptor * 0x2000));
        Write(Rtl8139Register.TransmitStatus + (ushort)(descriptor * 4), (uint)packet.Length);
        Nic.Settle();
    }

    public Rtl8139TransmitStatus TransmitStatus(int descriptor) =>
        (Rtl8139TransmitStatus)Read(Rtl8139Register.TransmitStatus + (ushort)(descriptor * 4));

    /// <summary>Writes a descriptor of C+.</summary>
    public void Describe(uint ring, int index, uint word, ulong buffer, uint options = 0)
    {
        var at = ring + (ulong)(index * Rtl8139Descriptor.Size);
        Nic.Store(at + 4, options);
        Nic.Store(at + 8, buffer, 8);
        Nic.Store(at, word);
    }

    public uint Word(uint ring, int index) => (uint)Nic.Load(ring + (ulong)(index * Rtl8139Descriptor.Size));

    public uint Options(uint ring, int index) => (uint)Nic.Load(ring + (ulong)(index * Rtl8139Descriptor.Size) + 4);

    public void Poll(Rtl8139TransmitPoll rings = Rtl8139TransmitPoll.Normal)
    {
        Write(Rtl8139Register.TransmitPoll, (ulong)rings, 1);
        Nic.Settle();
    }

    /// <summary>Sends one packet by one descriptor of C+.</summary>
    public void TransmitCPlus(int index, ReadOnlySpan<byte> packet, uint flags = 0, uint options = 0)
    {
        Nic.Put(Buffers, packet);
        const uint Whole = Rtl8139Descriptor.Own | Rtl8139Descriptor.First | Rtl8139Descriptor.Last;
        Describe(TransmitDescriptors, index, Whole | flags | (uint)packet.Length, Buffers, options);
        Poll();
    }

    public void Unlock() => Write(Rtl8139Register.EepromCommand, (ulong)Rtl8139EepromCommand.ConfigWrite, 1);

    public void Lock() => Write(Rtl8139Register.EepromCommand, 0, 1);

    /// <summary>Loads the EEPROM, which resets all registers.</summary>
    public void Reload() => Write(Rtl8139Register.EepromCommand, (ulong)Rtl8139EepromCommand.AutoLoad, 1);

    public void SetPower(int state) => Nic.SetConfig(0x54, 2, (uint)state);

    /// <summary>Lets negotiation come to its end.</summary>
    public void Negotiate() => Nic.Advance(MiiPhy.NegotiationNanoseconds);

    public bool HasPciStatus(uint bit) => (Nic.Config(PciRegister.Status, 2) & bit) != 0;

    public void Dispose() => Nic.Dispose();
}
