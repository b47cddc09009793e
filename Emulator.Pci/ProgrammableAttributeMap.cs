using Emulator.Memory;

namespace Emulator.Pci;

/// <summary>The shadow RAM from 0xC0000 to 0xFFFFF: thirteen segments, each read and written from RAM or from PCI.</summary>
/// <remarks>
/// 82441FX, PAM[6:0]: of each segment's four bits, bit 0 is read enable, bit 1 write enable, bit 2 cache enable, which
/// has no effect here. PCI holds the firmware from 0xE0000 up, if there is one, and otherwise what other regions put there.
/// </remarks>
internal sealed class ProgrammableAttributeMap
{
    public const int FirstRegister = 0x59;
    public const int Registers = 7;

    private const int ReadEnable = 1;
    private const int WriteEnable = 2;
    private const int Priority = 1;

    private readonly GuestMemory _memory;
    private readonly Segment[] _segments;

    public ProgrammableAttributeMap(GuestMemory memory, RamBlock ram, RamBlock? firmware)
    {
        _memory = memory;
        _segments = new Segment[13];
        using (memory.Change())
        {
            for (var i = 0; i < 12; i++)
            {
                _segments[i] = new Segment(memory, ram, firmware, 0xC0000 + ((ulong)i * 0x4000), 0x4000);
            }

            _segments[12] = new Segment(memory, ram, firmware, 0xF0000, 0x10000);
        }
    }

    /// <summary>Follows the registers, in one swap of the map.</summary>
    public void Update(ConfigSpace config)
    {
        using (_memory.Change())
        {
            for (var i = 0; i < 12; i++)
            {
                var register = config.ReadByte(FirstRegister + 1 + (i / 2));
                _segments[i].Set(_memory, i % 2 == 0 ? register : register >> 4);
            }

            _segments[12].Set(_memory, config.ReadByte(FirstRegister) >> 4);
        }
    }

    private sealed class Segment
    {
        private const ulong FirmwareWindow = 0xE0000;

        private readonly MemoryRegion _shadow;
        private readonly MemoryRegion _writesOnly;

        public Segment(GuestMemory memory, RamBlock ram, RamBlock? firmware, ulong first, ulong size)
        {
            var name = $"shadow {first:X5}";
            var writes = new ShadowRam(ram, first);
            _shadow = memory.AddRam(name, first, ram, first, size, Priority);

            // The last 128 KiB of the firmware, as far as it is that long, are seen below 1 MiB.
            _writesOnly = firmware is not null && first >= FirmwareWindow && first + firmware.Size >= 0x100000
                ? memory.AddRom(name, first, firmware, firmware.Size - (0x100000 - first), size, Priority, writes)
                : memory.AddMmio(name, first, size, writes, Priority);
            Set(memory, 0);
        }

        public void Set(GuestMemory memory, int attributes)
        {
            var read = (attributes & ReadEnable) != 0;
            var write = (attributes & WriteEnable) != 0;
            memory.SetKind(_shadow, write ? RegionKind.Ram : RegionKind.Rom);
            memory.SetEnabled(_shadow, read);
            memory.SetEnabled(_writesOnly, write && !read);
        }
    }
}
