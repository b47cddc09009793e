using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using Emulator.Memory;
using Emulator.Pci;

namespace Emulator.Devices.Tests;

/// <summary>What has broken other emulations of the family: the device lives, ends its work, and touches nothing it should not.</summary>
public class Eepro100HazardTests
{
    private const int LargestFrame = 2600;

    private static readonly uint s_ownRegisters = (uint)NicBoard<Eepro100Function>.Window(0);

    [Fact]
    public void TCB_byte_count_3FFF_is_clamped()
    {
        using var nic = new Eepro100Driver();
        nic.PutFrame(0, Eepro100Driver.EndOfList, Eepro100Driver.FrameToMe());
        nic.Board.Store(Eepro100Driver.Block(0) + 12, 0xBFFF, 2);
        nic.Start();
        Assert.Equal(LargestFrame, nic.Board.Receive().Length);
        nic.Settle();
        Assert.Equal((0, Eepro100Driver.Done), (nic.CommandUnit, nic.Status()));
    }

    [Theory]
    [InlineData(0x3FFF, 255)]
    [InlineData(0xFFFF, 255)]
    [InlineData(1000, 3)]
    public void TBDs_summing_to_more_than_2600_are_clamped(ushort size, byte count)
    {
        using var nic = new Eepro100Driver();
        nic.PutBuffers(0, Eepro100Driver.EndOfList, 0x8000, count, Eepro100Driver.FrameToMe());
        for (uint i = 0; i < count; i++)
        {
            nic.PutBuffer(0x8000 + (i * 8), Eepro100Driver.Buffers, size);
        }

        nic.Start();
        Assert.Equal(LargestFrame, nic.Board.Receive().Length);
        nic.Settle();
        Assert.Equal((0, Eepro100Driver.Done), (nic.CommandUnit, nic.Status()));
    }

    [Theory]
    [InlineData(Eepro100Driver.Nop)]
    [InlineData(Eepro100Driver.Transmit)]
    public void CVE_2015_8345_a_block_that_links_to_itself_leaves_the_processor_and_the_thread_running(ushort command)
    {
        using var nic = new Eepro100Driver();
        nic.PutFrame(0, 0, Eepro100Driver.FrameToMe());
        nic.Put(0, command, Eepro100Driver.Block(0));
        nic.PutRing(2);
        nic.Start();
        nic.StartReceiving();
        nic.Board.Send(Eepro100Driver.FrameToMe());

        // Others have their turn on the thread, the receive unit too, and registers answer.
        Deadline.Until(() => nic.FrameStatus() != 0, "a frame is received beside an endless list");
        Assert.Equal(2, nic.CommandUnit);
        nic.Reset();
        nic.Board.Store(Eepro100Driver.Block(0), 0x1234, 2);
        nic.Settle();
        Assert.Equal((0, 0x1234), (nic.CommandUnit, nic.Status()));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Simplified_TBD_size_0_completes_and_sends_nothing(bool isFlexible)
    {
        using var nic = new Eepro100Driver();
        nic.PutFrame(0, (ushort)(Eepro100Driver.EndOfList | (isFlexible ? Eepro100Driver.Flexible : 0)), []);
        nic.Start();
        nic.Settle();
        Assert.Equal((0, Eepro100Driver.Done), (nic.CommandUnit, nic.Status()));
        Assert.Null(nic.Board.TryReceive());
    }

    [Theory]
    [InlineData(0x3FFF)]
    [InlineData(0xFFFF)]
    [InlineData(7)]
    [InlineData(0)]
    public void MC_setup_with_a_count_that_is_no_multiple_of_6_ignores_the_tail(ushort count)
    {
        using var nic = new Eepro100Driver();
        var data = new byte[8];
        BinaryPrimitives.WriteUInt16LittleEndian(data, count);
        Assert.Equal(Eepro100Driver.Done, nic.Do(Eepro100Driver.MulticastSetup, data));
    }

    [Fact]
    public void MC_setup_that_runs_out_of_memory_is_not_OK()
    {
        using var nic = new Eepro100Driver();
        const uint Last = (uint)NicBoard<Eepro100Function>.RamSize - 16;
        nic.Board.Store(Last, (uint)(Eepro100Driver.MulticastSetup | Eepro100Driver.EndOfList) << 16);
        nic.Board.Store(Last + 8, 0x3FFF);
        nic.Command(Eepro100CommandUnitCommand.Start, Last);
        nic.Settle();
        Assert.Equal((0, 0x8000UL), (nic.CommandUnit, nic.Board.Load(Last, 2)));
        Assert.True(nic.Function.RefusedDma(DmaStatus.Unassigned) > 0);
    }

    [Fact]
    public void RX_with_configuration_byte_18_bit_2_has_its_data_before_C()
    {
        using var nic = new Eepro100Driver();
        nic.ConfigureWith(bytes => bytes[18] |= 0x04);
        nic.PutRing(2);
        nic.Board.Put(Eepro100Driver.Frame(0) + 16, Enumerable.Repeat((byte)0xEE, 200).ToArray());
        nic.StartReceiving();
        var frame = Eepro100Driver.FrameToMe(100);
        nic.Board.Send(frame);
        nic.Settle();
        Assert.Equal((0xA020, 104), (nic.FrameStatus(), nic.Count()));
        Assert.Equal(frame, nic.Stored()[..100]);
    }

    [Theory]
    [InlineData(Eepro100CommandUnitCommand.DumpStatistics)]
    [InlineData(Eepro100CommandUnitCommand.DumpAndResetStatistics)]
    public void Statistics_dumped_to_its_own_registers_are_refused_and_counted_and_the_command_completes(Eepro100CommandUnitCommand dump)
    {
        using var nic = new Eepro100Driver();
        nic.Command(Eepro100CommandUnitCommand.LoadStatisticsAddress, s_ownRegisters);
        nic.Command(dump);
        nic.Settle();
        Assert.True(nic.Function.RefusedDma(DmaStatus.Registers) > 0);
        Assert.Equal(0UL, nic.Read(Eepro100Register.Command, 1));
        Assert.Equal(Eepro100Driver.Done, nic.Do(Eepro100Driver.Nop));
    }

    [Fact]
    public void CVE_2023_3019_a_frame_for_its_own_registers_is_refused()
    {
        using var nic = new Eepro100Driver();
        nic.Command(Eepro100ReceiveUnitCommand.Start, s_ownRegisters);
        nic.Board.Send(Eepro100Driver.FrameToMe());
        nic.Settle();
        Assert.Equal((2, Eepro100Cause.ReceiveNotReady), (nic.ReceiveUnit, nic.Causes));

        nic.PutDescriptor(0, Eepro100Driver.Flexible, Eepro100Driver.Frame(1), size: 0, buffer: 0x8000);
        nic.Board.Store(0x8008, s_ownRegisters);
        nic.Board.Store(0x800C, 0x3FFF);
        nic.StartReceiving();
        nic.Settle();
        Assert.Equal((2, 0), (nic.ReceiveUnit, nic.FrameStatus()));
        Assert.True(nic.Function.RefusedDma(DmaStatus.Registers) >= 2);

        // The frame is still there for a driver that has come to reason.
        nic.PutRing(2);
        nic.StartReceiving();
        nic.Settle();
        Assert.Equal(0xA020, nic.FrameStatus());
    }

    [Fact]
    public void CVE_2024_3446_blocks_buffers_and_results_in_its_own_registers_are_refused()
    {
        using var nic = new Eepro100Driver();
        nic.Command(Eepro100CommandUnitCommand.Start, s_ownRegisters);
        nic.Settle();
        Assert.Equal(0, nic.CommandUnit);

        nic.PutBuffers(0, Eepro100Driver.EndOfList, s_ownRegisters, 4);
        nic.Start();
        nic.Settle();
        Assert.Equal(0x9000, nic.Status());

        Span<byte> address = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(address, s_ownRegisters);
        Assert.Equal(0x8000, nic.Do(Eepro100Driver.Dump, address));
        nic.Write(Eepro100Register.Port, s_ownRegisters | (uint)Eepro100PortCommand.SelfTest);
        nic.Write(Eepro100Register.Port, s_ownRegisters | (uint)Eepro100PortCommand.Dump);
        nic.Settle();
        Assert.True(nic.Function.RefusedDma(DmaStatus.Registers) >= 4);
        Assert.Equal(Eepro100Driver.Done, nic.Do(Eepro100Driver.Nop));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(13)]
    [InlineData(59)]
    public void CVE_2025_12464_a_short_frame_in_loopback_is_stored_as_long_as_it_is(int length)
    {
        using var nic = new Eepro100Driver();
        nic.ConfigureWith(bytes => (bytes[7], bytes[10], bytes[15], bytes[18]) = (0, 0x6E, 0x49, 0xF0));
        nic.PutRing(2);
        nic.StartReceiving();
        var frame = Eepro100Driver.FrameToMe(length);
        nic.PutFrame(0, Eepro100Driver.EndOfList, frame);
        nic.Start();
        nic.Settle();

        // Of less than an address nobody can say whom it is for.
        Assert.Equal(length < MacAddress.Size ? [] : frame, nic.Stored());
    }

    [Fact]
    public void CVE_2020_13754_every_size_at_every_offset_of_every_window_is_answered()
    {
        var seed = Random.Shared.Next();
        var random = new Random(seed);
        using var nic = new Eepro100Driver();
        foreach (var bar in nic.Function.Bars)
        {
            var length = (int)Math.Min(bar.Size, 0x1000);
            for (var offset = 0; offset < length; offset++)
            {
                for (var size = 1; size <= 8; size *= 2)
                {
                    var value = (ulong)random.NextInt64();
                    if (bar.Kind == Emulator.Pci.PciBarKind.Io)
                    {
                        var port = (ushort)(NicBoard<Eepro100Function>.Port(bar.Index) + offset);
                        nic.Board.Ports.Read(port, Math.Min(size, 4), out _);
                        nic.Board.Ports.Write(port, Math.Min(size, 4), (uint)value);
                    }
                    else
                    {
                        nic.Board.Load(NicBoard<Eepro100Function>.Window(bar.Index) + (ulong)offset, size);
                        nic.Board.Store(NicBoard<Eepro100Function>.Window(bar.Index) + (ulong)offset, value, size);
                    }
                }
            }
        }

        nic.Reset();
        nic.Settle();
        Assert.True(nic.Do(Eepro100Driver.Nop) == Eepro100Driver.Done, $"seed {seed}");
    }

    [Fact]
    public void CVE_2016_9101_a_thousand_controllers_that_come_and_go_leave_nothing()
    {
        using var thread = new IoThread("io", (_, e) => Assert.Fail(e.ToString()));
        var clock = new ManualClock();
        var gone = Make(thread, clock, 1000);
        Assert.Equal(long.MaxValue, clock.NextDueNanoseconds);
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();

        // The thread may still have in a variable whose work it ran last.
        Assert.InRange(gone.Count(controller => controller.IsAlive), 0, 1);
        GC.KeepAlive(thread);
        GC.KeepAlive(clock);

        // By itself, so that none of its variables is left.
        [MethodImpl(MethodImplOptions.NoInlining)]
        static List<WeakReference> Make(IoThread thread, ManualClock clock, int count)
        {
            var made = new List<WeakReference>();
            for (var i = 0; i < count; i++)
            {
                var (port, _) = NetworkPort.CreateWire();
                using var memory = new GuestMemory();
                using var function = new Eepro100Function("nic", Eepro100Variant.I82559ER, thread, clock, port, MacAddress.Default(i));
                new PciBus(memory, new PortSpace()).Add(function, 3 << 3);
                made.Add(new WeakReference(function));
            }

            return made;
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(0x8000)]
    public void Buffer_descriptors_in_a_circle_of_no_size_end_with_the_frame_cut_off(ushort size)
    {
        using var nic = new Eepro100Driver();
        nic.PutDescriptor(0, Eepro100Driver.Flexible, Eepro100Driver.Frame(1), size: 0, buffer: 0x8000);
        nic.Board.Store(0x8004, 0x8000);
        nic.Board.Store(0x8008, Eepro100Driver.Buffers);
        nic.Board.Store(0x800C, size);
        nic.StartReceiving();
        nic.Board.Send(Eepro100Driver.FrameToMe());
        nic.Settle();
        Assert.Equal(0x8220, nic.FrameStatus());
    }

    [Fact]
    public void Whatever_is_in_memory_and_registers_the_device_lives()
    {
        var seed = Random.Shared.Next();
        var random = new Random(seed);
        using var nic = new Eepro100Driver();
        var bytes = new byte[0x2000];
        for (var round = 0; round < 300; round++)
        {
            random.NextBytes(bytes);

            // Links and buffers that are often somewhere in there.
            for (var at = 0; at < bytes.Length; at += 4)
            {
                if (random.Next(3) > 0)
                {
                    BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(at), (uint)random.Next(0x1000, 0x3000) & ~3U);
                }
                else if (random.Next(2) == 0)
                {
                    BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(at), (uint)random.Next(8) << 16);
                }
            }

            nic.Board.Put(0x1000, bytes);
            for (var i = 0; i < 10; i++)
            {
                nic.Write(Eepro100Register.Pointer, (uint)random.Next(0x1000, 0x3000));
                nic.Write(Eepro100Register.Command, (ulong)random.Next(256), 1);
                nic.Write((Eepro100Register)random.Next(0x20), (ulong)random.NextInt64(), 1 << random.Next(3));
                nic.Board.BackEnd.TrySend(Eepro100Driver.FrameToMe(random.Next(1, 3000)));
                while (nic.Board.TryReceive() is not null)
                {
                }
            }

            nic.Board.Advance(1000);
        }

        nic.Reset();
        nic.Settle();
        Assert.True(nic.Do(Eepro100Driver.Nop) == Eepro100Driver.Done, $"seed {seed}");
    }
}
