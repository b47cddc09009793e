namespace Emulator.Host.Tests.CommandLine;

/// <summary>Each mistake gives status 2 and one line that names the word at fault and what would be right.</summary>
public sealed class BadCommandLineTests
{
    [Theory]
    [InlineData("", "nothing to start: give -kernel FILE or -bios FILE")]
    [InlineData("-kernle x", "-kernle: unknown option; did you mean '-kernel'?")]
    [InlineData("--kernle x", "--kernle: unknown option; did you mean '--kernel'?")]
    [InlineData("-kernel x -hda y", "-hda: unknown option; 'emulator run --help' lists the options")]
    [InlineData("-kernel x --no-rebot", "--no-rebot: unknown option; did you mean '--no-reboot'?")]
    [InlineData("-kernel", "-kernel: a value is missing: -kernel FILE")]
    [InlineData("-kernel x -m", "-m: a value is missing: -m SIZE")]
    [InlineData("x.elf", "x.elf: not expected here; give the image by -kernel x.elf or -bios x.elf")]
    [InlineData("-kernel x y", "y: not expected here")]
    [InlineData("tset", "tset: unknown verb; did you mean 'test'?")]
    [InlineData("-kernel x test", "test: the verb comes first: emulator test")]
    [InlineData("-kernel x -bios y", "-bios: not together with -kernel")]
    [InlineData("-bios y -append z", "-append: only together with -kernel")]
    [InlineData("-bios y -initrd z", "-initrd: only together with -kernel")]
    [InlineData("-kernel x -m 0", "-m 0: '0' is not a size between 1M and 63G")]
    [InlineData("-kernel x -m 1T", "-m 1T: '1T' is not a size between 1M and 63G")]
    [InlineData("-kernel x -m 64G", "-m 64G: '64G' is not a size between 1M and 63G")]
    [InlineData("-kernel x -m 1023K", "-m 1023K: '1023K' is not a size between 1M and 63G")]
    [InlineData("-kernel x -m 99999999999999999999T", "is not a size between 1M and 63G")]
    [InlineData("-kernel x -m 64X", "-m 64X: '64X' is not a size")]
    [InlineData("-kernel x -device virtio-blk-pci", "property 'drive' of 'virtio-blk-pci' is missing")]
    [InlineData("-kernel x -device virtio-blk-pci,drive=d,queue-size=100", "'100' is not a power of two between 4 and 1024")]
    [InlineData("-kernel x -device virtio-blk-pci,drive=d,disable-legacy=on,disable-modern=on", "with both on there is no device left; give one of them")]
    [InlineData("-kernel x -device virtio-blk-pci,drive=d,serial=012345678901234567890", "is too long; virtio has room for 20 characters")]
    [InlineData("-kernel x -m M", "-m M: 'M' is not a size")]
    [InlineData("-kernel x -m -5", "-m -5: '-5' is not a size")]
    [InlineData("-kernel x -m 64,slots=2", "unknown property 'slots'; valid: size")]
    [InlineData("-kernel x -smp 0", "-smp 0: '0' is not a number of processors between 1 and 255")]
    [InlineData("-kernel x -smp 256", "-smp 256: '256' is not a number of processors between 1 and 255")]
    [InlineData("-kernel x -smp cpus=4,maxcpus=2", "-smp cpus=4,maxcpus=2: maxcpus=2 is less than cpus=4")]
    [InlineData("-kernel x -smp 4,sockets=3", "-smp 4,sockets=3: sockets 3 × dies 1 × cores 1 × threads 1 are not the 4 processors asked for")]
    [InlineData("-kernel x -smp sockets=16,cores=16", "-smp sockets=16,cores=16: 256 are too many processors; 255 is the most")]
    [InlineData("-kernel x -smp 2,threads=0", "-smp 2,threads=0: property 'threads': '0' is not a number between 1 and 255")]
    [InlineData("-kernel x -smp two", "-smp two: 'two' is not a number of processors")]
    [InlineData("-kernel x -smp cpus=1,coers=1", "unknown property 'coers'; did you mean 'cores'?")]
    [InlineData("-kernel x -M q35", "-M q35: unknown machine 'q35'; valid: pc, pc-i440fx")]
    [InlineData("-kernel x -machine pc,acel=interp", "machine 'pc' has no property 'acel'; did you mean 'accel'?")]
    [InlineData("-kernel x -accel kvm", "-accel kvm: unknown accelerator 'kvm'; valid: interp")]
    [InlineData("-kernel x -trace dma", "-trace dma: property 'file' is missing; give dma,file=PATH[,vcpu=on|off][,limit=SIZE]")]
    [InlineData("-kernel x -trace pci,file=y", "-trace pci,file=y: 'pci' is nothing that can be traced; give dma,file=PATH")]
    [InlineData("-kernel x -trace dma,file=y,vcpu=yes", "property 'vcpu': 'yes' is neither on nor off")]
    [InlineData("-kernel x -trace dma,file=y,limit=0", "property 'limit': '0' is not a size")]
    [InlineData("-kernel x -trace dma,fiel=y", "unknown property 'fiel'; did you mean 'file'?")]
    [InlineData("trace check --all x", "--all: unknown option; 'emulator trace check --help' lists the options")]
    [InlineData("-kernel x -cpu 486", "unknown processor model '486'; valid: qemu64, max")]
    [InlineData("-kernel x -vga std", "-vga std: unknown graphics adapter 'std'; valid: none")]
    [InlineData("-kernel x -display gtk", "-display gtk: unknown display 'gtk'; valid: none")]
    [InlineData("-kernel x -device isa-debug-exti", "unknown device 'isa-debug-exti'; did you mean 'isa-debug-exit'? valid: isa-debug-exit, isa-debugcon, isa-serial")]
    [InlineData("-kernel x -device sb16", "unknown device 'sb16'; valid: isa-debug-exit")]
    [InlineData("-kernel x -device isa-debug-exit,iobsae=1", "device 'isa-debug-exit' has no property 'iobsae'; did you mean 'iobase'? valid: iobase, iosize, status")]
    [InlineData("-kernel x -device isa-debug-exit,iobase", "property 'iobase' of 'isa-debug-exit': a value is missing: iobase=NUMBER")]
    [InlineData("-kernel x -device isa-debug-exit,iobase=", "a value is missing: iobase=NUMBER")]
    [InlineData("-kernel x -device isa-debug-exit,iobase=ten", "'ten' is not a number")]
    [InlineData("-kernel x -device isa-debug-exit,iobase=0x10000", "'0x10000' is not between 0 and 0xffff")]
    [InlineData("-kernel x -device isa-debug-exit,iobase=0xffff,iosize=4", "the ports would end beyond 0xffff")]
    [InlineData("-kernel x -device isa-debug-exit,status=cooked", "'cooked' is not one of shifted, raw")]
    [InlineData("-kernel x -device isa-debugcon", "property 'chardev' of 'isa-debugcon' is missing: chardev=ID")]
    [InlineData("-kernel x -device isa-debugcon,chardev=c", "chardev 'c' is not there; add -chardev KIND,id=c")]
    [InlineData("-kernel x -device dma-tset", "unknown device 'dma-tset'; did you mean 'dma-test'?")]
    [InlineData("-kernel x -device dma-test,dma-ordering=strong", "property 'dma-ordering' of 'dma-test': 'strong' is not one of full, tracked, split, pci, relaxed")]
    [InlineData("-kernel x -device dma-test,dma-ordering", "a value is missing: dma-ordering=full|tracked|split|pci|relaxed")]
    [InlineData("-kernel x -device dma-test,dma-odering=full", "device 'dma-test' has no property 'dma-odering'; did you mean 'dma-ordering'? valid: id, addr, dma-ordering, iothread")]
    [InlineData("-kernel x -device dma-test,addr", "a value is missing: addr=SLOT[.FUNCTION]")]
    [InlineData("-kernel x -device dma-test,addr=20", "property 'addr' of 'dma-test': '20' is not a place on the bus; give a slot from 2 to 1f")]
    [InlineData("-kernel x -device dma-test,addr=1", "'1' is not a place on the bus")]
    [InlineData("-kernel x -device dma-test,addr=4.8", "'4.8' is not a place on the bus")]
    [InlineData("-kernel x -device dma-test,addr=four", "'four' is not a place on the bus")]
    [InlineData("-kernel x -device dma-test,addr=-3", "'-3' is not a place on the bus")]
    [InlineData("-kernel x -device dma-test,addr=3.", "'3.' is not a place on the bus")]
    [InlineData("-kernel x -device dma-test,id=first,addr=5 -device dma-test,addr=0x5.0", "property 'addr': first is at 5.0 already; give another place")]
    [InlineData("-kernel x -device dma-test,iothread=io", "iothread 'io' is not there; add -object iothread,id=io")]
    [InlineData("-kernel x -object iothred,id=a", "-object iothred,id=a: unknown object 'iothred'; did you mean 'iothread'?")]
    [InlineData("-kernel x -object iothread", "property 'id' of 'iothread' is missing: id=ID")]
    [InlineData("-kernel x -object iothread,id", "property 'id' of 'iothread': a value is missing: id=ID")]
    [InlineData("-kernel x -object iothread,poll=1", "object 'iothread' has no property 'poll'; valid: id")]
    [InlineData("-kernel x -object iothread,id=a -object iothread,id=a", "property 'id': 'a' is taken; give another")]
    [InlineData("-kernel x -serial sdtio", "unknown character back end 'sdtio'; did you mean 'stdio'?")]
    [InlineData("-kernel x -serial file:", "'file' needs a path: file:PATH")]
    [InlineData("-kernel x -serial tcp:localhost", "has no port: tcp:HOST:PORT")]
    [InlineData("-kernel x -serial tcp::70000", "'70000' is not a port between 0 and 65535")]
    [InlineData("-kernel x -serial tcp::7000,sever", "a socket has no property 'sever'; did you mean 'server'?")]
    [InlineData("-kernel x -serial unix:", "'unix' needs a path")]
    [InlineData("-kernel x -serial stdio -serial stdio", "stdio is used twice")]
    [InlineData("-kernel x -serial null -serial null -serial null -serial null -serial null", "there are only 4 serial ports")]
    [InlineData("-kernel x -chardev stdio", "property 'id' is missing: id=ID")]
    [InlineData("-kernel x -chardev pipe,id=a", "unknown character back end 'pipe'")]
    [InlineData("-kernel x -chardev null,id=a -chardev null,id=a", "'a' is taken")]
    [InlineData("-kernel x -timeout 0", "'0' is not a number of seconds")]
    [InlineData("-kernel x -timeout soon", "'soon' is not a number of seconds")]
    [InlineData("-kernel x -seed x", "'x' is not a number between 0 and 2^64 - 1")]
    [InlineData("-kernel x -dma-ordering fulll", "-dma-ordering fulll: unknown DMA ordering 'fulll'; valid: full, tracked, split, pci, relaxed")]
    [InlineData("-kernel x -dma-ordering", "-dma-ordering: a value is missing: -dma-ordering NAME")]
    [InlineData("-kernel x -log loud", "unknown log level 'loud'; valid: trace, debug, info, warning, error, none")]
    [InlineData("test --junit", "--junit: a value is missing: --junit FILE")]
    [InlineData("test --junitt", "--junitt: unknown option; did you mean '--junit'?")]
    [InlineData("test --target bochs", "--target bochs: unknown target; valid: self, qemu")]
    [InlineData("test a b", "b: not expected here")]
    [InlineData("devices x", "x: not expected here")]
    public void A_mistake_gets_one_line_and_status_2(string words, string expected)
    {
        var harness = new CommandLineHarness();
        var status = harness.Invoke(words.Split(' ', StringSplitOptions.RemoveEmptyEntries));

        Assert.Equal(ExitStatus.BadCommandLine, status);
        Assert.StartsWith("emulator: ", harness.Error, StringComparison.Ordinal);
        Assert.Contains(expected, harness.Error, StringComparison.Ordinal);
        Assert.Single(harness.Error.Trim('\n').Split('\n'));
        Assert.Empty(harness.Output);
        Assert.Null(harness.Description);
        Assert.Null(harness.Suite);
    }

    [Fact]
    public void An_empty_file_name_is_a_missing_one()
    {
        var harness = new CommandLineHarness();
        Assert.Equal(2, harness.Invoke("-kernel", ""));
        Assert.Contains("a file name is missing", harness.Error, StringComparison.Ordinal);
    }
}
