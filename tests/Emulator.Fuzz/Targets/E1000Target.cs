using Emulator.Devices;
using Emulator.Pci;

namespace Emulator.Fuzz.Targets;

/// <summary>e1000: rings, legacy, context and data descriptors, the PHY, the EEPROM, delayed interrupts (8254x manual, 3 and 13).</summary>
public sealed class E1000Target : NicTarget
{
    private const int Window = 0;
    private const int Ports = 1;
    private const int DescriptorSize = 16;
    private const int Descriptors = 16;
    private const ulong ReceiveRing = 0x10000;
    private const ulong TransmitRing = 0x20000;
    private const ulong ReceiveBuffers = 0x40000;
    private const ulong BufferStride = 0x1000;
    private const ulong BufferSize = 0x800;
    private const ulong TransmitBuffers = 0x100000;
    private const int TransmitTail = 0;
    private const int ReceiveTail = 1;
    private const int ReceiveNext = 2;

    private const E1000Command Whole = E1000Command.EndOfPacket | E1000Command.InsertFcs | E1000Command.ReportStatus;
    private const E1000ReceiveControl Receiving = E1000ReceiveControl.Enable | E1000ReceiveControl.Broadcast | E1000ReceiveControl.UnicastPromiscuous | E1000ReceiveControl.StripCrc;
    private const E1000TransmitControl Transmitting = E1000TransmitControl.Enable | E1000TransmitControl.PadShort;

    /// <inheritdoc/>
    public override string Name => "e1000";

    /// <inheritdoc/>
    public override IReadOnlyList<RegisterWindow> Windows { get; } = [RegisterWindow.Of(Window, E1000Registers.Length, E1000Registers.Table)];

    /// <inheritdoc/>
    public override PciFunction Create(FuzzBoard board)
    {
        ArgumentNullException.ThrowIfNull(board);
        return new E1000Function(Name, board.Thread, board.Clock, board.Controller, Station);
    }

    /// <inheritdoc/>
    protected override void ResetDevice(FuzzDriver driver)
    {
        Write(driver, E1000Register.InterruptMaskClear, uint.MaxValue);
        Write(driver, E1000Register.Control, (ulong)E1000Control.DeviceReset);

        // The PHY's own reset, which the device's does not bring: register 0, bit 15.
        Write(driver, E1000Register.MdiControl, 0x0420_8000);
    }

    /// <inheritdoc/>
    protected override void TurnOn(FuzzDriver driver)
    {
        ArgumentNullException.ThrowIfNull(driver);
        Write(driver, E1000Register.Control, (ulong)(E1000Control.SetLinkUp | E1000Control.FullDuplex));
        for (var i = 0; i < Descriptors; i++)
        {
            GiveBuffer(driver, i);
        }

        PlaceRing(driver, E1000Register.ReceiveBase, ReceiveRing);
        Write(driver, E1000Register.ReceiveTail, driver.Number(Descriptors - 1, 20));
        driver.Mind(ReceiveTail) = Descriptors - 1;
        Write(driver, E1000Register.ReceiveControl, driver.Number((ulong)Receiving, 32));
        PlaceRing(driver, E1000Register.TransmitBase, TransmitRing);
        Write(driver, E1000Register.TransmitControl, driver.Number((ulong)Transmitting, 32));
        Write(driver, E1000Register.InterruptMaskSet, driver.Number(0x9D, 32));
        driver.Guard(ReceiveRing + (Descriptors * DescriptorSize), 0x1000);
        driver.Guard(TransmitRing + (Descriptors * DescriptorSize), 0x1000);
    }

    /// <inheritdoc/>
    protected override void Transmit(FuzzDriver driver, ulong address, int length)
    {
        Put(driver, address, (ulong)length | ((ulong)Whole << 24));
        Ring(driver);
    }

    /// <inheritdoc/>
    protected override byte[]? Received(LiveDriver driver)
    {
        ArgumentNullException.ThrowIfNull(driver);
        var index = driver.Mind(ReceiveNext)++;
        var status = driver.Load(ReceiveRing + (ulong)(index * DescriptorSize) + 8, 8);
        return (status >> 32 & (ulong)E1000ReceiveStatus.Done) != 0
            ? driver.Bytes(ReceiveBuffers + ((ulong)index * BufferStride), (int)(status & 0xFFFF))
            : null;
    }

    /// <inheritdoc/>
    public override void Act(FuzzWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        var random = writer.Random;
        switch (random.Below(16))
        {
            case 0 or 1 or 2:
                TransmitLegacy(writer);
                break;
            case 3 or 4:
                TransmitOffloaded(writer, isSegmented: false);
                break;
            case 5 or 6:
                TransmitOffloaded(writer, isSegmented: true);
                break;
            case 7 or 8 or 9:
                GiveBuffers(writer);
                break;
            case 10:
                writer.Do(new FuzzOperation(FuzzVerb.Read, Window, (ulong)E1000Register.InterruptCauseRead, 4));
                Write(writer, random.Of(E1000Register.InterruptMaskSet, E1000Register.InterruptMaskClear, E1000Register.InterruptCauseSet), writer.Number(0xFF, 32));
                break;
            case 11:
                // The PHY: opcode, PHY 1, any register, any data.
                Write(writer, E1000Register.MdiControl, (random.Next() & 0x001F_FFFF) | 0x0020_0000 | (random.OneIn(2) ? 0x0400_0000UL : 0x0800_0000));
                break;
            case 12:
                Write(writer, E1000Register.EepromRead, (random.Next() & 0xFF00) | 1);
                break;
            case 13:
                var timer = random.Of(
                    E1000Register.ReceiveDelay, E1000Register.ReceiveAbsoluteDelay, E1000Register.TransmitDelay, E1000Register.TransmitAbsoluteDelay, E1000Register.InterruptThrottling);
                Write(writer, timer, (ulong)random.Below(0x400));
                break;
            case 14 when !writer.IsRight && random.OneIn(3):
                // By the I/O window: IOADDR, then IODATA.
                writer.Write(Ports, 0, 4, writer.Number((ulong)writer.AnyOffset(), 32));
                writer.Write(Ports, 4, 4, writer.AnyNumber() & uint.MaxValue);
                break;
            case 14:
                var control = Receiving | random.Of(default, E1000ReceiveControl.LongPackets, E1000ReceiveControl.Loopback, E1000ReceiveControl.StoreBad);
                Write(writer, E1000Register.ReceiveControl, writer.Number((ulong)(random.OneIn(6) ? control & ~E1000ReceiveControl.Enable : control), 32));
                break;
            default:
                Write(writer, E1000Register.ReceiveChecksumControl, (ulong)random.Below(0x800));
                Write(writer, E1000Register.TransmitControl, writer.Number((ulong)Transmitting, 32));
                break;
        }
    }

    private static void Write(FuzzDriver driver, E1000Register register, ulong value) => driver.Write(Window, (int)register, 4, value);

    private static void PlaceRing(FuzzDriver driver, E1000Register first, ulong address)
    {
        address = driver.Address(address);
        Write(driver, first, (uint)address);
        Write(driver, first + 4, address >> 32);
        Write(driver, first + 8, driver.Number(Descriptors * DescriptorSize, 20));
        Write(driver, first + 0x10, driver.Number(0, 20));
        Write(driver, first + 0x18, driver.Number(0, 20));
    }

    private static void GiveBuffer(FuzzDriver driver, int index)
    {
        var at = ReceiveRing + (ulong)(index * DescriptorSize);
        var buffer = ReceiveBuffers + ((ulong)index * BufferStride);
        driver.Guard(buffer + BufferSize, BufferStride - BufferSize);
        driver.Store(at, 8, driver.Address(buffer));
        driver.Store(at + 8, 8, 0);
    }

    private static void GiveBuffers(FuzzWriter writer)
    {
        ref var tail = ref writer.Mind(ReceiveTail);
        for (var count = writer.Random.Below(Descriptors); count >= 0; count--)
        {
            GiveBuffer(writer, tail);
            tail = (tail + 1) % Descriptors;
        }

        Write(writer, E1000Register.ReceiveTail, writer.Number((ulong)tail, 20));
    }

    private static void TransmitLegacy(FuzzWriter writer)
    {
        var random = writer.Random;
        for (var packets = random.Below(4); packets >= 0; packets--)
        {
            for (var pieces = random.Below(random.OneIn(4) ? 6 : 1); pieces >= 0; pieces--)
            {
                var command = (pieces == 0 ? E1000Command.EndOfPacket : 0) | E1000Command.InsertFcs | E1000Command.ReportStatus;
                command |= random.OneIn(6) ? random.Of(E1000Command.Offload, E1000Command.Vlan, E1000Command.DelayInterrupt) : 0;
                var length = writer.Number((ulong)(1 + random.Below(random.Of(64, 1514, 1514, 9000))));
                var offsets = ((ulong)random.Below(64) << 16) | ((ulong)random.Below(64) << 40);
                Put(writer, AnyBuffer(writer), length | writer.Number((ulong)command, 8) << 24 | offsets);
            }
        }

        Ring(writer);
    }

    // A context, and a packet of some pieces behind it; the numbers are those of IPv4 and TCP behind an Ethernet header.
    private static void TransmitOffloaded(FuzzWriter writer, bool isSegmented)
    {
        var random = writer.Random;
        var payload = 1 + random.Below(isSegmented ? 20_000 : 1400);
        ulong header = 54;
        var lower = writer.Number(14, 8) | writer.Number(24, 8) << 8 | writer.Number(33) << 16 | writer.Number(34, 8) << 32 | writer.Number(50, 8) << 40 | writer.Number(0) << 48;
        var contextCommand = E1000ContextCommand.Tcp | E1000ContextCommand.Ip4 | E1000ContextCommand.Extension | (isSegmented ? E1000ContextCommand.Segment : 0);
        var upper = writer.Number((ulong)payload, 20) | writer.Number((ulong)contextCommand, 8) << 24 | writer.Number(header, 8) << 40 | writer.Number(1460) << 48;
        Put(writer, lower, upper);
        var left = payload + (int)header;
        while (left > 0)
        {
            var length = Math.Min(left, 1 + random.Below(random.Of(100, 5000, 20_000)));
            left -= length;
            var command = E1000Command.Extension | E1000Command.InsertFcs | E1000Command.ReportStatus | (left == 0 ? E1000Command.EndOfPacket : 0) | (isSegmented ? E1000Command.Offload : 0);
            Put(writer, AnyBuffer(writer), writer.Number((ulong)length, 20) | writer.Number(1, 4) << 20 | writer.Number((ulong)command, 8) << 24 | (ulong)random.Below(4) << 40);
        }

        Ring(writer);
    }

    private static ulong AnyBuffer(FuzzWriter writer) => writer.Address(TransmitBuffers + (ulong)writer.Random.Below(0x10_0000));

    private static void Put(FuzzDriver driver, ulong first, ulong second)
    {
        ref var tail = ref driver.Mind(TransmitTail);
        driver.Store(TransmitRing + (ulong)(tail * DescriptorSize), 8, first);
        driver.Store(TransmitRing + (ulong)(tail * DescriptorSize) + 8, 8, second);
        tail = (tail + 1) % Descriptors;
    }

    private static void Ring(FuzzDriver driver) => Write(driver, E1000Register.TransmitTail, driver.Number((ulong)driver.Mind(TransmitTail), 20));
}
