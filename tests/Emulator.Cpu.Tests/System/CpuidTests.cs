using System.Text;

namespace Emulator.Cpu.Tests;

public sealed unsafe class CpuidTests : IDisposable
{
    private readonly TestCpu _cpu = new();

    public void Dispose() => _cpu.Dispose();

    [Fact]
    public void The_vendor_and_the_signature_are_those_of_a_processor_that_does_not_speculate()
    {
        var (last, b, c, d) = Query(0);
        Assert.Equal(0x16U, last);
        Assert.Equal("GenuineIntel", Text(b, d, c));
        Assert.Equal(0x106CAU, Query(1).A);
    }

    [Fact]
    public void Features_that_Linux_requires_of_integer_code_are_there_and_absent_units_are_not()
    {
        var (_, b, c, d) = Query(1);
        var present = (Features1Edx)d;
        Assert.True(present.HasFlag(Features1Edx.Pae | Features1Edx.Pse | Features1Edx.Msr | Features1Edx.Cx8 | Features1Edx.Cmov | Features1Edx.Tsc | Features1Edx.Pge | Features1Edx.Sep));
        Assert.Equal((Features1Edx)0, present & (Features1Edx.Fpu | Features1Edx.Mmx | Features1Edx.Fxsr | Features1Edx.Sse | Features1Edx.Sse2 | Features1Edx.Apic | Features1Edx.Htt));
        Assert.Equal(Features1Ecx.Cx16 | Features1Ecx.Movbe | Features1Ecx.Popcnt | Features1Ecx.Hypervisor, (Features1Ecx)c);
        Assert.Equal(64U, (b >> 8 & 0xFF) * 8);
        Assert.Equal(0x0018_0389U, Query(7).B);
        Assert.Equal((0U, 0U, 0U, 0U), Query(7, 1));
        Assert.Equal((0U, 0U, 0U, 0U), Query(0xD));
    }

    [Fact]
    public void SYSCALL_is_reported_where_it_works()
    {
        Assert.Equal(0x2C10_0000U, Query(0x8000_0001).D);
        Assert.Equal(0x21U, Query(0x8000_0001).C);
        _cpu.EnterLongMode();
        Assert.Equal(0x2C10_0800U, Query(0x8000_0001).D);
    }

    [Fact]
    public void The_APIC_bit_follows_the_APIC()
    {
        _cpu.State->ModelSpecific->HasLocalApic = 1;
        Assert.False(((Features1Edx)Query(1).D).HasFlag(Features1Edx.Apic));
        Assert.True(ModelSpecificRegisters.Write(_cpu.State, Msr.ApicBase, 0xFEE0_0900));
        Assert.True(((Features1Edx)Query(1).D).HasFlag(Features1Edx.Apic));
    }

    [Fact]
    public void Address_sizes_are_40_and_48_bits() => Assert.Equal(0x3028U, Query(0x8000_0008).A);

    [Fact]
    public void The_brand_names_this_emulator()
    {
        var text = new StringBuilder();
        for (var leaf = 0x8000_0002; leaf <= 0x8000_0004; leaf++)
        {
            var (a, b, c, d) = Query(leaf);
            text.Append(Text(a, b, c, d));
        }

        Assert.Equal(48, text.Length);
        Assert.Equal("Emulator.Cpu interpreted x86-64 processor", text.ToString().TrimEnd('\0'));
    }

    [Fact]
    public void The_hypervisor_range_has_its_own_signature_and_nothing_else()
    {
        var (a, b, c, d) = Query(0x4000_0000);
        Assert.Equal(0x4000_0000U, a);
        Assert.Equal("EMULATOR.NET", Text(b, c, d));
        Assert.Equal((0U, 0U, 0U, 0U), Query(0x4000_0100));
    }

    [Fact]
    public void Beyond_the_last_leaf_the_last_basic_one_answers()
    {
        Assert.Equal(Query(0x16), Query(0x17));
        Assert.Equal(Query(0x16), Query(0x8000_0009));
        Assert.Equal(Query(0x16), Query(uint.MaxValue));
    }

    [Fact]
    public void The_counters_frequency_is_told()
    {
        Assert.Equal((1U, 1U, 1_000_000_000U, 0U), Query(0x15));
        Assert.Equal(1000U, Query(0x16).A);
        Assert.Equal(0x100U, Query(0x8000_0007).D);
    }

    [Theory]
    [InlineData(1, 1, 0)]
    [InlineData(2, 2, 1)]
    [InlineData(3, 4, 2)]
    [InlineData(8, 8, 3)]
    public void Each_processor_is_a_core_of_one_package(int count, int rounded, int bits)
    {
        _cpu.State->ModelSpecific->ProcessorCount = (uint)count;
        _cpu.State->ModelSpecific->ProcessorIndex = (uint)count - 1;
        var (_, b, _, d) = Query(1);
        Assert.Equal((uint)count - 1, b >> 24);
        Assert.Equal((uint)rounded, b >> 16 & 0xFF);
        Assert.Equal(count > 1, ((Features1Edx)d).HasFlag(Features1Edx.Htt));
        Assert.Equal((uint)rounded - 1, Query(4).A >> 26);
        Assert.Equal((0U, 1U, 0x100U, (uint)count - 1), Query(0xB, 0));
        Assert.Equal(((uint)bits, (uint)count, 0x201U, (uint)count - 1), Query(0xB, 1));
        Assert.Equal((0U, 0U, 2U, (uint)count - 1), Query(0xB, 2));
    }

    [Fact]
    public void Caches_are_described_one_a_subleaf()
    {
        Assert.Equal(0xFF01U, Query(2).A);
        var sizes = new List<uint>();
        for (var subleaf = 0U; (Query(4, subleaf).A & 31) != 0; subleaf++)
        {
            var (_, b, c, _) = Query(4, subleaf);
            sizes.Add(((b >> 22) + 1) * ((b & 0xFFF) + 1) * (c + 1));
        }

        Assert.Equal([32U << 10, 32U << 10, 512U << 10], sizes);
    }

    [Fact]
    public void Execution_clears_the_upper_halves_and_reads_the_lower_ones()
    {
        for (var i = 0; i < 16; i++)
        {
            _cpu.State->Gpr[i] = ulong.MaxValue;
        }

        _cpu.State->Gpr[0] = 0xFFFF_FFFF_0000_0000;
        Cpuid.Execute(_cpu.State);
        Assert.Equal(0x16UL, _cpu.State->Gpr[0]);
        Assert.Equal("Genu", Text((uint)_cpu.State->Gpr[3]));
        Assert.Equal("ineI", Text((uint)_cpu.State->Gpr[2]));
        Assert.Equal("ntel", Text((uint)_cpu.State->Gpr[1]));
        Assert.Equal(0UL, (_cpu.State->Gpr[0] | _cpu.State->Gpr[1] | _cpu.State->Gpr[2] | _cpu.State->Gpr[3]) >> 32);
        Assert.Equal(ulong.MaxValue, _cpu.State->Gpr[4]);
    }

    private static string Text(params uint[] words) => string.Concat(words.Select(word =>
        Encoding.ASCII.GetString(BitConverter.GetBytes(word))));

    private (uint A, uint B, uint C, uint D) Query(uint leaf, uint subleaf = 0)
    {
        Cpuid.Query(_cpu.State, leaf, subleaf, out var a, out var b, out var c, out var d);
        return (a, b, c, d);
    }
}
