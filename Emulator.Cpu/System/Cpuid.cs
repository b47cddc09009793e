using System.Buffers.Binary;
using System.Numerics;

namespace Emulator.Cpu;

/// <summary>CPUID (SDM volume 2, CPUID; APM volume 3, appendix E): what the processor says that it is and can do.</summary>
/// <remarks>
/// <para>
/// It says GenuineIntel, family 6, model 1C, stepping 10: the last Atom that executed in order. A guest's kernel picks
/// its defences against speculation by these numbers, and this is the 64-bit processor that every kernel knows not to
/// speculate, which is the truth here: no page-table isolation, no retpolines (which would defeat the return
/// stack), no buffer clearing. As AuthenticAMD it would be spared the first but not the others, and would be asked for
/// a dozen MSRs at C001xxxx. The vendor also decides how SYSCALL, SYSENTER and far transfers behave: Intel's way, so
/// SYSCALL and SYSRET are #UD outside 64-bit mode and SYSENTER works in long mode.
/// </para>
/// <para>
/// Leaves 15 and 16 give the frequencies of time-stamp counter and core, so that a kernel need not measure them
/// against the PIT.
/// </para>
/// </remarks>
internal static unsafe class Cpuid
{
    private const Features1Edx BaseEdx = Features1Edx.De | Features1Edx.Pse | Features1Edx.Tsc | Features1Edx.Msr
        | Features1Edx.Pae | Features1Edx.Mce | Features1Edx.Cx8 | Features1Edx.Sep | Features1Edx.Mtrr | Features1Edx.Pge
        | Features1Edx.Mca | Features1Edx.Cmov | Features1Edx.Pat | Features1Edx.Pse36 | Features1Edx.Clflush;

    private const Features1Ecx BaseEcx = Features1Ecx.Cx16 | Features1Ecx.Movbe | Features1Ecx.Popcnt | Features1Ecx.Hypervisor;

    private const Features7Ebx StructuredEbx = Features7Ebx.FsGsBase | Features7Ebx.Bmi1 | Features7Ebx.Smep
        | Features7Ebx.Bmi2 | Features7Ebx.Erms | Features7Ebx.Adx | Features7Ebx.Smap;

    private const Features7Ecx StructuredEcx = 0;

    private const FeaturesExtendedEdx ExtendedEdx = FeaturesExtendedEdx.Nx | FeaturesExtendedEdx.Pdpe1Gb
        | FeaturesExtendedEdx.Rdtscp | FeaturesExtendedEdx.Lm;

    private const FeaturesExtendedEcx ExtendedEcx = FeaturesExtendedEcx.LahfLm | FeaturesExtendedEcx.Abm;

    /// <summary>The bits of CR4 that features give a meaning to; the others are reserved.</summary>
    public const ulong Cr4Writable = Cr4.TimeStampDisable | Cr4.PerformanceCounterEnable
        | ((BaseEdx & Features1Edx.Vme) != 0 ? Cr4.VirtualModeExtensions | Cr4.ProtectedModeVirtualInterrupts : 0)
        | ((BaseEdx & Features1Edx.De) != 0 ? Cr4.DebuggingExtensions : 0)
        | ((BaseEdx & Features1Edx.Pse) != 0 ? Cr4.PageSizeExtensions : 0)
        | ((BaseEdx & Features1Edx.Pae) != 0 ? Cr4.PhysicalAddressExtension : 0)
        | ((BaseEdx & Features1Edx.Mce) != 0 ? Cr4.MachineCheckEnable : 0)
        | ((BaseEdx & Features1Edx.Pge) != 0 ? Cr4.PageGlobalEnable : 0)
        | ((BaseEdx & Features1Edx.Fxsr) != 0 ? Cr4.OsFxsr : 0)
        | ((BaseEdx & Features1Edx.Sse) != 0 ? Cr4.OsXmmException : 0)
        | ((BaseEcx & Features1Ecx.Xsave) != 0 ? Cr4.OsXsave : 0)
        | ((StructuredEbx & Features7Ebx.FsGsBase) != 0 ? Cr4.FsGsBase : 0)
        | ((StructuredEbx & Features7Ebx.Smep) != 0 ? Cr4.SupervisorExecutionPrevention : 0)
        | ((StructuredEbx & Features7Ebx.Smap) != 0 ? Cr4.SupervisorAccessPrevention : 0)
        | ((StructuredEcx & Features7Ecx.Umip) != 0 ? Cr4.UserModeInstructionPrevention : 0);

    private const uint Stepping = 10;
    private const uint Model = 0x1C;
    private const uint Family = 6;

    /// <summary>What EDX holds after a reset, and leaf 1 in EAX.</summary>
    public const uint Signature = (Model >> 4) << 16 | Family << 8 | (Model & 15) << 4 | Stepping;

    private const uint LastBasicLeaf = 0x16;
    private const uint LastHypervisorLeaf = FirstHypervisorLeaf;
    private const uint FirstHypervisorLeaf = 0x4000_0000;
    private const uint FirstExtendedLeaf = 0x8000_0000;
    private const uint LastExtendedLeaf = 0x8000_0008;
    private const uint CacheLineBytes = 64;
    private const uint InvariantTsc = 1 << 8;
    private const uint AlwaysRunningApicTimer = 1 << 2;
    private const int Eax = 0;
    private const int Ecx = 1;
    private const int Edx = 2;
    private const int Ebx = 3;

    private static ReadOnlySpan<byte> Vendor => "GenuineIntel"u8;

    private static ReadOnlySpan<byte> HypervisorVendor => "EMULATOR.NET"u8;

    private static ReadOnlySpan<byte> Brand => "Emulator.Cpu interpreted x86-64 processor\0\0\0\0\0\0\0"u8;

    /// <summary>Executes CPUID for the leaf in EAX and the subleaf in ECX; the upper halves become 0.</summary>
    public static void Execute(CpuState* cpu)
    {
        Query(cpu, (uint)cpu->Gpr[Eax], (uint)cpu->Gpr[Ecx], out var eax, out var ebx, out var ecx, out var edx);
        cpu->Gpr[Eax] = eax;
        cpu->Gpr[Ebx] = ebx;
        cpu->Gpr[Ecx] = ecx;
        cpu->Gpr[Edx] = edx;
    }

    /// <summary>Looks a leaf up.</summary>
    public static void Query(CpuState* cpu, uint leaf, uint subleaf, out uint eax, out uint ebx, out uint ecx, out uint edx)
    {
        eax = ebx = ecx = edx = 0;
        var state = cpu->ModelSpecific;
        if (leaf is >= FirstHypervisorLeaf and < FirstHypervisorLeaf + 0x1000_0000)
        {
            if (leaf == FirstHypervisorLeaf)
            {
                eax = LastHypervisorLeaf;
                Words(HypervisorVendor, out ebx, out ecx, out edx);
            }

            return;
        }

        // Beyond the last leaf of either range Intel's processors answer as for the last basic one.
        if (leaf is > LastBasicLeaf and < FirstExtendedLeaf or > LastExtendedLeaf)
        {
            leaf = LastBasicLeaf;
        }

        switch (leaf)
        {
            case 0:
                eax = LastBasicLeaf;
                Words(Vendor, out ebx, out edx, out ecx);
                break;
            case 1:
                eax = Signature;
                ebx = state->ProcessorIndex << 24 | Math.Min(RoundedCount(state), 255) << 16 | CacheLineBytes / 8 << 8;
                ecx = (uint)(BaseEcx | ((cpu->Cr4 & Cr4.OsXsave) != 0 ? Features1Ecx.OsXsave : 0));
                edx = (uint)(BaseEdx
                    | (state->ProcessorCount > 1 ? Features1Edx.Htt : 0)
                    | (state->HasLocalApic != 0 && (cpu->ApicBase & ApicBaseBits.Enable) != 0 ? Features1Edx.Apic : 0));
                break;
            case 2:
                // One round, and the one descriptor that says: see leaf 4.
                eax = 0xFF01;
                break;
            case 4:
                DescribeCache(state, subleaf, out eax, out ebx, out ecx, out edx);
                break;
            case 6:
                eax = state->HasLocalApic != 0 ? AlwaysRunningApicTimer : 0;
                break;
            case 7 when subleaf == 0:
                ebx = (uint)StructuredEbx;
                ecx = (uint)StructuredEcx;
                break;
            case 0xB:
                DescribeTopology(state, subleaf, out eax, out ebx, out ecx, out edx);
                break;
            case 0x15:
                // The counter is the crystal times EBX / EAX.
                eax = 1;
                ebx = 1;
                ecx = TimeStampCounter.Frequency;
                break;
            case 0x16:
                // Base, highest and bus frequency in MHz.
                eax = TimeStampCounter.Frequency / 1_000_000;
                ebx = TimeStampCounter.Frequency / 1_000_000;
                ecx = 100;
                break;
            case FirstExtendedLeaf:
                eax = LastExtendedLeaf;
                break;
            case FirstExtendedLeaf + 1:
                ecx = (uint)ExtendedEcx;
                edx = (uint)(ExtendedEdx | ((cpu->Mode & (uint)CodeMode.Code64) != 0 ? FeaturesExtendedEdx.Syscall : 0));
                break;
            case >= FirstExtendedLeaf + 2 and <= FirstExtendedLeaf + 4:
                var part = Brand.Slice((int)(leaf - FirstExtendedLeaf - 2) * 16, 16);
                eax = Word(part, 0);
                Words(part[4..], out ebx, out ecx, out edx);
                break;
            case FirstExtendedLeaf + 6:
                // Second-level cache: size in KiB, associativity (6: 8 ways), line.
                ecx = 512 << 16 | 6 << 12 | CacheLineBytes;
                break;
            case FirstExtendedLeaf + 7:
                edx = InvariantTsc;
                break;
            case FirstExtendedLeaf + 8:
                eax = PageEntry.LinearAddressBits << 8 | PageEntry.PhysicalAddressBits;
                break;
        }
    }

    // 32 KiB of instructions, 32 KiB of data, 512 KiB of both, each 8 ways: sizes that a kernel tunes itself by.
    private static void DescribeCache(ModelSpecificState* state, uint subleaf, out uint eax, out uint ebx, out uint ecx, out uint edx)
    {
        const uint Ways = 8;
        const uint SelfInitialising = 1 << 8;
        var (type, level, bytes) = subleaf switch
        {
            0 => (1u, 1u, 32u << 10),
            1 => (2u, 1u, 32u << 10),
            2 => (3u, 2u, 512u << 10),
            _ => default,
        };
        eax = ebx = ecx = edx = 0;
        if (type != 0)
        {
            eax = (Math.Min(RoundedCount(state), 64) - 1) << 26 | SelfInitialising | level << 5 | type;
            ebx = (Ways - 1) << 22 | (CacheLineBytes - 1);
            ecx = bytes / Ways / CacheLineBytes - 1;
        }
    }

    // One package of cores with one thread each; the APIC ID is the core's number.
    private static void DescribeTopology(ModelSpecificState* state, uint subleaf, out uint eax, out uint ebx, out uint ecx, out uint edx)
    {
        const uint ThreadLevel = 1;
        const uint CoreLevel = 2;
        var type = subleaf switch { 0 => ThreadLevel, 1 => CoreLevel, _ => 0u };
        eax = type == CoreLevel ? (uint)BitOperations.Log2(RoundedCount(state)) : 0;
        ebx = type switch { ThreadLevel => 1u, CoreLevel => state->ProcessorCount, _ => 0u };
        ecx = type << 8 | (subleaf & 0xFF);
        edx = state->ProcessorIndex;
    }

    // IDs are handed out from a field of whole bits.
    private static uint RoundedCount(ModelSpecificState* state) => BitOperations.RoundUpToPowerOf2(state->ProcessorCount);

    private static void Words(ReadOnlySpan<byte> text, out uint first, out uint second, out uint third)
    {
        first = Word(text, 0);
        second = Word(text, 4);
        third = Word(text, 8);
    }

    private static uint Word(ReadOnlySpan<byte> text, int offset) =>
        BinaryPrimitives.ReadUInt32LittleEndian(text[offset..]);
}
