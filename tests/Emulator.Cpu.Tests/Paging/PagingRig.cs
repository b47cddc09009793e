using System.Buffers.Binary;
using Emulator.Memory;

namespace Emulator.Cpu.Tests;

/// <summary>A paging mode and the size of page that a mapping uses.</summary>
public enum MappingKind
{
    TwoLevel4K,
    TwoLevel4M,
    Pae4K,
    Pae2M,
    FourLevel4K,
    FourLevel2M,
    FourLevel1G,
}

/// <summary>A vCPU with a megabyte of RAM in which one linear address is mapped.</summary>
internal sealed unsafe class PagingRig : IDisposable
{
    public const ulong P = 1, W = 2, U = 4, A = 0x20, D = 0x40, PS = 0x80, G = 0x100;
    public const ulong NX = 1UL << 63;

    private readonly RamBlock _ram = new("ram", 1 << 20);
    private readonly List<ulong> _entries = [];
    private readonly MemoryRegion _ramRegion;

    public PagingRig(MappingKind kind)
    {
        Kind = kind;
        _ramRegion = Memory.AddRam("ram", 0, _ram, 0, _ram.Size);
        var cpu = Cpu.State;
        cpu->Cr0 = Cr0.ProtectionEnable | Cr0.Paging | Cr0.ExtensionType;
        cpu->Cr3 = 0x1000;
        if (IsFourLevel)
        {
            Cpu.EnterLongMode();
        }
        else
        {
            cpu->Cr4 = IsPae ? Cr4.PhysicalAddressExtension : Cr4.PageSizeExtensions;
        }

        ModeTracker.Update(cpu);
        Map(P | W | U, P | W | U);
    }

    public TestCpu Cpu { get; } = new();

    public GuestMemory Memory { get; } = new();

    public MappingKind Kind { get; }

    public bool IsFourLevel => Kind >= MappingKind.FourLevel4K;

    public bool IsPae => Kind is MappingKind.Pae4K or MappingKind.Pae2M;

    /// <summary>Entries of 8 bytes, with NX.</summary>
    public bool IsWide => Kind >= MappingKind.Pae4K;

    public int PageBits => Kind switch
    {
        MappingKind.TwoLevel4M => 22,
        MappingKind.Pae2M or MappingKind.FourLevel2M => 21,
        MappingKind.FourLevel1G => 30,
        _ => 12,
    };

    public ulong Linear => IsFourLevel ? 0xFFFF_8123_40C0_5123 : 0x40C0_5123;

    /// <summary>Where the page is.</summary>
    public ulong PageAddress => Kind switch
    {
        MappingKind.TwoLevel4K => 0xABCD_E000,
        MappingKind.TwoLevel4M => 0x92_3440_0000,
        MappingKind.FourLevel1G => 0x9A_C000_0000,
        MappingKind.Pae4K or MappingKind.FourLevel4K => 0x9A_BCDE_F000,
        _ => 0x9A_BCC0_0000,
    };

    public ulong Physical => PageAddress + (Linear & ((1UL << PageBits) - 1));

    /// <summary>Addresses of the entries on the way that are walked in memory, root first.</summary>
    public IReadOnlyList<ulong> Entries => _entries;

    /// <summary>The block that is RAM at 0.</summary>
    public RamBlock Ram => _ram;

    /// <summary>Turns the megabyte with the tables into ROM.</summary>
    public void MakeTablesReadOnly() => Memory.SetKind(_ramRegion, RegionKind.Rom);

    /// <summary>Takes the memory with the tables away.</summary>
    public void RemoveTables() => Memory.SetEnabled(_ramRegion, false);

    /// <summary>Maps <see cref="Linear"/> anew: these bits in each entry that leads to a table, those in the page's.</summary>
    public void Map(ulong tableBits, ulong leafBits)
    {
        _entries.Clear();
        var table = 0x1000UL;
        var shifts = Kind switch
        {
            MappingKind.TwoLevel4K => new[] { 22, 12 },
            MappingKind.TwoLevel4M => [22],
            MappingKind.Pae4K => [30, 21, 12],
            MappingKind.Pae2M => [30, 21],
            MappingKind.FourLevel4K => [39, 30, 21, 12],
            MappingKind.FourLevel2M => [39, 30, 21],
            _ => [39, 30],
        };
        foreach (var shift in shifts)
        {
            var index = Linear >> shift & (IsWide ? 511UL : 1023);
            var address = table + index * (IsWide ? 8UL : 4);
            table += 0x1000;
            if (shift == PageBits)
            {
                _entries.Add(address);
                var high = Kind == MappingKind.TwoLevel4M ? (PageAddress >> 32) << 13 : 0;
                var page = Kind == MappingKind.TwoLevel4M ? (uint)PageAddress : PageAddress;
                Set(address, page | high | leafBits | (shift == 12 ? 0 : PS));
            }
            else if (IsPae && shift == 30)
            {
                Set(address, table | P);
                for (var i = 0; i < 4; i++)
                {
                    Cpu.State->Pdpte[i] = 0;
                }

                Cpu.State->Pdpte[index] = table | P;
            }
            else
            {
                _entries.Add(address);
                Set(address, table | tableBits);
            }
        }
    }

    public ulong Get(ulong entry)
    {
        _ = Memory.Read(entry, IsWide ? 8 : 4, out var value);
        return value;
    }

    public void Set(ulong entry, ulong value)
    {
        Span<byte> bytes = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, value);
        _ = Memory.Write(entry, bytes[..(IsWide ? 8 : 4)]);
    }

    public bool Translate(PageAccess access, out PageTranslation result, bool user = false, bool smapOpen = false) =>
        Paging.Translate(Cpu.State, Memory, Linear, access, user, smapOpen, out result);

    public void AssertTranslates(PageAccess access, bool user = false)
    {
        Assert.True(Translate(access, out var result, user), $"error {Cpu.State->Fault.ErrorCode:X}");
        Assert.Equal(Physical, result.Physical);
    }

    public void AssertFaults(PageAccess access, uint error, bool user = false)
    {
        Assert.False(Translate(access, out _, user));
        Cpu.AssertFault(Vector.PageFault, error);
        Assert.Equal(Linear, Cpu.State->Cr2);
    }

    public void Dispose()
    {
        Memory.Dispose();
        _ram.Dispose();
        Cpu.Dispose();
    }
}
