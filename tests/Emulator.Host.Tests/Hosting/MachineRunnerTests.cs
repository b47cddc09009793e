using Emulator.Host.Hosting;
using Emulator.Host.Tests.CommandLine;
using Emulator.Host.Tests.Loading;
using Emulator.Host.Tracing;

namespace Emulator.Host.Tests.Hosting;

/// <summary>Whole machines with guests of a few instructions.</summary>
public sealed class MachineRunnerTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("emulator-test-").FullName;
    private readonly StringWriter _error = new() { NewLine = "\n" };

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("status=shifted", 11)]
    [InlineData("status=raw", 5)]
    public async Task A_guest_ends_the_run_with_its_status(string status, int expected)
    {
        var image = Write("guest.elf", ImageBuilder.Multiboot(0xB0, 5, 0xE6, 0xF4, 0xF4));         // mov al, 5; out 0xf4, al; hlt
        Assert.Equal(expected, await RunAsync("-kernel", image, "-device", $"isa-debug-exit,iobase=0xf4,iosize=4,{status}"));
        Assert.Empty(_error.ToString());
    }

    [Fact]
    public async Task What_a_guest_sends_is_in_the_file_before_the_run_ends()
    {
        var image = Write("guest.elf", ImageBuilder.Multiboot(
            0xB9, 0x10, 0x27, 0, 0,             // mov ecx, 10000
            0x66, 0xBA, 0xFD, 0x03,             // again: mov dx, 0x3fd
            0xEC, 0xA8, 0x20, 0x74, 0xFB,       // in al, dx; test al, 0x20; jz back
            0x66, 0xBA, 0xF8, 0x03,             // mov dx, 0x3f8
            0xB0, 0x41, 0xEE,                   // mov al, 'A'; out dx, al
            0xE2, 0xEE,                         // loop again
            0xB0, 0, 0xE6, 0xF4, 0xF4));
        var log = Path.Combine(_folder, "log");
        Assert.Equal(1, await RunAsync("-kernel", image, "-serial", $"file:{log}", "-device", "isa-debug-exit,iobase=0xf4,iosize=4"));
        Assert.Equal(new string('A', 10_000), await File.ReadAllTextAsync(log, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_trace_has_the_machines_lanes_and_a_functions_registers()
    {
        var image = Write("guest.elf", ImageBuilder.Multiboot(
            0x66, 0xBA, 0xF8, 0x0C, 0xB8, 0x10, 0x28, 0, 0x80, 0xEF,    // mov dx, 0xcf8; mov eax, 0x80002810 (slot 5, BAR 0); out dx, eax
            0x66, 0xBA, 0xFC, 0x0C, 0xED, 0x24, 0xF0, 0x8B, 0x18,       // mov dx, 0xcfc; in eax, dx; and al, 0xf0; mov ebx, [eax]
            0xB0, 0, 0xE6, 0xF4, 0xF4));
        var path = Path.Combine(_folder, "trace");
        Assert.Equal(1, await RunAsync(
            "-kernel", image, "-device", "isa-debug-exit,iobase=0xf4,iosize=4", "-device", "dma-test,addr=5,id=d", "-trace", $"dma,file={path}"));
        Assert.Empty(_error.ToString());
        Assert.True(TraceReader.Read(path).Get(out var trace, out var mistake), mistake);
        Assert.Equal([new TraceLane("cpu0", true), new TraceLane("d", false)], trace.Header.Lanes.AsEnumerable());
        var read = Assert.Single(trace.Events, e => e.Kind == TraceKind.RegisterRead);
        Assert.Equal(("cpu0", "d", 4, 0x54414D44UL), (read.Lane, read.Function, read.Length, read.Value!.Value));
        Assert.True(read is { Thread: "vcpu-0", Time: > 0, HostTime: > 0, Visible: null });
    }

    [Fact]
    public async Task A_drive_that_cannot_be_opened_is_a_line_and_status_2()
    {
        var image = Write("guest.elf", ImageBuilder.Multiboot(0xF4));
        Assert.Equal(ExitStatus.BadCommandLine, await RunAsync("-kernel", image, "-drive", $"file={_folder}/disk,if=none,id=d"));
        Assert.Equal(
            $"emulator: -drive id=d: cannot open {_folder}/disk: No such file or directory; make it: truncate -s 64M {_folder}/disk\n",
            _error.ToString());
    }

    [Theory]
    [InlineData("", 11)]
    [InlineData(",rombar=0", 1)]
    public async Task A_function_has_the_expansion_ROM_that_its_file_holds(string more, int expected)
    {
        var image = Write("guest.elf", ImageBuilder.Multiboot(
            0x66, 0xBA, 0xF8, 0x0C, 0xB8, 0x30, 0x28, 0, 0x80, 0xEF,    // mov dx, 0xcf8; mov eax, 0x80002830 (slot 5, ROM BAR); out dx, eax
            0x66, 0xBA, 0xFC, 0x0C, 0xED, 0x0C, 0x01, 0xEF, 0xED,       // mov dx, 0xcfc; in eax, dx; or al, 1; out dx, eax; in eax, dx
            0x24, 0xFE,                                                 // and al, 0xfe
            0x8A, 0x98, 0x02, 0, 0, 0,                                  // mov bl, [eax + 2]
            0x85, 0xC0, 0x75, 0x02, 0xB3, 0,                            // test eax, eax; jnz +2; mov bl, 0: there is no ROM BAR
            0x88, 0xD8, 0xE6, 0xF4, 0xF4));                             // mov al, bl; out 0xf4, al
        var rom = Write("rom", [0x55, 0xAA, 5, 6, 7]);
        Assert.Equal(expected, await RunAsync("-kernel", image, "-device", "isa-debug-exit,iobase=0xf4,iosize=4", "-device", $"dma-test,addr=5,romfile={rom}{more}"));
        Assert.Empty(_error.ToString());
    }

    [Theory]
    [InlineData(new byte[] { 0x55 }, "is no expansion ROM: it does not begin with the bytes 55 AA")]
    [InlineData(new byte[0], "the file is empty")]
    [InlineData(null, "no such file")]
    public async Task A_file_that_is_no_expansion_ROM_gives_status_3(byte[]? content, string expected)
    {
        var image = Write("guest.elf", ImageBuilder.Multiboot(0xF4));
        var rom = content is null ? Path.Combine(_folder, "missing") : Write("rom", content);
        Assert.Equal(ExitStatus.BadImage, await RunAsync("-kernel", image, "-device", $"dma-test,id=d,romfile={rom}"));
        Assert.Equal($"emulator: -device d: romfile={rom}: {expected}\n", _error.ToString());
    }

    [Fact]
    public async Task A_full_disk_ends_the_trace_and_not_the_guest()
    {
        Assert.SkipUnless(File.Exists("/dev/full"), "No device that is always full.");
        var image = Write("guest.elf", ImageBuilder.Multiboot(0xB0, 5, 0xE6, 0xF4, 0xF4));
        Assert.Equal(11, await RunAsync("-kernel", image, "-device", "isa-debug-exit,iobase=0xf4,iosize=4", "-trace", "dma,file=/dev/full"));
        Assert.Matches(@"^emulator: trace /dev/full: .*; the rest is not recorded\n$", _error.ToString());
    }

    [Fact]
    public async Task A_trace_that_cannot_be_created_gives_status_2()
    {
        var image = Write("guest.elf", ImageBuilder.Multiboot(0xF4));
        var path = Path.Combine(_folder, "not", "there");
        Assert.Equal(ExitStatus.BadCommandLine, await RunAsync("-kernel", image, "-trace", $"dma,file={path}"));
        Assert.StartsWith($"emulator: -trace {path}: ", _error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_triple_fault_gives_status_4_and_the_registers()
    {
        var image = Write("guest.elf", ImageBuilder.Multiboot(
            0x0F, 0x01, 0x1D, 0x28, 0x00, 0x10, 0x00,      // lidt [0x100028]: a limit of 0
            0xCC, 0, 0, 0, 0, 0, 0, 0));                    // int3
        Assert.Equal(ExitStatus.TripleFault, await RunAsync("-kernel", image));
        Assert.StartsWith("emulator: triple fault\nCPU 0\nRAX=", _error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Power_off_gives_status_0()
    {
        var image = Write("guest.elf", ImageBuilder.Multiboot(
            0x66, 0xBA, 0x04, 0x06,                                     // mov dx, 0x604
            0x66, 0xB8, 0x00, 0x20, 0x66, 0xEF,                         // mov ax, 0x2000; out dx, ax
            0xEB, 0xFE));                                               // jmp $
        Assert.Equal(0, await RunAsync("-kernel", image));
        Assert.Empty(_error.ToString());
    }

    [Fact]
    public async Task A_reset_under_no_reboot_gives_status_0()
    {
        var image = Write("guest.elf", ImageBuilder.Multiboot(0xB0, 0xFE, 0xE6, 0x64, 0xEB, 0xFE));    // mov al, 0xfe; out 0x64, al; jmp $
        Assert.Equal(0, await RunAsync("-kernel", image, "-no-reboot"));
    }

    [Theory]
    [InlineData(0x64, 0xFE)]
    [InlineData(0x92, 0x03)]
    public async Task A_reset_starts_the_image_again_as_it_was_loaded(byte port, byte value)
    {
        // The image counts in itself, which each start must see as 0, and in the CMOS, which keeps it.
        var image = Write("guest.elf", ImageBuilder.Multiboot(
            0xFE, 0x05, 0x80, 0x00, 0x10, 0x00,                         // inc byte [0x100080]
            0x80, 0x3D, 0x80, 0x00, 0x10, 0x00, 0x01,                   // cmp byte [0x100080], 1
            0x75, 0x14,                                                 // jne bad
            0xB0, 0x40, 0xE6, 0x70, 0xE4, 0x71,                         // al = cmos[0x40]
            0xFE, 0xC0, 0xE6, 0x71,                                     // ++, store
            0x3C, 3, 0x74, 0x0A,                                        // 3 starts: done
            0xB0, value, 0xE6, port, 0xEB, 0xFE,                        // reset; jmp $
            0xB0, 0x7F, 0xE6, 0xF4,                                     // bad: 0x7f
            0xE6, 0xF4, 0xF4));                                         // done: al is 3
        Assert.Equal(7, await RunAsync("-kernel", image, "-device", "isa-debug-exit,iobase=0xf4,iosize=4"));
    }

    [Theory]
    [InlineData("-device", "dma-test")]
    [InlineData("-device", "dma-test,iothread=io", "-object", "iothread,id=io")]
    public async Task A_machine_is_reset_and_ends_while_a_function_does_not_stop_working(params string[] device)
    {
        // Rings dma-test's doorbell for a script that never ends, by its ports at 0xc000, then resets; the twentieth time it leaves.
        var image = Write("guest.elf", ImageBuilder.Multiboot(
            0x66, 0xBA, 0xF8, 0x0C, 0xB8, 0x04, 0x10, 0x00, 0x80, 0xEF,     // 0xcf8 = slot 2, command
            0x66, 0xBA, 0xFC, 0x0C, 0xB8, 0x07, 0x00, 0x00, 0x00, 0xEF,     // 0xcfc = I/O, memory, bus master
            0x66, 0xBA, 0x40, 0xC0, 0xB8, 0x40, 0xC0, 0x00, 0x00, 0xEF,     // SCRIPT_DATA = BRANCH always to slot 0
            0x66, 0xBA, 0x18, 0xC0, 0x31, 0xC0, 0xEF,                       // DOORBELL = 0
            0x66, 0xBA, 0x0C, 0xC0, 0xED, 0x3C, 0x01, 0x75, 0x17,           // STATUS is RUNNING, or bad
            0xB0, 0x40, 0xE6, 0x70, 0xE4, 0x71,                             // al = cmos[0x40]
            0xFE, 0xC0, 0xE6, 0x71,                                         // ++, store
            0x3C, 20, 0x74, 0x06,                                           // 20 starts: done
            0xB0, 0xFE, 0xE6, 0x64, 0xEB, 0xFE,                             // reset; jmp $
            0xE6, 0xF4, 0xF4,                                               // done: al is 20
            0xB0, 0x7F, 0xE6, 0xF4, 0xF4));                                 // bad
        Assert.Equal(41, await RunAsync(["-kernel", image, "-device", "isa-debug-exit,iobase=0xf4,iosize=4", .. device]));
        Assert.Empty(_error.ToString());
    }

    [Fact]
    public async Task An_elf64_image_starts_in_long_mode_with_a_stack_and_the_information()
    {
        byte[] code =
        [
            0x50, 0x58,                                                 // push rax; pop rax
            0x48, 0x3D, 0x02, 0xB0, 0xAD, 0x2B,                         // cmp rax, 0x2badb002
            0x75, 0x0C,                                                 // jne bad
            0x48, 0xC1, 0xE0, 0x20, 0x74, 0x06,                         // shl rax, 32 (0 in 32-bit code); jz bad
            0x8B, 0x07, 0x24, 0x40,                                     // mov eax, [rdi]; and al, 1 << 6
            0xE6, 0xF4,                                                 // out 0xf4, al
            0xB0, 0x7F, 0xE6, 0xF4, 0xF4,                               // bad
        ];
        var image = Write("guest.elf", ImageBuilder.Elf(true, 62, 0x100000, new ImageBuilder.Piece(0x100000, code, 0x1000)));
        Assert.Equal(0x81, await RunAsync("-kernel", image, "-device", "isa-debug-exit,iobase=0xf4,iosize=4"));
    }

    [Fact]
    public async Task Firmware_starts_at_the_reset_vector_and_is_seen_below_1_mebibyte()
    {
        var rom = new byte[128 << 10];
        new byte[] { 0xEA, 0x00, 0xFF, 0x00, 0xF0 }.CopyTo(rom, 0x1FFF0);                 // jmp f000:ff00
        new byte[] { 0xB0, 9, 0xE6, 0xF4, 0xF4 }.CopyTo(rom, 0x1FF00);
        Assert.Equal(19, await RunAsync("-bios", Write("rom.bin", rom), "-device", "isa-debug-exit,iobase=0xf4,iosize=4"));
    }

    [Fact]
    public async Task Time_runs_out_with_status_124()
    {
        var image = Write("guest.elf", ImageBuilder.Multiboot(0xEB, 0xFE));
        Assert.Equal(ExitStatus.Timeout, await RunAsync("-kernel", image, "-timeout", "0.05"));
        Assert.Equal("emulator: timeout after 0.05 s\n", _error.ToString());
    }

    [Fact]
    public async Task The_host_can_end_a_halted_machine()
    {
        var image = Write("guest.elf", ImageBuilder.Multiboot(0xF4, 0xEB, 0xFD));
        using var cancel = new CancellationTokenSource(TimeSpan.FromMilliseconds(50));
        Assert.Equal(0, await RunAsync(cancel.Token, "-kernel", image));
    }

    [Fact]
    public async Task A_machine_that_is_ended_before_it_starts_ends_with_success()
    {
        var image = Write("guest.elf", ImageBuilder.Multiboot(0xF4, 0xEB, 0xFD));
        Assert.Equal(0, await RunAsync(new CancellationToken(canceled: true), "-kernel", image));
        Assert.Empty(_error.ToString());
    }

    [Theory]
    [InlineData("missing", "no such file")]
    [InlineData("folder", "is a directory, not a file")]
    [InlineData("empty", "the file is empty")]
    [InlineData("text", "neither an ELF file nor a Multiboot image")]
    [InlineData("truncated", "the ELF file is cut short")]
    [InlineData("arm", "the ELF file is for ARM; this machine runs i386 and x86-64")]
    public async Task An_image_that_cannot_be_loaded_gives_status_3_and_one_line(string name, string expected)
    {
        Directory.CreateDirectory(Path.Combine(_folder, "folder"));
        Write("empty", []);
        Write("text", "#!/bin/sh\necho no kernel\n"u8.ToArray());
        Write("truncated", ImageBuilder.Multiboot(0xF4)[..3000]);
        Write("arm", ImageBuilder.Elf(false, 40, 0x8000, new ImageBuilder.Piece(0x8000, [0], 1)));
        var path = Path.Combine(_folder, name);

        Assert.Equal(ExitStatus.BadImage, await RunAsync("-kernel", path));
        Assert.StartsWith($"emulator: -kernel {path}: {expected}", _error.ToString(), StringComparison.Ordinal);
        Assert.Equal(1, _error.ToString().Count(c => c == '\n'));
    }

    [Fact]
    public async Task Firmware_of_an_odd_size_gives_status_3()
    {
        var path = Write("rom", new byte[1000]);
        Assert.Equal(ExitStatus.BadImage, await RunAsync("-bios", path));
        Assert.Equal($"emulator: -bios {path}: 1000 bytes are not a firmware image: its size is a multiple of 64K\n", _error.ToString());
    }

    [Fact]
    public async Task A_back_end_that_cannot_be_opened_gives_status_2()
    {
        var image = Write("guest.elf", ImageBuilder.Multiboot(0xF4));
        Assert.Equal(ExitStatus.BadCommandLine, await RunAsync("-kernel", image, "-serial", "file:/nonexistent/log"));
        Assert.StartsWith("emulator: serial0: cannot write /nonexistent/log: ", _error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_machine_with_63_gibibytes_starts()
    {
        var image = Write("guest.elf", ImageBuilder.Multiboot(0xB0, 0, 0xE6, 0xF4, 0xF4));
        Assert.Equal(1, await RunAsync("-kernel", image, "-m", "63G", "-device", "isa-debug-exit,iobase=0xf4,iosize=4"));
    }

    private string Write(string name, byte[] data)
    {
        var path = Path.Combine(_folder, name);
        File.WriteAllBytes(path, data);
        return path;
    }

    private Task<int> RunAsync(params string[] words) => RunAsync(TestContext.Current.CancellationToken, words);

    private Task<int> RunAsync(CancellationToken cancellation, params string[] words) =>
        new MachineRunner(_error).RunAsync(CommandLineHarness.Describe([.. words, .. words.Contains("-timeout") ? Array.Empty<string>() : ["-timeout", "30"]]), cancellation);
}
