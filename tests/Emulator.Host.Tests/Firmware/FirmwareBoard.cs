using System.Buffers.Binary;
using Emulator.Devices;
using Emulator.Host.Firmware;
using Emulator.Host.Machine;
using Emulator.Memory;
using Emulator.Pci;

namespace Emulator.Host.Tests.Firmware;

/// <summary>A board with some functions on it, and the tables written into its memory; nothing runs.</summary>
internal sealed class FirmwareBoard : IDisposable
{
    private readonly ManualClock _clock = new();
    private readonly RamBlock _ram;
    private readonly Piix4PowerManagement _power;

    public FirmwareBoard(int processors = 1, ulong ramSize = 16 << 20, bool wideWindow = false)
    {
        _ram = new RamBlock("ram", ramSize);
        Bus = new PciBus(Memory, Ports);
        Bridge = new I440FxHostBridge(Bus, _ram);
        _ = new Piix3IsaBridge(Bus, [.. Enumerable.Repeat(InterruptLine.Unconnected, 16)]);
        _power = new Piix4PowerManagement(Bus, _clock, InterruptLine.Unconnected);
        for (var slot = 2; slot < 8; slot++)
        {
            Bus.Add(new Function($"f{slot}", ((slot - 2) % 4) + 1, wideWindow && slot == 2), slot << 3);
        }

        Bus.Add(new Function("second", 1), (2 << 3) | 1);
        Assert.Empty(FirmwareSetup.Run(Bridge));
        Layout = new MemoryLayout(Bridge.LowMemorySize, Bridge.HighMemorySize);
        Description = BoardDescription.Of(Bridge, processors, Signature, Features, [new SerialPort(1, 0x3F8, 4), new SerialPort(2, 0x2F8, 3)]);
        FirmwareTables.Write(Memory, Layout, Description);
    }

    public const uint Signature = 0x106CA;

    public const uint Features = 0x1F8BFBFF;

    public GuestMemory Memory { get; } = new();

    public PortSpace Ports { get; } = new();

    public PciBus Bus { get; }

    public I440FxHostBridge Bridge { get; }

    public MemoryLayout Layout { get; }

    public BoardDescription Description { get; }

    /// <summary>Where the tables are, as those who look for them find them: all of them.</summary>
    public IEnumerable<(string Name, PhysicalRange Range)> Found
    {
        get
        {
            var root = RootPointer;
            yield return ("RSDP", new PhysicalRange(root, 36));
            var fadt = Table("FACP");
            foreach (var address in (ulong[])[Dword(root + 16), Qword(root + 24), .. Tables, Dword(fadt + 36), Dword(fadt + 40)])
            {
                yield return (Text(address, 4), new PhysicalRange(address, Dword(address + 4)));
            }

            yield return ("_MP_", new PhysicalRange(MultiprocessorPointer, 16));
            yield return ("PCMP", new PhysicalRange(Multiprocessor, Word(Multiprocessor + 4)));
        }
    }

    /// <summary>The root pointer, looked for as ACPI says: at multiples of 16 from 0xE0000.</summary>
    public ulong RootPointer => Scan("RSD PTR ", 20);

    public ulong MultiprocessorPointer => Scan("_MP_", 16);

    public ulong Multiprocessor => Dword(MultiprocessorPointer + 4);

    /// <summary>What the RSDT lists.</summary>
    public ulong[] Tables
    {
        get
        {
            ulong rsdt = Dword(RootPointer + 16);
            return [.. Enumerable.Range(0, ((int)Dword(rsdt + 4) - 36) / 4).Select(i => (ulong)Dword(rsdt + 36 + ((ulong)i * 4)))];
        }
    }

    /// <summary>What the XSDT lists.</summary>
    public ulong[] ExtendedTables
    {
        get
        {
            var xsdt = Qword(RootPointer + 24);
            return [.. Enumerable.Range(0, ((int)Dword(xsdt + 4) - 36) / 8).Select(i => Qword(xsdt + 36 + ((ulong)i * 8)))];
        }
    }

    public byte[] DifferentiatedTable
    {
        get
        {
            ulong address = Dword(Table("FACP") + 40);
            return Bytes(address, (int)Dword(address + 4));
        }
    }

    public ulong Table(string signature) => Tables.Single(address => Text(address, 4) == signature);

    /// <summary>MADT's entries: type, and the bytes with type and length.</summary>
    public List<byte[]> MadtEntries()
    {
        var madt = Table("APIC");
        var entries = new List<byte[]>();
        for (ulong at = madt + 44, end = madt + Dword(madt + 4); at < end; at += entries[^1][1])
        {
            entries.Add(Bytes(at, Bytes(at, 2)[1]));
        }

        return entries;
    }

    /// <summary>The MP table's entries.</summary>
    public List<byte[]> MultiprocessorEntries()
    {
        var entries = new List<byte[]>();
        var at = Multiprocessor + 44;
        for (int left = Word(Multiprocessor + 34); left > 0; left--)
        {
            entries.Add(Bytes(at, Bytes(at, 1)[0] == 0 ? 20 : 8));
            at += (ulong)entries[^1].Length;
        }

        Assert.Equal(Multiprocessor + Word(Multiprocessor + 4), at);
        return entries;
    }

    public byte[] Bytes(ulong address, int count)
    {
        var bytes = new byte[count];
        Assert.Equal(BusStatus.Ok, Memory.Read(address, bytes));
        return bytes;
    }

    public ushort Word(ulong address) => BinaryPrimitives.ReadUInt16LittleEndian(Bytes(address, 2));

    public uint Dword(ulong address) => BinaryPrimitives.ReadUInt32LittleEndian(Bytes(address, 4));

    public ulong Qword(ulong address) => BinaryPrimitives.ReadUInt64LittleEndian(Bytes(address, 8));

    public string Text(ulong address, int count) => System.Text.Encoding.ASCII.GetString(Bytes(address, count));

    public void Dispose()
    {
        _power.Dispose();
        Memory.Dispose();
        _ram.Dispose();
    }

    private ulong Scan(string signature, int covered)
    {
        for (ulong at = 0xE0000; at < 0x100000; at += 16)
        {
            if (Text(at, signature.Length) == signature && Bytes(at, covered).Sum(b => b) % 256 == 0)
            {
                return at;
            }
        }

        Assert.Fail($"There is no {signature}.");
        return 0;
    }

    private sealed class Function : PciFunction
    {
        public Function(string name, int pin, bool wide = false)
            : base(name, new PciIdentity(0x1234, 0x5678, 0, 0x020000))
        {
            UseInterruptPin(pin);
            if (wide)
            {
                AddMemoryBar(0, 1UL << 30, new Silent(), prefetchable: true, is64Bit: true);
            }
        }
    }

    private sealed class Silent : IBusTarget
    {
        public BusStatus Read(ulong offset, int size, out ulong value)
        {
            value = 0;
            return BusStatus.Ok;
        }

        public BusStatus Write(ulong offset, int size, ulong value) => BusStatus.Ok;
    }
}
