using Emulator.Devices;
using Emulator.Pci;

namespace Emulator.Fuzz.Targets;

/// <summary>eepro100: lists of command blocks and of receive frame descriptors, both memory structures, PORT (8255x manual, 6).</summary>
/// <param name="variant">Which of the family.</param>
public sealed class Eepro100Target(Eepro100Variant variant) : NicTarget
{
    private const int Window = 0;
    private const ulong Blocks = 0x20000;
    private const ulong BlockStride = 0x1000;
    private const int BlockCount = 16;
    private const int BlockHeader = 16;
    private const ulong Frames = 0x40000;
    private const ulong FrameStride = 0x1000;
    private const int FrameCount = 16;
    private const int FrameHeader = 16;
    private const ulong FrameRoom = 1518;
    private const ulong ReceiveBuffers = 0x60000;
    private const ulong BufferHeader = 16;
    private const ulong BufferSize = 700;
    private const ulong Statistics = 0x80000;
    private const ulong SelfTest = 0x81000;
    private const ulong TransmitBuffers = 0x100000;

    private const int BlockNext = 0;
    private const int FrameNext = 1;
    private const int Started = 2;

    // Bits of the command words of blocks and frame descriptors, in the upper half of their first dword.
    private const uint EndOfList = 1U << 31;
    private const uint Suspend = 1U << 30;
    private const uint Interrupt = 1U << 29;
    private const uint Flexible = 1U << 19;
    private const uint NoBuffer = uint.MaxValue;

    private const int Configure = 2;
    private const int Transmission = 4;

    // Configuration: 22 bytes, the manual's defaults, promiscuous.
    private static readonly ulong[] s_configuration = [0x0332_0000_0000_0816, 0x49F2_0060_002E_0001, 0x0000_053F_80F2_4000];

    /// <inheritdoc/>
    public override string Name => variant.Name;

    /// <inheritdoc/>
    /// <remarks>A list that is a ring with nothing to stop it goes round for ever.</remarks>
    public override bool MayRunForever => true;

    /// <inheritdoc/>
    public override IReadOnlyList<RegisterWindow> Windows { get; } =
    [
        RegisterWindow.Of(Window, Eepro100Registers.Length, Eepro100Registers.Table),
        RegisterWindow.Of(Window + 1, Eepro100Registers.Length, Eepro100Registers.Table, widest: 4),
    ];

    /// <inheritdoc/>
    public override PciFunction Create(FuzzBoard board)
    {
        ArgumentNullException.ThrowIfNull(board);
        return new Eepro100Function(Name, variant, board.Thread, board.Clock, board.Controller, Station);
    }

    /// <inheritdoc/>
    protected override void ResetDevice(FuzzDriver driver)
    {
        Write(driver, Eepro100Register.Port, (ulong)Eepro100PortCommand.SoftwareReset);

        // The PHY's own reset: register 0, bit 15; write.
        Write(driver, Eepro100Register.MdiControl, 0x0420_8000 | 0x1000);
    }

    /// <inheritdoc/>
    protected override void TurnOn(FuzzDriver driver)
    {
        ArgumentNullException.ThrowIfNull(driver);
        Command(driver, Eepro100CommandUnitCommand.LoadBase, 0);
        Command(driver, Eepro100ReceiveUnitCommand.LoadBase, 0);
        driver.Run();
        Command(driver, Eepro100CommandUnitCommand.LoadStatisticsAddress, driver.Address(Statistics));
        for (var i = 0; i < FrameCount; i++)
        {
            GiveFrame(driver, i, isLast: i == FrameCount - 1);
        }

        driver.Run();
        Command(driver, Eepro100ReceiveUnitCommand.Start, driver.Address(Frames));
        Begin(driver, Configure, EndOfList);
        for (var i = 0; i < s_configuration.Length; i++)
        {
            driver.Store(Block(driver) + 8 + ((ulong)i * 8), 8, s_configuration[i]);
        }

        Start(driver);
        driver.Run();
        driver.Guard(Frames + (FrameCount * FrameStride), 0x1000);
    }

    /// <inheritdoc/>
    protected override void Transmit(FuzzDriver driver, ulong address, int length)
    {
        ArgumentNullException.ThrowIfNull(driver);
        Begin(driver, Transmission, EndOfList | Flexible);
        PutBuffers(driver, 1);
        driver.Store(Block(driver) + BlockHeader, 8, address | ((ulong)length << 32) | (1UL << 48));
        Start(driver);
    }

    /// <inheritdoc/>
    protected override byte[]? Received(LiveDriver driver)
    {
        ArgumentNullException.ThrowIfNull(driver);
        var at = Frames + ((ulong)driver.Mind(FrameNext)++ * FrameStride);
        const uint CompleteAndOk = 0xA000;
        return (driver.Load(at, 2) & CompleteAndOk) == CompleteAndOk ? driver.Bytes(at + FrameHeader, (int)driver.Load(at + 12, 2) & 0x3FFF) : null;
    }

    /// <inheritdoc/>
    public override void Act(FuzzWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        var random = writer.Random;
        switch (random.Below(16))
        {
            case 0 or 1 or 2 or 3 or 4 or 5:
                for (var blocks = random.Below(4); blocks >= 0; blocks--)
                {
                    PutBlock(writer, isLast: blocks == 0);
                }

                Start(writer);
                break;
            case 6:
                // What was suspended goes on, its S taken away or not.
                if (random.OneIn(2))
                {
                    writer.Store(Block(writer) + 2, 2, Transmission);
                }

                Command(writer, random.Of(Eepro100CommandUnitCommand.Resume, Eepro100CommandUnitCommand.Resume, Eepro100CommandUnitCommand.StaticResume), null);
                break;
            case 7 or 8 or 9:
                var first = random.Below(FrameCount);
                var isFlexible = random.OneIn(3);
                for (var i = 0; i < FrameCount; i++)
                {
                    GiveFrame(writer, (first + i) % FrameCount, isLast: i == FrameCount - 1);
                    if (isFlexible)
                    {
                        GiveBuffer(writer, (first + i) % FrameCount, isFirst: i == 0, isLast: i == FrameCount - 1);
                    }
                }

                Command(writer, Eepro100ReceiveUnitCommand.Abort, null);
                writer.Run();
                Command(writer, Eepro100ReceiveUnitCommand.Start, writer.Address(Frames + ((ulong)first * FrameStride)));
                break;
            case 10:
                Command(writer, random.Of(Eepro100ReceiveUnitCommand.Resume, Eepro100ReceiveUnitCommand.BufferResume, Eepro100ReceiveUnitCommand.Abort), null);
                break;
            case 11:
                Command(writer, random.Of(Eepro100CommandUnitCommand.DumpStatistics, Eepro100CommandUnitCommand.DumpAndResetStatistics), null);
                break;
            case 12:
                writer.Do(new FuzzOperation(FuzzVerb.Read, Window, (ulong)Eepro100Register.UnitStatus, 2));
                Write(writer, Eepro100Register.Acknowledge, writer.Number(0xFF, 8), 1);
                Write(writer, Eepro100Register.InterruptMask, writer.Number((ulong)random.Of(default, Eepro100InterruptMask.All, Eepro100InterruptMask.Software), 8), 1);
                break;
            case 13:
                Write(writer, Eepro100Register.MdiControl, (random.Next() & 0x201F_FFFF) | 0x0020_0000 | (random.OneIn(2) ? 0x0400_0000UL : 0x0800_0000));
                break;
            case 14:
                var port = random.Of(Eepro100PortCommand.Dump, Eepro100PortCommand.SelfTest, Eepro100PortCommand.SelectiveReset);
                Write(writer, Eepro100Register.Port, (writer.Address(SelfTest) & ~0xFUL & uint.MaxValue) | (ulong)port);
                break;
            default:
                Command(writer, random.Of(Eepro100CommandUnitCommand.LoadBase, Eepro100CommandUnitCommand.LoadStatisticsAddress), writer.Address(0));
                break;
        }
    }

    private static void Write(FuzzDriver driver, Eepro100Register register, ulong value, int size = 4) => driver.Write(Window, (int)register, size, value);

    private static void Command(FuzzDriver driver, Eepro100CommandUnitCommand command, ulong? pointer) => Command(driver, (int)command << 4, pointer);

    private static void Command(FuzzDriver driver, Eepro100ReceiveUnitCommand command, ulong? pointer) => Command(driver, (int)command, pointer);

    // A driver waits for the command byte to be clear; here it is when the device's thread has had its turn.
    private static void Command(FuzzDriver driver, int command, ulong? pointer)
    {
        if (pointer is { } value)
        {
            Write(driver, Eepro100Register.Pointer, (uint)value);
        }

        Write(driver, Eepro100Register.Command, driver.Number((ulong)command, 8), 1);
    }

    private static ulong Block(FuzzDriver driver) => Blocks + ((ulong)driver.Mind(BlockNext) * BlockStride);

    // The next block, linked to the one behind it.
    private static void Begin(FuzzDriver driver, int command, uint flags)
    {
        ref var next = ref driver.Mind(BlockNext);
        next = (next + 1) % BlockCount;
        var behind = Blocks + ((ulong)((next + 1) % BlockCount) * BlockStride);
        driver.Store(Block(driver), 4, driver.Number(flags | ((uint)command << 16), 32));
        driver.Store(Block(driver) + 4, 4, driver.Address(behind));
    }

    private static void PutBuffers(FuzzDriver driver, int count)
    {
        driver.Store(Block(driver) + 8, 4, driver.Address(Block(driver) + BlockHeader));
        driver.Store(Block(driver) + 12, 4, driver.Number((ulong)count << 24 | 0x8000 | (1 << 16), 32));
    }

    private static void Start(FuzzDriver driver)
    {
        var first = driver.Mind(Started);
        driver.Mind(Started) = (driver.Mind(BlockNext) + 1) % BlockCount;
        Command(driver, Eepro100CommandUnitCommand.Start, driver.Address(Blocks + ((ulong)(first == 0 ? 1 : first) * BlockStride)));
    }

    private static void GiveFrame(FuzzDriver driver, int index, bool isLast)
    {
        var at = Frames + ((ulong)index * FrameStride);
        var behind = Frames + ((ulong)((index + 1) % FrameCount) * FrameStride);
        driver.Guard(at + FrameHeader + FrameRoom, FrameStride - FrameHeader - FrameRoom);
        driver.Store(at, 4, driver.Number(isLast ? EndOfList : 0, 32));
        driver.Store(at + 4, 4, driver.Address(behind));
        driver.Store(at + 8, 4, driver.Address(NoBuffer));
        driver.Store(at + 12, 4, driver.Number(FrameRoom) << 16);
    }

    // In the flexible structure the first frame descriptor has the first buffer descriptor; the others find theirs themselves.
    private static void GiveBuffer(FuzzDriver driver, int index, bool isFirst, bool isLast)
    {
        var frame = Frames + ((ulong)index * FrameStride);
        var at = ReceiveBuffers + ((ulong)index * FrameStride);
        driver.Store(frame, 4, driver.Number(Flexible | (isLast ? EndOfList : 0), 32));
        driver.Store(frame + 8, 4, isFirst ? driver.Address(at) : NoBuffer);
        driver.Store(frame + 12, 4, driver.Number(0, 32));
        driver.Store(at, 4, 0);
        driver.Store(at + 4, 4, driver.Address(ReceiveBuffers + ((ulong)((index + 1) % FrameCount) * FrameStride)));
        driver.Store(at + 8, 4, driver.Address(at + BufferHeader));
        driver.Store(at + 12, 4, driver.Number(BufferSize, 14) | (isLast ? 0x8000UL : 0));
        driver.Guard(at + BufferHeader + BufferSize, FrameStride - BufferHeader - BufferSize);
    }

    private static void PutBlock(FuzzWriter writer, bool isLast)
    {
        var random = writer.Random;
        var flags = (isLast ? random.Of(EndOfList, Suspend) : 0) | (random.OneIn(3) ? Interrupt : 0);
        var command = random.OneIn(3) ? random.Below(8) : Transmission;
        if (command != Transmission)
        {
            Begin(writer, command, flags);
            writer.Do(new FuzzOperation(FuzzVerb.Fill, Block(writer) + 8, 64, random.Next() & 0xFFFF));
            writer.Store(Block(writer) + 8, 4, command == 6 ? writer.Address(SelfTest) : writer.Number((ulong)random.Below(64), 32));
            return;
        }

        if (random.OneIn(2))
        {
            // Simplified: the frame follows the block.
            Begin(writer, command, flags);
            writer.Store(Block(writer) + 8, 4, NoBuffer);
            writer.Store(Block(writer) + 12, 4, writer.Number((ulong)(1 + random.Below(1514)) | 0x8000 | (1 << 16), 32));
            return;
        }

        var pieces = 1 + random.Below(5);
        Begin(writer, command, flags | Flexible);
        PutBuffers(writer, (int)writer.Number((ulong)pieces, 8));
        for (var i = 0; i < pieces; i++)
        {
            var length = writer.Number((ulong)(1 + random.Below(600)));
            var address = writer.Address(TransmitBuffers + (ulong)random.Below(0x4_0000)) & uint.MaxValue;
            writer.Store(Block(writer) + BlockHeader + ((ulong)i * 8), 8, address | (length << 32) | (i == pieces - 1 ? 1UL << 48 : 0));
        }
    }
}
