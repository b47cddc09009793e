namespace Emulator.Devices.Tests;

/// <summary>The registers as the manual has them, through both windows.</summary>
public class E1000RegisterTests
{
    [Fact]
    public void The_memory_window_is_as_the_table_says()
    {
        using var board = new E1000Board(started: false);
        board.Nic.BackEnd.SetUp(false);
        board.Nic.Settle();
        RegisterSweep.Check(
            E1000Registers.Table.ToArray().SelectMany(WithAddress),
            E1000Registers.Length,
            (ulong offset, int size, out ulong value) => board.Nic.Memory.Read(E1000Board.Address(0) + offset, size, out value),
            (offset, size, value) => board.Nic.Memory.Write(E1000Board.Address(0) + offset, size, value),
            board.Reset,
            widest: 4);
    }

    // The first of the exact addresses is loaded from the EEPROM.
    private static IEnumerable<RegisterSpec<E1000Register>> WithAddress(RegisterSpec<E1000Register> row) =>
        row.Register != E1000Register.ReceiveAddress
            ? [row]
            : [row with { Count = 1, Reset = 0x8000_5634_1200_5452 }, row with { Register = row.Register.At(1, 8), Count = row.Count - 1 }];

    [Fact]
    public void Identity_is_the_82540EMs()
    {
        using var board = new E1000Board(started: false);
        Assert.Equal(0x100E8086U, board.Nic.Config(0, 4));
        Assert.Equal(0x02000003U, board.Nic.Config(8, 4));
        Assert.Equal(1U, board.Nic.Config(0x3D, 1));
        Assert.Equal(0x0141, board.ReadPhy(2));
        Assert.Equal(0x0C20, board.ReadPhy(3));
    }

    [Fact]
    public void The_ports_reach_every_register_by_its_offset()
    {
        using var board = new E1000Board(started: false);
        var ports = NicBoard<E1000Function>.Port(1);
        board.Nic.Ports.Write(ports, 4, (uint)E1000Register.VlanType);
        board.Nic.Ports.Read(ports, 4, out var address);
        Assert.Equal((uint)E1000Register.VlanType, address);
        board.Nic.Ports.Read((ushort)(ports + 4), 4, out var value);
        Assert.Equal(0x8100U, value);
        board.Nic.Ports.Write((ushort)(ports + 4), 4, 0x88A8);
        Assert.Equal(0x88A8U, board[E1000Register.VlanType]);
        board.Nic.Ports.Read((ushort)(ports + 5), 1, out value);
        Assert.Equal(0x88U, value);
        board.Nic.Ports.Read((ushort)(ports + 8), 4, out value);
        Assert.Equal(0xFFFFFFFF, value);

        board.Nic.Ports.Write(ports, 4, (uint)E1000Register.Control);
        board.Nic.Ports.Write((ushort)(ports + 4), 4, (uint)E1000Control.DeviceReset);
        Assert.Equal(0x8100U, board[E1000Register.VlanType]);
    }

    [Fact]
    public void Every_access_at_every_offset_of_both_windows_is_answered()
    {
        using var board = new E1000Board();
        var seed = Random.Shared.Next();
        var random = new Random(seed);
        for (var offset = 0UL; offset < E1000Registers.WindowLength; offset++)
        {
            foreach (var size in new[] { 1, 2, 4, 8 })
            {
                board.Nic.Memory.Write(E1000Board.Address(0) + offset, size, (ulong)random.NextInt64());
                board.Nic.Memory.Read(E1000Board.Address(0) + offset, size, out _);
            }
        }

        for (var port = 0; port < E1000Registers.Ports; port++)
        {
            foreach (var size in new[] { 1, 2, 4 })
            {
                board.Nic.Ports.Write((ushort)(NicBoard<E1000Function>.Port(1) + port), size, (ulong)random.NextInt64());
                board.Nic.Ports.Read((ushort)(NicBoard<E1000Function>.Port(1) + port), size, out _);
            }
        }

        board.Reset();
        board.Start();
        board.Nic.Advance(MiiPhy.NegotiationNanoseconds);
        while (board.Nic.TryReceive() is not null)
        {
        }

        var frame = E1000Board.Frame(100);
        board.Transmit(frame);
        Assert.True(frame.AsSpan().SequenceEqual(board.Nic.Receive()), $"seed {seed}");
    }

    [Fact]
    public void The_packet_buffer_is_divided()
    {
        using var board = new E1000Board(started: false);
        Assert.Equal(0x00100030U, board[E1000Register.PacketBufferAllocation]);
        board[E1000Register.PacketBufferAllocation] = 0x28;
        Assert.Equal(0x00180028U, board[E1000Register.PacketBufferAllocation]);
    }

    // What a stock driver's self-test writes and expects to read.
    [Theory]
    [InlineData(E1000Register.ReceiveLength, 0x000FFF80)]
    [InlineData(E1000Register.TransmitLength, 0x000FFF80)]
    [InlineData(E1000Register.ReceiveBase, 0xFFFFFFF0)]
    [InlineData(E1000Register.TransmitBase, 0xFFFFFFF0)]
    [InlineData(E1000Register.FlowControlHigh, 0xFFF8)]
    [InlineData(E1000Register.InterPacketGap, 0x3FFFFFFF)]
    [InlineData(E1000Register.TransmitConfigurationWord, 0xC000FFFF)]
    [InlineData(E1000Register.TransmitDelay, 0xFFFF)]
    [InlineData(E1000Register.ReceiveAddress + (15 * 8) + 4, 0x8003FFFF)]
    [InlineData(E1000Register.MulticastTable + (127 * 4), 0xFFFFFFFF)]
    public void A_register_keeps_its_bits(E1000Register register, uint mask)
    {
        using var board = new E1000Board(started: false);
        foreach (var pattern in new uint[] { 0x5A5A5A5A, 0xA5A5A5A5, 0, 0xFFFFFFFF })
        {
            board[register] = pattern;
            Assert.Equal(pattern & mask, board[register]);
        }
    }
}
