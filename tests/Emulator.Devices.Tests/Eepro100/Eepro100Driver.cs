using System.Buffers.Binary;
using Emulator.Memory;

namespace Emulator.Devices.Tests;

/// <summary>A driver of an 8255x, as far as a test needs one: registers, command blocks, frame descriptors.</summary>
internal sealed class Eepro100Driver : IDisposable
{
    public const ushort EndOfList = 0x8000;
    public const ushort Suspend = 0x4000;
    public const ushort Interrupt = 0x2000;
    public const ushort NoCrc = 0x0010;
    public const ushort Flexible = 0x0008;
    public const ushort Nop = 0;
    public const ushort AddressSetup = 1;
    public const ushort Configure = 2;
    public const ushort MulticastSetup = 3;
    public const ushort Transmit = 4;
    public const ushort Microcode = 5;
    public const ushort Dump = 6;
    public const ushort Diagnose = 7;

    /// <summary>C and OK.</summary>
    public const ushort Done = 0xA000;

    public const uint Blocks = 0x1000;
    public const uint Frames = 0x10000;
    public const uint Buffers = 0x40000;

    private const int BlockStride = 0x100;
    private const int FrameStride = 0x1000;

    private const ulong Window = 0xFEB0_0000;

    // What drivers configure: 22 bytes, standard blocks and statistics, padding, no source address insertion.
    private static readonly byte[] s_configuration =
    [
        22, 0x08, 0, 0, 0, 0, 0x32, 0x03, 0x01, 0, 0x2E, 0, 0x60, 0, 0xF2, 0x48, 0, 0x40, 0xF2, 0x80, 0x3F, 0x05,
    ];

    public Eepro100Driver(Eepro100Variant? variant = null, DmaOrdering ordering = DmaOrdering.Full)
    {
        Board = new NicBoard<Eepro100Function>(
            (thread, clock, port) => new Eepro100Function("nic", variant ?? Eepro100Variant.I82559C, thread, clock, port, Mac), ordering);
        Board.Advance(MiiPhy.NegotiationNanoseconds);
    }

    public static MacAddress Mac => MacAddress.Default(0);

    public NicBoard<Eepro100Function> Board { get; }

    public Eepro100Function Function => Board.Function;

    /// <summary>CUS: 0 idle, 1 suspended, 2 active.</summary>
    public int CommandUnit => (int)Read(Eepro100Register.UnitStatus, 1) >> 6;

    /// <summary>RUS: 0 idle, 1 suspended, 2 no resources, 4 ready, 10 no buffers.</summary>
    public int ReceiveUnit => ((int)Read(Eepro100Register.UnitStatus, 1) >> 2) & 0xF;

    public Eepro100Cause Causes => (Eepro100Cause)Read(Eepro100Register.Acknowledge, 1);

    public static uint Block(int number) => Blocks + (uint)(number * BlockStride);

    public static uint Frame(int number) => Frames + (uint)(number * FrameStride);

    public ulong Read(Eepro100Register register, int size = 4) => Board.Load(Window + (ulong)register, size);

    public void Write(Eepro100Register register, ulong value, int size = 4) => Board.Store(Window + (ulong)register, value, size);

    /// <summary>Acknowledges every cause.</summary>
    public void Acknowledge() => Write(Eepro100Register.Acknowledge, 0xFF, 1);

    public void Command(Eepro100CommandUnitCommand command, uint pointer = 0) => Command((byte)((int)command << 4), pointer);

    public void Command(Eepro100ReceiveUnitCommand command, uint pointer = 0) => Command((byte)command, pointer);

    public void Start(int block = 0) => Command(Eepro100CommandUnitCommand.Start, Block(block));

    public void Resume() => Command(Eepro100CommandUnitCommand.Resume);

    public void StartReceiving(int frame = 0) => Command(Eepro100ReceiveUnitCommand.Start, Frame(frame));

    public void Settle() => Board.Settle();

    /// <summary>Writes a block that links to the next one.</summary>
    public void Put(int block, ushort command, params ReadOnlySpan<byte> data) => Put(block, command, Block(block + 1), data);

    public void Put(int block, ushort command, uint link, params ReadOnlySpan<byte> data)
    {
        Board.Store(Block(block), (uint)command << 16);
        Board.Store(Block(block) + 4, link);
        Board.Put(Block(block) + 8, data);
    }

    /// <summary>Writes a block that sends a frame that follows it.</summary>
    public void PutFrame(int block, ushort flags, ReadOnlySpan<byte> frame)
    {
        Put(block, (ushort)(Transmit | flags), [0xFF, 0xFF, 0xFF, 0xFF, (byte)frame.Length, (byte)(frame.Length >> 8), 0, 0]);
        Board.Put(Block(block) + 16, frame);
    }

    /// <summary>Writes a block that sends a frame in pieces.</summary>
    public void PutBuffers(int block, ushort flags, uint array, byte count, params ReadOnlySpan<byte> behind)
    {
        Span<byte> data = stackalloc byte[8];
        BinaryPrimitives.WriteUInt32LittleEndian(data, array);
        BinaryPrimitives.WriteUInt16LittleEndian(data[4..], (ushort)behind.Length);
        data[7] = count;
        Put(block, (ushort)(Transmit | Flexible | flags), data);
        Board.Put(Block(block) + 16, behind);
    }

    /// <summary>Writes a transmit buffer descriptor.</summary>
    public void PutBuffer(uint at, uint address, ushort size, bool isLast = false)
    {
        Board.Store(at, address);
        Board.Store(at + 4, size | (isLast ? 0x10000U : 0));
    }

    public ushort Status(int block = 0) => (ushort)Board.Load(Block(block), 2);

    public void SetFlags(int block, ushort command) => Board.Store(Block(block) + 2, command, 2);

    /// <summary>Has one command done and returns its status.</summary>
    public ushort Do(ushort command, params ReadOnlySpan<byte> data)
    {
        Put(0, (ushort)(command | EndOfList), data);
        Start();
        Settle();
        return Status();
    }

    /// <summary>Configures, after changes to what drivers have.</summary>
    public void ConfigureWith(Action<byte[]> change)
    {
        var bytes = s_configuration.ToArray();
        change(bytes);
        Assert.Equal(Done, Do(Configure, bytes));
    }

    /// <summary>Writes frame descriptors that link in a ring, the last with EL.</summary>
    public void PutRing(int count, ushort size = 1518)
    {
        for (var i = 0; i < count; i++)
        {
            PutDescriptor(i, i == count - 1 ? EndOfList : (ushort)0, Frame((i + 1) % count), size);
        }
    }

    public void PutDescriptor(int frame, ushort flags, uint link, ushort size = 1518, uint buffer = 0xFFFFFFFF)
    {
        Board.Store(Frame(frame), (uint)flags << 16);
        Board.Store(Frame(frame) + 4, link);
        Board.Store(Frame(frame) + 8, buffer);
        Board.Store(Frame(frame) + 12, (uint)size << 16);
    }

    public ushort FrameStatus(int frame = 0) => (ushort)Board.Load(Frame(frame), 2);

    /// <summary>The count word of a descriptor, without EOF and F.</summary>
    public int Count(int frame = 0) => (int)Board.Load(Frame(frame) + 12, 2) & 0x3FFF;

    /// <summary>What a descriptor has stored behind it.</summary>
    public byte[] Stored(int frame = 0) => Board.Bytes(Frame(frame) + 16, Count(frame));

    public void Reset(Eepro100PortCommand command = Eepro100PortCommand.SoftwareReset) => Write(Eepro100Register.Port, (ulong)command);

    /// <summary>A frame to an address, with the length of a type and bytes that count.</summary>
    public static byte[] FrameTo(MacAddress destination, int length = 60, byte first = 0)
    {
        var frame = new byte[length];
        Span<byte> header = stackalloc byte[14];
        destination.CopyTo(header);
        MacAddress.Default(9).CopyTo(header[6..]);
        (header[12], header[13]) = (0x08, 0x00);
        for (var i = 14; i < length; i++)
        {
            frame[i] = (byte)(first + i);
        }

        header[..Math.Min(14, length)].CopyTo(frame);
        return frame;
    }

    public static byte[] FrameToMe(int length = 60, byte first = 0) => FrameTo(Mac, length, first);

    public static MacAddress Address(string text) =>
        MacAddress.TryParse(text, out var address) ? address : throw new ArgumentException(text);

    public void Dispose() => Board.Dispose();

    private void Command(byte command, uint pointer)
    {
        Deadline.Until(() => Read(Eepro100Register.Command, 1) == 0, "the SCB command is accepted");
        Write(Eepro100Register.Pointer, pointer);
        Write(Eepro100Register.Command, command, 1);
    }
}
