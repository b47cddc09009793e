using Emulator.Cpu.Translation;
using Emulator.Memory;
using static Iced.Intel.AssemblerRegisters;

namespace Emulator.Cpu.Tests.Interpreter;

public sealed unsafe class DirtyPageTests : IDisposable
{
    private const uint Code = 0x10000;
    private const uint Data = 0x20000;
    private readonly CodeMachine _machine = new();
    private readonly ulong[] _pages = new ulong[4];

    public void Dispose() => _machine.Dispose();

    [Fact]
    public void A_store_of_the_guest_marks_its_page_in_each_collection_anew()
    {
        _machine.Start(Code, c =>
        {
            c.mov(__dword_ptr[Data], 1);
            c.@out(0x80, al);
            c.mov(__dword_ptr[Data + 4], 1);
            c.mov(eax, __dword_ptr[Data + 0x5000]);
            c.@out(0x80, al);
            c.mov(__dword_ptr[Data + 0x1FFE], 1);
            c.push(eax);
            c.@lock.inc(__dword_ptr[Data + 0x3000]);
            c.@out(0x80, al);
            c.mov(ecx, 0x1800);
            c.mov(edi, Data + 0x4000);
            c.rep.stosb();
            c.@out(0x80, al);
        });
        using var dirty = _machine.Memory.WatchDirty(_machine.Ram);
        Run();
        Assert.Equal([0x20u], Collect(dirty));
        Run();
        Assert.Equal([0x20u], Collect(dirty));
        Run();
        Assert.Equal([(CodeMachine.Stack - 4) >> 12, 0x21u, 0x22, 0x23], Collect(dirty));
        Run();
        Assert.Equal([0x24u, 0x25], Collect(dirty));
    }

    [Fact]
    public void Watching_begins_while_the_guest_holds_a_write_translation()
    {
        _machine.Start(Code, c =>
        {
            c.mov(__dword_ptr[Data], 1);
            c.@out(0x80, al);
            c.mov(__dword_ptr[Data], 2);
            c.@out(0x80, al);
        });
        Run();
        using var dirty = _machine.Memory.WatchDirty(_machine.Ram);
        Run();
        Assert.Equal([0x20u], Collect(dirty));
    }

    [Fact]
    public void Code_that_patches_its_own_page_is_noticed_and_marked()
    {
        _machine.Start(Code, c =>
        {
            c.mov(__dword_ptr[Code + 0x100], 0x90F49090);
            c.mov(ebx, Code + 0x100);
            c.jmp(ebx);
        });
        using var dirty = _machine.Memory.WatchDirty(_machine.Ram);
        Run();
        Assert.Equal([Code >> 12], Collect(dirty));
        Assert.Equal(1, _machine.Ram.CodeMap[Code >> 12] & ~RamBlock.Watched);
    }

    [Fact]
    public void More_processors_with_code_of_a_page_than_its_byte_counts_leave_the_watch_alone()
    {
        byte pageByte = RamBlock.Watched;
        for (var i = 0; i < 255; i++)
        {
            CodePage.Count(&pageByte, 1);
        }

        Assert.Equal(0xFF, pageByte);
        for (var i = 0; i < 255; i++)
        {
            CodePage.Count(&pageByte, -1);
        }

        Assert.Equal(0xFF, pageByte);
        pageByte = RamBlock.Watched;
        CodePage.Count(&pageByte, 1);
        CodePage.Count(&pageByte, -1);
        Assert.Equal(RamBlock.Watched, pageByte);
    }

    [Fact]
    public void A_thread_that_ran_a_guest_serves_it_no_longer_when_it_waits_for_another()
    {
        _machine.Start(Code, c => c.hlt());
        Run();
        Assert.Null(Vcpu.OnThisThread);
    }

    [Fact]
    public void No_store_of_a_running_guest_is_lost_between_two_collections()
    {
        _machine.Start(Code, c =>
        {
            var again = c.CreateLabel();
            c.mov(ecx, 0);
            c.Label(ref again);
            c.inc(ecx);
            c.mov(eax, ecx);
            c.and(eax, 7);
            c.shl(eax, 12);
            c.mov(__dword_ptr[eax + (int)Data], ecx);
            c.cmp(ecx, 2_000_000);
            c.jne(again);
            c.hlt();
        });
        using var dirty = _machine.Memory.WatchDirty(_machine.Ram);
        var done = false;
        var processor = new Thread(() =>
        {
            Run();
            Volatile.Write(ref done, true);
        });
        processor.Start();
        var seen = new uint[8];
        var collections = 0;
        for (var last = false; !last; collections++)
        {
            last = Volatile.Read(ref done);
            foreach (var page in Collect(dirty).Where(page => page is >= 0x20 and < 0x28))
            {
                seen[page - 0x20] = Volatile.Read(ref *(uint*)(_machine.Ram.Host + (page << 12)));
            }
        }

        processor.Join();
        TestContext.Current.TestOutputHelper?.WriteLine($"{collections} collections");
        for (var i = 0; i < seen.Length; i++)
        {
            Assert.Equal(*(uint*)(_machine.Ram.Host + Data + (i << 12)), seen[i]);
        }
    }

    private void Run()
    {
        ExitReason reason;
        do
        {
            reason = _machine.Vcpu.Run();
        }
        while (reason == ExitReason.Intr);

        Assert.True(reason is ExitReason.Hlt or ExitReason.Io, $"{reason}");
    }

    private List<uint> Collect(DirtyPages dirty)
    {
        Array.Clear(_pages);
        dirty.Collect(_pages);
        return [.. Enumerable.Range(0, 256).Where(page => (_pages[page / 64] >> page & 1) != 0).Select(page => (uint)page)];
    }
}
