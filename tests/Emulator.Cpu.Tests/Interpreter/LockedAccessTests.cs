using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace Emulator.Cpu.Tests.Interpreter;

/// <summary>Locked instructions of two vCPUs on one location, wherever it lies.</summary>
public class LockedAccessTests
{
    private const uint Code = 0x1000;
    private const int Rounds = 50_000;

    // On a page of its own, not aligned, across two cache lines, across two pages, on the page of the code itself.
    private static readonly uint[] Places = [0x4000, 0x4001, 0x403D, 0x4FFD, 0x1F00, 0x1FFE];

    public static TheoryData<string, uint> Cases
    {
        get
        {
            var cases = new TheoryData<string, uint>();
            foreach (var name in new[] { "inc", "add", "xadd", "cmpxchg", "bts" })
            {
                foreach (var place in Places)
                {
                    cases.Add(name, place);
                }
            }

            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_counter_under_LOCK_misses_nothing(string name, uint place)
    {
        using var machine = new CodeMachine(processors: 2);
        for (var i = 0; i < 2; i++)
        {
            machine.Start(Code + (uint)i * 0x100, a =>
            {
                var again = a.CreateLabel();
                a.mov(ecx, Rounds);
                a.Label(ref again);
                Count(a, name, place);
                a.dec(ecx);
                a.jnz(again);
                a.hlt();
            }, i);
        }

        Run(machine);
        machine.Memory.Read(name == "bts" ? place + 8 : place, 4, out var count);
        Assert.Equal(2UL * Rounds, count);
    }

    [Theory]
    [InlineData(0x4000)]
    [InlineData(0x4FF0)]
    [InlineData(0x1F00)]
    public void CMPXCHG16B_misses_nothing_and_never_tears(uint place)
    {
        // Both halves are counted up together; one that was torn would make them differ.
        using var machine = new CodeMachine(processors: 2);
        for (var i = 0; i < 2; i++)
        {
            Start64(machine, Code + (uint)i * 0x100, i, a =>
            {
                var again = a.CreateLabel();
                var retry = a.CreateLabel();
                a.mov(esi, Rounds);
                a.Label(ref again);
                a.mov(rax, __qword_ptr[place]);
                a.mov(rdx, __qword_ptr[place + 8]);
                a.Label(ref retry);
                a.lea(rbx, __[rax + 1]);
                a.lea(rcx, __[rdx + 1]);
                a.@lock.cmpxchg16b(__xmmword_ptr[place]);
                a.jnz(retry);
                a.dec(esi);
                a.jnz(again);
                a.hlt();
            });
        }

        Run(machine);
        machine.Memory.Read(place, 8, out var low);
        machine.Memory.Read(place + 8, 8, out var high);
        Assert.Equal((2UL * Rounds, 2UL * Rounds), (low, high));
    }

    [Fact]
    public void CMPXCHG16B_and_a_plain_store_do_not_undo_each_other()
    {
        // Emulated by two accesses it would write the old half back over the other vCPU's store.
        Assert.SkipUnless(AtomicPair.IsSupported, "This host has no such instruction to lend.");
        const uint Place = 0x4000;
        using var machine = new CodeMachine(processors: 2);
        Start64(machine, Code, 0, a =>
        {
            var again = a.CreateLabel();
            a.mov(esi, Rounds);
            a.Label(ref again);
            a.mov(rax, __qword_ptr[Place]);
            a.mov(rdx, __qword_ptr[Place + 8]);
            a.lea(rbx, __[rax + 1]);
            a.mov(rcx, rdx);
            a.@lock.cmpxchg16b(__xmmword_ptr[Place]);
            a.dec(esi);
            a.jnz(again);
            a.hlt();
        });
        Start64(machine, Code + 0x100, 1, a =>
        {
            var again = a.CreateLabel();
            var bad = a.CreateLabel();
            a.mov(esi, Rounds);
            a.mov(edi, 0);
            a.Label(ref again);
            a.inc(rdi);
            a.mov(__qword_ptr[Place + 8], rdi);
            a.cmp(__qword_ptr[Place + 8], rdi);
            a.jne(bad);
            a.dec(esi);
            a.jnz(again);
            a.hlt();
            a.Label(ref bad);
            a.ud2();
        });
        Run(machine);
        machine.Memory.Read(Place + 8, 8, out var last);
        Assert.Equal((ulong)Rounds, last);
    }

    private static void Count(Assembler a, string name, uint place)
    {
        switch (name)
        {
            case "inc":
                a.@lock.inc(__dword_ptr[place]);
                break;
            case "add":
                a.@lock.add(__dword_ptr[place], 1);
                break;
            case "xadd":
                a.mov(eax, 1);
                a.@lock.xadd(__dword_ptr[place], eax);
                break;
            case "cmpxchg":
                var retry = a.CreateLabel();
                a.mov(eax, __dword_ptr[place]);
                a.Label(ref retry);
                a.lea(edx, __[eax + 1]);
                a.@lock.cmpxchg(__dword_ptr[place], edx);
                a.jnz(retry);
                break;
            default:
                // A lock in a bit; what it guards is counted without LOCK.
                a.nop();
                var wait = a.CreateLabel();
                a.Label(ref wait);
                a.pause();
                a.@lock.bts(__dword_ptr[place], 17);
                a.jc(wait);
                a.inc(__dword_ptr[place + 8]);
                a.@lock.btr(__dword_ptr[place], 17);
                break;
        }
    }

    /// <summary>Points a vCPU at 64-bit code; the first 2 MiB are mapped one to one by tables at 0x9000.</summary>
    private static void Start64(CodeMachine machine, uint address, int processor, Action<Assembler> write)
    {
        machine.Memory.Write(0x9000, 8, 0xA003);
        machine.Memory.Write(0xA000, 8, 0xB003);
        machine.Memory.Write(0xB000, 8, 0x83);
        machine.Start(address, _ => { }, processor);
        var assembler = new Assembler(64);
        write(assembler);
        using var stream = new MemoryStream();
        assembler.Assemble(new StreamCodeWriter(stream), address);
        machine.Memory.Write(address, stream.ToArray());
        var state = machine.Vcpus[processor].GetState();
        state.Cr0 = 0x8000_0011;
        state.Cr3 = 0x9000;
        state.Cr4 = 0x20;
        state.Efer = 0x500;
        state.Segments[(int)SegmentName.Cs].Attributes = 0xA09B;
        machine.Vcpus[processor].SetState(state);
    }

    private static void Run(CodeMachine machine)
    {
        var ends = new ExitReason[2];
        var threads = Enumerable.Range(0, 2).Select(i => new Thread(() =>
        {
            do
            {
                ends[i] = machine.Vcpus[i].Run();
            }
            while (ends[i] == ExitReason.Intr);
        })).ToArray();
        Array.ForEach(threads, t => t.Start());
        Assert.All(threads, t => Assert.True(t.Join(TimeSpan.FromSeconds(60))));
        Assert.Equal([ExitReason.Hlt, ExitReason.Hlt], ends);
    }
}
