using Iced.Intel;

namespace Emulator.Cpu.Translation;

internal static partial class SlowTable
{
    private static void AddSystem(Dictionary<Mnemonic, SlowEntry> table)
    {
        Plain<HaltInstruction>(table, SlowPlace.Last, Mnemonic.Hlt);
        Sized(table, SlowPlace.Middle, typeof(InputInstruction<>), Mnemonic.In);
        Sized(table, SlowPlace.Last, typeof(OutputInstruction<>), Mnemonic.Out);
        Plain<CpuidInstruction>(table, SlowPlace.Last, Mnemonic.Cpuid);
        Plain<ReadTimeStamp>(table, SlowPlace.Middle, Mnemonic.Rdtsc);
        Plain<ReadTimeStampAndProcessor>(table, SlowPlace.Middle, Mnemonic.Rdtscp);
        Plain<ReadCounter>(table, SlowPlace.Middle, Mnemonic.Rdpmc);
        Plain<ReadMsr>(table, SlowPlace.Middle, Mnemonic.Rdmsr);
        Plain<WriteMsr>(table, SlowPlace.Last, Mnemonic.Wrmsr);
        Plain<LoadMachineStatus>(table, SlowPlace.Last, Mnemonic.Lmsw);
        Plain<StoreMachineStatus>(table, SlowPlace.Middle, Mnemonic.Smsw);
        Plain<ClearTaskSwitched>(table, SlowPlace.Middle, Mnemonic.Clts);
        Plain<InvalidatePage>(table, SlowPlace.Last, Mnemonic.Invlpg);
        Plain<FlushCaches>(table, SlowPlace.Last, Mnemonic.Invd, Mnemonic.Wbinvd);
        Plain<AccessFlag<BitReset>>(table, SlowPlace.Last, Mnemonic.Clac);
        Plain<AccessFlag<BitSet>>(table, SlowPlace.Last, Mnemonic.Stac);
        Plain<StoreTable<GlobalTable>>(table, SlowPlace.Middle, Mnemonic.Sgdt);
        Plain<StoreTable<InterruptTable>>(table, SlowPlace.Middle, Mnemonic.Sidt);
        Sized(table, SlowPlace.Last, typeof(LoadTable<,>).WithFirst<GlobalTable>(), Mnemonic.Lgdt);
        Sized(table, SlowPlace.Last, typeof(LoadTable<,>).WithFirst<InterruptTable>(), Mnemonic.Lidt);
        Plain<StoreSelector<LocalTableRegister>>(table, SlowPlace.Middle, Mnemonic.Sldt);
        Plain<StoreSelector<TaskRegister>>(table, SlowPlace.Middle, Mnemonic.Str);
        Plain<LoadSelector<LocalTableRegister>>(table, SlowPlace.Middle, Mnemonic.Lldt);
        Plain<LoadSelector<TaskRegister>>(table, SlowPlace.Middle, Mnemonic.Ltr);
        Sized(table, SlowPlace.Middle, typeof(QuerySegment<,>).WithFirst<AccessRightsQuery>(), Mnemonic.Lar);
        Sized(table, SlowPlace.Middle, typeof(QuerySegment<,>).WithFirst<LimitQuery>(), Mnemonic.Lsl);
        Plain<VerifySegment<BitTest>>(table, SlowPlace.Middle, Mnemonic.Verr);
        Plain<VerifySegment<BitSet>>(table, SlowPlace.Middle, Mnemonic.Verw);
        Plain<AdjustRpl>(table, SlowPlace.Middle, Mnemonic.Arpl);
        Plain<SoftwareInterrupt>(table, SlowPlace.Jump, Mnemonic.Int);
        Plain<Breakpoint>(table, SlowPlace.Jump, Mnemonic.Int3);
        Plain<DebugBreak>(table, SlowPlace.Jump, Mnemonic.Int1);
        Plain<InterruptOnOverflow>(table, SlowPlace.Jump, Mnemonic.Into);
        Sized(table, SlowPlace.Middle, typeof(CheckBound<>), Mnemonic.Bound);
        Plain<SystemCall>(table, SlowPlace.Jump, Mnemonic.Syscall);
        Sized(table, SlowPlace.Jump, typeof(SystemReturn<>), Mnemonic.Sysret, Mnemonic.Sysretq);
        Plain<SystemEnter>(table, SlowPlace.Jump, Mnemonic.Sysenter);
        Sized(table, SlowPlace.Jump, typeof(SystemExit<>), Mnemonic.Sysexit, Mnemonic.Sysexitq);
        Plain<SwapGs>(table, SlowPlace.Middle, Mnemonic.Swapgs);
        Sized(table, SlowPlace.Middle, typeof(ReadSegmentBase<,>).WithFirst<FsName>(), Mnemonic.Rdfsbase);
        Sized(table, SlowPlace.Middle, typeof(ReadSegmentBase<,>).WithFirst<GsName>(), Mnemonic.Rdgsbase);
        Sized(table, SlowPlace.Middle, typeof(WriteSegmentBase<,>).WithFirst<FsName>(), Mnemonic.Wrfsbase);
        Sized(table, SlowPlace.Middle, typeof(WriteSegmentBase<,>).WithFirst<GsName>(), Mnemonic.Wrgsbase);
        Plain<ClearInterruptFlag>(table, SlowPlace.Middle, Mnemonic.Cli);
        Plain<SetInterruptFlag>(table, SlowPlace.Last, Mnemonic.Sti);
        Sized(table, SlowPlace.Middle, typeof(PushFlags<>), Mnemonic.Pushf, Mnemonic.Pushfd, Mnemonic.Pushfq);
        Sized(table, SlowPlace.Last, typeof(PopFlags<>), Mnemonic.Popf, Mnemonic.Popfd, Mnemonic.Popfq);
        Sized(table, SlowPlace.Last, typeof(LoadFarPointer<,>).WithFirst<DsName>(), Mnemonic.Lds);
        Sized(table, SlowPlace.Last, typeof(LoadFarPointer<,>).WithFirst<EsName>(), Mnemonic.Les);
        Sized(table, SlowPlace.Last, typeof(LoadFarPointer<,>).WithFirst<SsName>(), Mnemonic.Lss);
        Sized(table, SlowPlace.Last, typeof(LoadFarPointer<,>).WithFirst<FsName>(), Mnemonic.Lfs);
        Sized(table, SlowPlace.Last, typeof(LoadFarPointer<,>).WithFirst<GsName>(), Mnemonic.Lgs);
    }
}
