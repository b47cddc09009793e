namespace Emulator.Cpu.Tests;

/// <summary>Loads, LAR, LSL, VERR and VERW against tables written down from the manual's prose, over every kind of descriptor.</summary>
public sealed unsafe class SegmentLoadTests
{
    private const ushort Subject = FlatMachine.Free;

    /// <summary>One descriptor, one selector's RPL, one CPL.</summary>
    private readonly record struct Case(bool System, int Type, int Dpl, bool Present, int Rpl, int Cpl)
    {
        // The types by number, as the manual's tables 3-1 and 3-2 list them.
        private static readonly int[] Writable = [2, 3, 6, 7];
        private static readonly int[] Readable = [0, 1, 2, 3, 4, 5, 6, 7, 10, 11, 14, 15];
        private static readonly int[] Conforming = [12, 13, 14, 15];

        public int Attributes => Type | (System ? 0 : 0x10) | Dpl << 5 | (Present ? 0x80 : 0);

        public ushort Selector => (ushort)(Subject | Rpl);

        public bool IsWritable => !System && Writable.Contains(Type);

        public bool IsReadable => !System && Readable.Contains(Type);

        public bool IsConforming => !System && Conforming.Contains(Type);

        /// <summary>Both RPL and CPL at least as privileged as DPL.</summary>
        public bool IsReachable => Math.Max(Rpl, Cpl) <= Dpl;

        public static IEnumerable<Case> All()
        {
            foreach (var system in new[] { false, true })
            {
                for (var n = 0; n < 16 * 4 * 2 * 4 * 4; n++)
                {
                    yield return new Case(system, n & 15, n >> 4 & 3, (n >> 6 & 1) != 0, n >> 7 & 3, n >> 9 & 3);
                }
            }
        }
    }

    [Fact]
    public void Data_segment_loads_fault_exactly_where_type_privilege_or_presence_forbid_them()
    {
        ForAll(
            static (machine, c) => Segmentation.Load(machine.Cpu, SegmentName.Ds, c.Selector),
            static c => !c.IsReadable ? Vector.GeneralProtection
                : !c.IsConforming && !c.IsReachable ? Vector.GeneralProtection
                : !c.Present ? Vector.SegmentNotPresent
                : (byte)0);
    }

    [Fact]
    public void Stack_segment_loads_want_writable_data_of_exactly_the_current_level()
    {
        ForAll(
            static (machine, c) => Segmentation.Load(machine.Cpu, SegmentName.Ss, c.Selector),
            static c => !c.IsWritable || c.Rpl != c.Cpl || c.Dpl != c.Cpl ? Vector.GeneralProtection
                : !c.Present ? Vector.StackFault
                : (byte)0);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void LAR_answers_for_visible_segments_and_the_system_types_the_mode_knows(bool longMode)
    {
        int[] types = longMode ? [2, 9, 11, 12] : [1, 2, 3, 4, 5, 9, 11, 12];
        using var machine = longMode ? FlatMachine.Long() : FlatMachine.Protected();
        foreach (var c in Case.All())
        {
            Place(machine, c);
            Assert.True(Segmentation.LoadAccessRights(machine.Cpu, c.Selector, out var rights, out var valid));
            var expected = (!c.System || types.Contains(c.Type)) && (c.IsConforming || c.IsReachable);
            Assert.True(expected == valid, c.ToString());
            Assert.Equal(expected, Flags.Zero(machine.Cpu));
            Assert.True(!expected || rights == ((uint)c.Attributes << 8 | 0xA0000), c.ToString());
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void LSL_answers_for_visible_segments_and_the_system_types_that_have_limits(bool longMode)
    {
        int[] types = longMode ? [2, 9, 11] : [1, 2, 3, 9, 11];
        using var machine = longMode ? FlatMachine.Long() : FlatMachine.Protected();
        foreach (var c in Case.All())
        {
            Place(machine, c);
            Assert.True(Segmentation.LoadLimit(machine.Cpu, c.Selector, out var limit, out var valid));
            var expected = (!c.System || types.Contains(c.Type)) && (c.IsConforming || c.IsReachable);
            Assert.True(expected == valid, c.ToString());
            Assert.True(!expected || limit == 0xABCDE, c.ToString());
        }
    }

    [Fact]
    public void VERR_and_VERW_answer_by_type_and_privilege_whatever_the_presence()
    {
        using var machine = FlatMachine.Protected();
        foreach (var c in Case.All())
        {
            Place(machine, c);
            Assert.True(Segmentation.Verify(machine.Cpu, c.Selector, write: false));
            Assert.True(Flags.Zero(machine.Cpu) == (c.IsReadable && (c.IsConforming || c.IsReachable)), "VERR " + c);
            Assert.True(Segmentation.Verify(machine.Cpu, c.Selector, write: true));
            Assert.True(Flags.Zero(machine.Cpu) == (c.IsWritable && c.IsReachable), "VERW " + c);
        }
    }

    [Fact]
    public void A_load_marks_the_descriptor_accessed_and_scales_its_limit()
    {
        using var machine = FlatMachine.Protected();
        machine.SetDescriptor(Subject, FlatMachine.Segment(0x12345678, 0x23, 0x8092 | 0x60));
        Assert.True(Segmentation.Load(machine.Cpu, SegmentName.Es, Subject));
        var es = machine[SegmentName.Es];
        Assert.Equal((0x12345678UL, 0x23FFFU, Subject, (ushort)0x80F3), (es.Base, es.Limit, es.Selector, es.Attributes));
        Assert.Equal(FlatMachine.Segment(0x12345678, 0x23, 0x80F3), machine.GetDescriptor(Subject));
    }

    [Fact]
    public void A_selector_beyond_its_table_faults_and_a_query_of_it_clears_ZF()
    {
        using var machine = FlatMachine.Protected();
        machine.Cpu->GdtLimit = Subject + 6;
        machine.SetDescriptor(Subject, FlatMachine.Segment(0, 0xFFFFF, FlatMachine.Data32Attributes));
        Assert.False(Segmentation.Load(machine.Cpu, SegmentName.Ds, Subject));
        machine.AssertFault(Vector.GeneralProtection, Subject);
        Assert.True(Segmentation.LoadLimit(machine.Cpu, Subject, out _, out var valid));
        Assert.False(valid);
        Assert.False(Segmentation.Load(machine.Cpu, SegmentName.Ds, 0x0F));
        machine.AssertFault(Vector.GeneralProtection, 0x0C);
    }

    [Fact]
    public void The_local_table_serves_selectors_with_TI_once_it_is_loaded()
    {
        using var machine = FlatMachine.Protected();
        machine.Write(FlatMachine.Ldt + 8, 8, FlatMachine.Segment(0x5000, 0xFF, 0x93));
        Assert.True(Segmentation.LoadLdt(machine.Cpu, FlatMachine.LocalTable));
        Assert.True(Segmentation.Load(machine.Cpu, SegmentName.Fs, 0x0C));
        Assert.Equal(0x5000UL, machine[SegmentName.Fs].Base);
        Assert.True(Segmentation.LoadLdt(machine.Cpu, 0));
        Assert.False(Segmentation.Load(machine.Cpu, SegmentName.Fs, 0x0C));
        machine.AssertFault(Vector.GeneralProtection, 0x0C);
    }

    [Fact]
    public void Null_goes_into_data_segments_but_into_SS_only_in_64_bit_code_of_inner_levels()
    {
        using var machine = FlatMachine.Protected();
        Assert.True(Segmentation.Load(machine.Cpu, SegmentName.Ds, 3));
        Assert.Equal((3, 0), (machine[SegmentName.Ds].Selector, machine[SegmentName.Ds].Attributes));
        Assert.False(Segmentation.Load(machine.Cpu, SegmentName.Ss, 0));
        machine.AssertFault(Vector.GeneralProtection, 0);
        using var wide = FlatMachine.Long();
        Assert.True(Segmentation.Load(wide.Cpu, SegmentName.Ss, 0));
        Assert.False(Segmentation.Load(wide.Cpu, SegmentName.Ss, 1));
        wide.AssertFault(Vector.GeneralProtection, 0);
        wide.SetLongLevel(3);
        Assert.False(Segmentation.Load(wide.Cpu, SegmentName.Ss, 3));
        wide.AssertFault(Vector.GeneralProtection, 0);
    }

    [Fact]
    public void Real_mode_loads_change_the_base_and_keep_the_limit_that_protected_mode_left()
    {
        using var machine = FlatMachine.Real();
        machine.Cpu->Segments[(int)SegmentName.Es].Limit = uint.MaxValue;
        Assert.True(Segmentation.Load(machine.Cpu, SegmentName.Es, 0xF123));
        Assert.Equal((0xF1230UL, uint.MaxValue), (machine[SegmentName.Es].Base, machine[SegmentName.Es].Limit));
    }

    [Fact]
    public void Virtual_8086_loads_give_each_segment_64_KiB_at_level_3()
    {
        using var machine = FlatMachine.Virtual8086(3);
        machine.Cpu->Segments[(int)SegmentName.Es] = default;
        Assert.True(Segmentation.Load(machine.Cpu, SegmentName.Es, 0x1234));
        var es = machine[SegmentName.Es];
        Assert.Equal((0x12340UL, 0xFFFFU, (ushort)0xF3), (es.Base, es.Limit, es.Attributes));
    }

    [Fact]
    public void LTR_wants_an_available_TSS_of_the_GDT_and_makes_it_busy()
    {
        using var machine = FlatMachine.Protected();
        Assert.False(Segmentation.LoadTr(machine.Cpu, FlatMachine.TaskRegister));
        machine.AssertFault(Vector.GeneralProtection, FlatMachine.TaskRegister);
        Assert.True(Segmentation.LoadTr(machine.Cpu, FlatMachine.SecondTask));
        Assert.Equal((FlatMachine.Tss2, (ushort)0x8B), (machine[SegmentName.Tr].Base, machine[SegmentName.Tr].Attributes));
        Assert.Equal(FlatMachine.Segment((uint)FlatMachine.Tss2, 0x200, 0x8B), machine.GetDescriptor(FlatMachine.SecondTask));
        Assert.False(Segmentation.LoadTr(machine.Cpu, 0));
        machine.AssertFault(Vector.GeneralProtection, 0);
        machine.SetLevel(3);
        Assert.False(Segmentation.LoadTr(machine.Cpu, FlatMachine.TaskRegister));
        machine.AssertFault(Vector.GeneralProtection, 0);
    }

    [Fact]
    public void System_descriptors_have_64_bit_bases_in_long_mode()
    {
        using var machine = FlatMachine.Long();
        machine.SetDescriptor(FlatMachine.SecondTask + 8, 0xFFFF8000);
        Assert.True(Segmentation.LoadTr(machine.Cpu, FlatMachine.SecondTask));
        Assert.Equal(0xFFFF800000000000 + FlatMachine.Tss2, machine[SegmentName.Tr].Base);
        machine.SetDescriptor(FlatMachine.LocalTable + 8, 1UL << 40);
        Assert.False(Segmentation.LoadLdt(machine.Cpu, FlatMachine.LocalTable));
        machine.AssertFault(Vector.GeneralProtection, FlatMachine.LocalTable);
    }

    [Fact]
    public void ARPL_raises_the_destination_to_the_callers_level()
    {
        using var machine = FlatMachine.Protected();
        ushort selector = 0x10;
        Assert.True(Segmentation.AdjustRpl(machine.Cpu, ref selector, 0x1B));
        Assert.Equal(0x13, selector);
        Assert.True(Flags.Zero(machine.Cpu));
        Assert.True(Segmentation.AdjustRpl(machine.Cpu, ref selector, 0x1A));
        Assert.Equal(0x13, selector);
        Assert.False(Flags.Zero(machine.Cpu));
    }

    [Fact]
    public void Queries_and_system_loads_are_undefined_outside_protected_mode()
    {
        using var machine = FlatMachine.Virtual8086(3);
        ushort selector = 0;
        Assert.False(Segmentation.LoadAccessRights(machine.Cpu, 8, out _, out _));
        machine.AssertFault(Vector.InvalidOpcode, null);
        Assert.False(Segmentation.Verify(machine.Cpu, 8, write: true));
        machine.AssertFault(Vector.InvalidOpcode, null);
        Assert.False(Segmentation.AdjustRpl(machine.Cpu, ref selector, 3));
        machine.AssertFault(Vector.InvalidOpcode, null);
        Assert.False(Segmentation.LoadLdt(machine.Cpu, 0));
        machine.AssertFault(Vector.InvalidOpcode, null);
    }

    private static void ForAll(Func<FlatMachine, Case, bool> load, Func<Case, byte> oracle)
    {
        using var machine = FlatMachine.Protected();
        foreach (var c in Case.All())
        {
            Place(machine, c);
            var expected = oracle(c);
            Assert.True(load(machine, c) == (expected == 0), c.ToString());
            if (expected != 0)
            {
                machine.AssertFault(expected, Subject);
            }
        }
    }

    private static void Place(FlatMachine machine, in Case c)
    {
        machine.SetDescriptor(Subject, FlatMachine.Segment(0x1000, 0xABCDE, c.Attributes));
        machine.SetDescriptor(Subject + 8, 0);
        machine.Cpu->Cpl = c.Cpl;
        ModeTracker.Update(machine.Cpu);
    }
}
