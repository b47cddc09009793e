using Emulator.Devices;

namespace Emulator.Fuzz.Targets;

/// <summary>rtl8139 as an RTL8139C+: rings of descriptors in memory, offloads, the dump of counters (RTL8139C(L)+ data sheet, 6 and 9).</summary>
public sealed class Rtl8139CPlusTarget() : Rtl8139Target(Rtl8139Variant.CPlus)
{
    private const int DescriptorSize = 16;
    private const int Descriptors = 16;
    private const ulong TransmitRing = 0x20000;
    private const ulong HighRing = 0x24000;
    private const ulong ReceiveRing = 0x28000;
    private const ulong ReceiveBuffers = 0x80000;
    private const ulong BufferStride = 0x1000;
    private const ulong BufferSize = 0x600;
    private const ulong Counters = 0x30000;
    private const int TransmitNext = 2;
    private const int ReceiveNext = 3;
    private const int HighNext = 4;

    private const uint Own = 1U << 31;
    private const uint EndOfRing = 1U << 30;
    private const uint First = 1U << 29;
    private const uint Last = 1U << 28;
    private const uint LargeSend = 1U << 27;

    // With the frame check sequence.
    private const int LengthMask = 0x1FFF;
    private const int FrameCheck = 4;

    private const Rtl8139CPlusCommand Modes = Rtl8139CPlusCommand.Transmit | Rtl8139CPlusCommand.Receive | Rtl8139CPlusCommand.DualAddress;

    /// <inheritdoc/>
    public override string Name => "rtl8139cp";

    /// <inheritdoc/>
    protected override void TurnOn(FuzzDriver driver)
    {
        ArgumentNullException.ThrowIfNull(driver);

        // The command first: the others are registers of the plain part without it.
        Write(driver, Rtl8139Register.CPlusCommand, driver.Number((ulong)Modes), 2);
        PlaceRing(driver, Rtl8139Register.TransmitAddress, TransmitRing);
        PlaceRing(driver, Rtl8139Register.TransmitAddress + 8, HighRing);
        PlaceRing(driver, Rtl8139Register.ReceiveDescriptors, ReceiveRing);
        for (var i = 0; i < Descriptors; i++)
        {
            GiveBuffer(driver, i);
            Clear(driver, TransmitRing, i);
            Clear(driver, HighRing, i);
        }

        base.TurnOn(driver);
        foreach (var ring in new[] { TransmitRing, HighRing, ReceiveRing })
        {
            driver.Guard(ring + (Descriptors * DescriptorSize), 0x1000);
        }
    }

    /// <inheritdoc/>
    protected override void Transmit(FuzzDriver driver, ulong address, int length)
    {
        Put(driver, TransmitRing, ref driver.Mind(TransmitNext), address, First | Last | (uint)length);
        Write(driver, Rtl8139Register.TransmitPoll, (ulong)Rtl8139TransmitPoll.Normal, 1);
    }

    /// <inheritdoc/>
    protected override byte[]? Received(LiveDriver driver)
    {
        ArgumentNullException.ThrowIfNull(driver);
        var index = driver.Mind(ReceiveNext)++;
        var status = (uint)driver.Load(ReceiveRing + (ulong)(index * DescriptorSize), 4);
        return (status & (Own | First | Last)) == (First | Last)
            ? driver.Bytes(ReceiveBuffers + ((ulong)index * BufferStride), (int)(status & LengthMask) - FrameCheck)
            : null;
    }

    /// <inheritdoc/>
    public override void Act(FuzzWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        var random = writer.Random;
        switch (random.Below(8))
        {
            case 0:
                base.Act(writer);
                break;
            case 1 or 2 or 3:
                TransmitPackets(writer);
                break;
            case 4:
                Write(writer, Rtl8139Register.TransmitStatus + 4, 0);
                Write(writer, Rtl8139Register.TransmitStatus, (writer.Address(Counters) & ~0x3FUL & uint.MaxValue) | (ulong)Rtl8139DumpTally.Command);
                break;
            case 5:
                var modes = Modes | random.Of(default, Rtl8139CPlusCommand.ReceiveChecksum, Rtl8139CPlusCommand.ReceiveVlan);
                Write(writer, Rtl8139Register.CPlusCommand, writer.Number((ulong)modes), 2);
                break;
            default:
                for (var count = random.Below(Descriptors); count >= 0; count--)
                {
                    GiveBuffer(writer, random.Below(Descriptors));
                }

                break;
        }
    }

    private static void PlaceRing(FuzzDriver driver, Rtl8139Register register, ulong address)
    {
        address = driver.Address(address);
        Write(driver, register, (uint)address);
        Write(driver, register + 4, address >> 32);
    }

    private static void Clear(FuzzDriver driver, ulong ring, int index) =>
        driver.Store(ring + (ulong)(index * DescriptorSize), 8, index == Descriptors - 1 ? EndOfRing : 0);

    private static void GiveBuffer(FuzzDriver driver, int index)
    {
        var at = ReceiveRing + (ulong)(index * DescriptorSize);
        var buffer = ReceiveBuffers + ((ulong)index * BufferStride);
        driver.Guard(buffer + BufferSize, BufferStride - BufferSize);
        driver.Store(at + 8, 8, driver.Address(buffer));
        driver.Store(at, 8, driver.Number(Own | (index == Descriptors - 1 ? EndOfRing : 0), 32) | driver.Number(BufferSize, 13));
    }

    private static void TransmitPackets(FuzzWriter writer)
    {
        var random = writer.Random;
        var isHigh = random.OneIn(4);
        ref var next = ref writer.Mind(isHigh ? HighNext : TransmitNext);
        for (var packets = random.Below(4); packets >= 0; packets--)
        {
            var flags = First;
            var offload = random.Below(4) switch
            {
                0 => LargeSend | ((uint)writer.Number(1460, 11) << 16),
                1 => (uint)random.Below(8) << 16,
                _ => 0U,
            };
            for (var pieces = random.Below(random.OneIn(3) ? 5 : 1); pieces >= 0; pieces--)
            {
                var length = (uint)writer.Number((ulong)(1 + random.Below(random.Of(60, 1514, 16000))));
                Put(writer, isHigh ? HighRing : TransmitRing, ref next, AnyBuffer(writer), flags | offload | (pieces == 0 ? Last : 0) | length);
                flags = 0;
            }
        }

        Write(writer, Rtl8139Register.TransmitPoll, writer.Number((ulong)(isHigh ? Rtl8139TransmitPoll.High : Rtl8139TransmitPoll.Normal), 8), 1);
    }

    private static void Put(FuzzDriver driver, ulong ring, ref int next, ulong address, uint flags)
    {
        var at = ring + (ulong)(next * DescriptorSize);
        driver.Store(at + 8, 8, address);
        driver.Store(at + 4, 4, 0);
        driver.Store(at, 4, driver.Number(flags | Own | (next == Descriptors - 1 ? EndOfRing : 0), 32));
        next = (next + 1) % Descriptors;
    }
}
