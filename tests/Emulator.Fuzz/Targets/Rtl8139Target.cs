using Emulator.Devices;
using Emulator.Pci;

namespace Emulator.Fuzz.Targets;

/// <summary>rtl8139: the ring and the four transmit descriptors that both parts have (RTL8139C(L)+ data sheet, 6).</summary>
/// <param name="variant">Which part.</param>
public class Rtl8139Target(Rtl8139Variant variant) : NicTarget
{
    /// <summary>The ports' BAR; the memory window is the next.</summary>
    protected const int Window = 0;

    private const ulong Ring = 0x10000;
    private const int RingSize = 0x2000;
    private const int PacketHeader = 4;

    // A packet that passes the end of the ring goes on behind it, 16 bytes and the longest packet there is.
    private const ulong RingEnd = Ring + RingSize + 0x4000;
    private const ulong TransmitBuffers = 0x40000;
    private const int TransmitNext = 0;
    private const int ReadOffset = 1;
    private const int LockMode = 0;
    private const int UnlockMode = 0xC0;

    private const Rtl8139ReceiveConfiguration Receiving =
        Rtl8139ReceiveConfiguration.AllStations | Rtl8139ReceiveConfiguration.ThisStation | Rtl8139ReceiveConfiguration.Broadcast | Rtl8139ReceiveConfiguration.NoWrap;

    private const Rtl8139Command On = Rtl8139Command.ReceiveEnable | Rtl8139Command.TransmitEnable;

    /// <inheritdoc/>
    public override string Name => "rtl8139";

    /// <inheritdoc/>
    public override IReadOnlyList<RegisterWindow> Windows { get; } =
    [
        RegisterWindow.Of<Rtl8139Register>(Window, Rtl8139Registers.Length, Rtl8139Registers.Table(variant, Station), widest: 4),
        RegisterWindow.Of<Rtl8139Register>(Window + 1, Rtl8139Registers.Length, Rtl8139Registers.Table(variant, Station)),
    ];

    /// <inheritdoc/>
    public override PciFunction Create(FuzzBoard board)
    {
        ArgumentNullException.ThrowIfNull(board);
        return new Rtl8139Function(Name, variant, board.Thread, board.Clock, board.Controller, Station);
    }

    /// <inheritdoc/>
    protected override void ResetDevice(FuzzDriver driver)
    {
        ArgumentNullException.ThrowIfNull(driver);
        Write(driver, Rtl8139Register.HaltClock, 'R', 1);
        Write(driver, Rtl8139Register.Command, (ulong)Rtl8139Command.Reset, 1);

        // The PHY's own reset, with what it may say unlocked: register 0, bits 15, 12 and 9.
        Write(driver, Rtl8139Register.EepromCommand, UnlockMode, 1);
        Write(driver, Rtl8139Register.BasicModeControl, 0x9200, 2);
        Write(driver, Rtl8139Register.EepromCommand, LockMode, 1);
    }

    /// <inheritdoc/>
    protected override void TurnOn(FuzzDriver driver)
    {
        ArgumentNullException.ThrowIfNull(driver);
        Write(driver, Rtl8139Register.ReceiveBufferStart, driver.Address(Ring));
        Write(driver, Rtl8139Register.Command, driver.Number((ulong)On, 4), 1);
        Write(driver, Rtl8139Register.ReceiveConfiguration, driver.Number((ulong)Receiving, 32));
        Write(driver, Rtl8139Register.TransmitConfiguration, driver.Number(0x0300_0700, 32));
        Write(driver, Rtl8139Register.InterruptMask, driver.Number(0xFFFF), 2);
        driver.Guard(RingEnd, 0x1000);
    }

    /// <inheritdoc/>
    protected override void Transmit(FuzzDriver driver, ulong address, int length)
    {
        ref var next = ref driver.Mind(TransmitNext);
        Write(driver, Rtl8139Register.TransmitAddress + (ushort)(next * 4), address);
        Write(driver, Rtl8139Register.TransmitStatus + (ushort)(next * 4), driver.Number((ulong)length, 13));
        next = (next + 1) % Rtl8139Registers.Transmits;
    }

    /// <inheritdoc/>
    protected override byte[]? Received(LiveDriver driver)
    {
        ArgumentNullException.ThrowIfNull(driver);
        ref var offset = ref driver.Mind(ReadOffset);
        var header = (uint)driver.Load(Ring + (ulong)offset, PacketHeader);
        if (((Rtl8139Command)driver.Read(Window, (int)Rtl8139Register.Command, 1) & Rtl8139Command.BufferEmpty) != 0 || header >> 16 < PacketHeader)
        {
            return null;
        }

        // The length has the frame check sequence in it.
        var length = (int)(header >> 16);
        var frame = driver.Bytes(Ring + (ulong)offset + PacketHeader, length - PacketHeader);
        offset = (offset + PacketHeader + length + 3) & ~3 & (RingSize - 1);
        Write(driver, Rtl8139Register.ReadPointer, (ushort)(offset - 16), 2);
        return frame;
    }

    /// <inheritdoc/>
    public override void Act(FuzzWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        var random = writer.Random;
        switch (random.Below(12))
        {
            case 0 or 1 or 2 or 3:
                for (var packets = random.Below(4); packets >= 0; packets--)
                {
                    Transmit(writer, AnyBuffer(writer), 1 + random.Below(random.Of(60, 1514, 1792)));
                }

                break;
            case 4 or 5 or 6:
                // Where the driver is in the ring, or would be if it knew where packets begin.
                Write(writer, Rtl8139Register.ReadPointer, writer.Number((ushort)((random.Below(RingSize) & ~3) - 16)), 2);
                break;
            case 7:
                writer.Do(new FuzzOperation(FuzzVerb.Read, Window, (ulong)Rtl8139Register.InterruptStatus, 2));
                Write(writer, Rtl8139Register.InterruptStatus, writer.Number(0xFFFF), 2);
                break;
            case 8:
                Write(writer, Rtl8139Register.TimerInterrupt, (ulong)random.Below(0x10000));
                Write(writer, Rtl8139Register.TimerCount, 0);
                break;
            case 9:
                Write(writer, Rtl8139Register.TransmitConfiguration, writer.Number(random.Of(0x0300_0700UL, 0x0306_0700UL, 0x0301_0700UL, 0x0300_0701UL), 32));
                break;
            case 10:
                var off = random.Of(default, Rtl8139Command.ReceiveEnable, Rtl8139Command.TransmitEnable);
                Write(writer, Rtl8139Register.Command, (ulong)off, 1);
                Write(writer, Rtl8139Register.Command, (ulong)On, 1);
                break;
            default:
                var more = random.Of(default, Rtl8139ReceiveConfiguration.Runts, Rtl8139ReceiveConfiguration.Errors, Rtl8139ReceiveConfiguration.Multicast);
                Write(writer, Rtl8139Register.ReceiveConfiguration, writer.Number((ulong)(Receiving | more), 32));
                break;
        }
    }

    /// <summary>Writes a register.</summary>
    protected static void Write(FuzzDriver driver, Rtl8139Register register, ulong value, int size = 4)
    {
        ArgumentNullException.ThrowIfNull(driver);
        driver.Write(Window, (int)register, size, value);
    }

    /// <summary>A buffer to transmit from.</summary>
    protected static ulong AnyBuffer(FuzzWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        return writer.Address(TransmitBuffers + (ulong)writer.Random.Below(0x4_0000));
    }
}
