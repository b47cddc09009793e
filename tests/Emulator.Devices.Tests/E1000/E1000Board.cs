using System.Runtime.InteropServices;
using Emulator.Memory;

namespace Emulator.Devices.Tests;

/// <summary>A board with an e1000, and a driver for it: two rings, and buffers that go with them.</summary>
internal sealed class E1000Board : IDisposable
{
    public const ulong TransmitRing = 0x1_0000;
    public const ulong ReceiveRing = 0x2_0000;
    public const ulong TransmitBuffers = 0x10_0000;
    public const ulong ReceiveBuffers = 0x20_0000;
    public const ulong BufferStride = 0x1000;
    public const int Descriptors = 16;

    public const E1000Command Whole = E1000Command.EndOfPacket | E1000Command.InsertFcs | E1000Command.ReportStatus;
    public const E1000ReceiveControl Plain = E1000ReceiveControl.Enable | E1000ReceiveControl.Broadcast | E1000ReceiveControl.StripCrc;

    public static readonly MacAddress Station = MacAddress.Default(0);

    private readonly NicBoard<E1000Function> _board;

    public E1000Board(DmaOrdering ordering = DmaOrdering.Full, bool started = true)
    {
        _board = new NicBoard<E1000Function>((thread, clock, port) => new E1000Function("e1000", thread, clock, port, Station), ordering);
        _board.Settle();
        _board.Advance(MiiPhy.NegotiationNanoseconds);
        if (started)
        {
            Start();
        }
    }

    public NicBoard<E1000Function> Nic => _board;

    /// <summary>The next descriptor of each ring, as the driver has it.</summary>
    public int TransmitTail { get; private set; }

    public int ReceiveNext { get; private set; }

    public uint this[E1000Register register]
    {
        get => (uint)_board.Load(Address(register));
        set => _board.Store(Address(register), value);
    }

    public static ulong Address(E1000Register register) => NicBoard<E1000Function>.Window(0) + (ulong)register;

    public void Write(E1000Register register, ulong value, int size = 4) => _board.Store(Address(register), value, size);

    /// <summary>Sets both rings up and lets them go, with all but one of the receive descriptors given.</summary>
    public void Start(E1000ReceiveControl control = Plain, int descriptors = Descriptors)
    {
        SetTransmitRing(TransmitRing, descriptors);
        SetReceiveRing(ReceiveRing, descriptors);
        for (var i = 0; i < descriptors; i++)
        {
            GiveBuffer(i, ReceiveBuffers + ((ulong)i * BufferStride));
        }

        this[E1000Register.TransmitControl] = (uint)(E1000TransmitControl.Enable | E1000TransmitControl.PadShort);
        this[E1000Register.ReceiveControl] = (uint)control;
        this[E1000Register.ReceiveTail] = (uint)descriptors - 1;
    }

    public void SetTransmitRing(ulong address, int descriptors, int head = 0)
    {
        Write(E1000Register.TransmitBase, address);
        Write(E1000Register.TransmitBase + 4, address >> 32);
        this[E1000Register.TransmitLength] = (uint)descriptors * 16;
        this[E1000Register.TransmitHead] = (uint)head;
        this[E1000Register.TransmitTail] = (uint)head;
        TransmitTail = head;
    }

    public void SetReceiveRing(ulong address, int descriptors, int head = 0)
    {
        Write(E1000Register.ReceiveBase, address);
        Write(E1000Register.ReceiveBase + 4, address >> 32);
        this[E1000Register.ReceiveLength] = (uint)descriptors * 16;
        this[E1000Register.ReceiveHead] = (uint)head;
        this[E1000Register.ReceiveTail] = (uint)head;
        ReceiveNext = head;
    }

    public void GiveBuffer(int index, ulong buffer)
    {
        _board.Store(ReceiveRing + ((ulong)index * 16), buffer, 8);
        _board.Store(ReceiveRing + ((ulong)index * 16) + 8, 0, 8);
    }

    /// <summary>Puts a descriptor at the tail, and tells of it if that is wanted. Returns its index.</summary>
    public int Queue(in E1000TransmitDescriptor descriptor, bool tell = true)
    {
        var index = TransmitTail;
        _board.Put(TransmitRing + ((ulong)index * 16), MemoryMarshal.AsBytes(new ReadOnlySpan<E1000TransmitDescriptor>(in descriptor)));
        TransmitTail = (index + 1) % ((int)this[E1000Register.TransmitLength] / 16);
        if (tell)
        {
            this[E1000Register.TransmitTail] = (uint)TransmitTail;
        }

        return index;
    }

    public int Queue(in E1000Context context, bool tell = true)
    {
        var copy = context;
        return Queue(MemoryMarshal.Cast<E1000Context, E1000TransmitDescriptor>(new ReadOnlySpan<E1000Context>(in copy))[0], tell);
    }

    /// <summary>Puts data where the buffer of the descriptor at the tail is, and returns its address.</summary>
    public ulong Fill(ReadOnlySpan<byte> data)
    {
        var buffer = TransmitBuffers + ((ulong)TransmitTail * BufferStride);
        _board.Put(buffer, data);
        return buffer;
    }

    /// <summary>Sends a frame by one legacy descriptor.</summary>
    public int Transmit(ReadOnlySpan<byte> frame, E1000Command command = Whole, ushort special = 0) =>
        Queue(Legacy(Fill(frame), frame.Length, command, special: special));

    /// <summary>Sends data by one data descriptor.</summary>
    public int TransmitData(ReadOnlySpan<byte> data, E1000PacketOptions options, E1000Command command = Whole, ushort special = 0) =>
        Queue(Data(Fill(data), data.Length, command, options, special));

    public static E1000TransmitDescriptor Legacy(
        ulong address, int length, E1000Command command, byte checksumOffset = 0, byte checksumStart = 0, ushort special = 0) =>
        new(address, (uint)(length & 0xFFFF) | ((uint)checksumOffset << 16) | ((uint)command << 24), checksumStart, special);

    public static E1000TransmitDescriptor Data(ulong address, int length, E1000Command command, E1000PacketOptions options = 0, ushort special = 0) =>
        new(address, (uint)(length & 0xF_FFFF) | (1 << 20) | ((uint)(command | E1000Command.Extension) << 24), (byte)options, special);

    public bool IsTransmitDone(int index) => (_board.Load(TransmitRing + ((ulong)index * 16) + 12, 1) & 1) != 0;

    public void WaitForTransmit(int index) => Deadline.Until(() => IsTransmitDone(index), $"transmit descriptor {index} is done");

    /// <summary>The body of a receive descriptor.</summary>
    public E1000ReceiveBody Body(int index) =>
        MemoryMarshal.Read<E1000ReceiveBody>(_board.Bytes(ReceiveRing + ((ulong)index * 16) + E1000ReceiveBody.Offset, 8));

    public bool IsReceived(int index) => (Body(index).Status & E1000ReceiveStatus.Done) != 0;

    /// <summary>Waits for the next receive descriptor to be done, and returns it with its data. It is not given back.</summary>
    public (E1000ReceiveBody Body, byte[] Data) NextReceived()
    {
        var index = ReceiveNext;
        Deadline.Until(() => IsReceived(index), $"receive descriptor {index} is done");
        SkipReceived();
        var body = Body(index);
        var buffer = _board.Load(ReceiveRing + ((ulong)index * 16), 8);
        return (body, _board.Bytes(buffer, body.Length));
    }

    /// <summary>Passes over the next receive descriptor.</summary>
    public void SkipReceived() => ReceiveNext = (ReceiveNext + 1) % ((int)this[E1000Register.ReceiveLength] / 16);

    /// <summary>Lets the I/O thread come to rest and says whether a frame was stored.</summary>
    public bool ReceivesNothing()
    {
        _board.Settle();
        return !IsReceived(ReceiveNext);
    }

    public void Reset() => this[E1000Register.Control] = this[E1000Register.Control] | (uint)E1000Control.DeviceReset;

    public ushort ReadPhy(int register)
    {
        this[E1000Register.MdiControl] = (uint)E1000MdiControl.Read | ((uint)register << 16) | (1 << 21);
        return (ushort)this[E1000Register.MdiControl];
    }

    public void WritePhy(int register, ushort value) =>
        this[E1000Register.MdiControl] = (uint)E1000MdiControl.Write | ((uint)register << 16) | (1 << 21) | value;

    public void Dispose() => _board.Dispose();

    /// <summary>A frame to the station, of a length, filled from a seed.</summary>
    public static byte[] Frame(int length, int seed = 1, ushort type = 0x88B5) => Frame(Station, length, seed, type);

    public static byte[] Frame(MacAddress destination, int length, int seed = 1, ushort type = 0x88B5)
    {
        var frame = new byte[length];
        new Random(seed).NextBytes(frame);
        destination.CopyTo(frame);
        MacAddress.Default(99).CopyTo(frame.AsSpan(6));
        (frame[12], frame[13]) = ((byte)(type >> 8), (byte)type);
        return frame;
    }

    /// <summary>A frame with a tag behind its addresses.</summary>
    public static byte[] Tagged(byte[] frame, ushort tag) => [.. frame.AsSpan(0, 12), 0x81, 0x00, (byte)(tag >> 8), (byte)tag, .. frame.AsSpan(12)];
}
