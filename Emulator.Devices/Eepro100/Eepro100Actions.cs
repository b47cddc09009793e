using Emulator.Memory;

namespace Emulator.Devices;

/// <summary>What the action commands do (8255x manual, 6.4.2.1 to 6.4.2.8). On the I/O thread.</summary>
/// <param name="function">The device.</param>
/// <param name="receiveUnit">Takes what is sent in loopback.</param>
internal sealed class Eepro100Actions(Eepro100Function function, Eepro100ReceiveUnit receiveUnit)
{
    // The count of the multicast setup is in bytes, and what is not a whole address at its end is none.
    private const uint CountMask = 0x3FFF;
    private const int AddressesAtOnce = 64;

    private readonly Eepro100Transmitter _transmitter = new(function, receiveUnit);

    /// <summary>False if a command must wait for room on the wire, which posts the unit.</summary>
    /// <param name="command">The command.</param>
    public bool HasRoomFor(Eepro100BlockCommand command) => command != Eepro100BlockCommand.Transmit || _transmitter.HasRoom;

    /// <summary>Does what a block says.</summary>
    /// <param name="address">The block's.</param>
    /// <param name="block">What was read of it.</param>
    /// <returns>Ok; not bus master if nothing was done, to be done again; else the command has failed.</returns>
    public DmaStatus Execute(ulong address, in Eepro100CommandBlock block)
    {
        var data = address + Eepro100CommandBlock.DataOffset;
        switch (block.Command)
        {
            case Eepro100BlockCommand.IndividualAddressSetup:
                return SetAddress(data);
            case Eepro100BlockCommand.Configure:
                return Configure(data);
            case Eepro100BlockCommand.MulticastSetup:
                return SetHashes(data + sizeof(ushort), (int)(block.Address & CountMask) / MacAddress.Size);
            case Eepro100BlockCommand.Transmit:
                return _transmitter.Send(address, in block);
            case Eepro100BlockCommand.Dump:
                return function.Dma.Write(block.Address, function.Dump());
            default:
                // Nothing to do, no microcode to run, nothing that could be broken.
                return DmaStatus.Ok;
        }
    }

    private DmaStatus SetAddress(ulong data)
    {
        Span<byte> bytes = stackalloc byte[MacAddress.Size];
        var status = function.Dma.Read(data, bytes);
        if (status == DmaStatus.Ok)
        {
            function.Configuration.Address = MacAddress.Read(bytes);
        }

        return status;
    }

    // Byte 0 says how many bytes there are; the others stay as they are.
    private DmaStatus Configure(ulong data)
    {
        Span<byte> bytes = stackalloc byte[Eepro100Configuration.Size];
        var status = function.Dma.Load<byte>(data, out var count);
        bytes = bytes[..Math.Clamp(count & 0x3F, 1, Eepro100Configuration.Size)];
        if (status == DmaStatus.Ok)
        {
            status = function.Dma.Read(data, bytes);
        }

        if (status == DmaStatus.Ok)
        {
            bytes.CopyTo(function.Configuration.Bytes);
        }

        return status;
    }

    private DmaStatus SetHashes(ulong data, int count)
    {
        Span<byte> addresses = stackalloc byte[AddressesAtOnce * MacAddress.Size];
        function.Configuration.ClearHashes();
        while (count > 0)
        {
            var part = addresses[..(Math.Min(count, AddressesAtOnce) * MacAddress.Size)];
            var status = function.Dma.Read(data, part);
            if (status != DmaStatus.Ok)
            {
                return status;
            }

            data += (ulong)part.Length;
            count -= AddressesAtOnce;
            for (; !part.IsEmpty; part = part[MacAddress.Size..])
            {
                function.Configuration.AddHash(part);
            }
        }

        return DmaStatus.Ok;
    }
}
