using Emulator.Host.Testing;

namespace Emulator.Host.Tests.Testing;

public sealed class ManifestTests
{
    [Fact]
    public void An_entry_has_defaults_for_all_but_name_and_file()
    {
        var manifest = Parse("""[ { "name": "hello", "file": "build/hello.elf" } ]""");
        var image = Assert.Single(manifest.Images);
        Assert.Equal((1, 128, 1, 60.0, true, false), (image.Cpus, image.Memory, image.ExpectStatus, image.TimeoutSeconds, image.Qemu, image.Firmware));
        Assert.Equal(
            "-kernel /g/build/hello.elf -m 128 -nodefaults -display none -no-reboot -serial stdio -device isa-debug-exit,iobase=0xf4,iosize=4",
            string.Join(' ', GuestCommandLine.Build(image, "/g")));
    }

    [Fact]
    public void Every_field_reaches_the_command_line()
    {
        var manifest = Parse("""
            [ { "name": "x", "file": "x.bin", "firmware": true, "cpus": 2, "memory": 5120, "arguments": ["-log", "debug"],
                "append": "a b", "modules": ["m one", "n,o"], "stdin": "exit\n", "expectStatus": 7, "expectOutput": ["PASS"],
                "timeoutSeconds": 1.5, "qemu": false, "qemuReason": "why", "description": "d" } ]
            """);
        Assert.Equal(
            "-bios /g/x.bin -m 5120 -nodefaults -display none -no-reboot -serial stdio -device isa-debug-exit,iobase=0xf4,iosize=4 -smp 2 -append a b -initrd /g/m one,/g/n,,o -log debug",
            string.Join(' ', GuestCommandLine.Build(manifest.Images[0], "/g")));
    }

    [Fact]
    public void An_argument_can_name_the_manifests_folder() =>
        Assert.EndsWith(
            " -netdev user,id=n,tftp=/g/build",
            string.Join(' ', GuestCommandLine.Build(Parse("""[ { "name": "x", "file": "x", "arguments": ["-netdev", "user,id=n,tftp={images}/build"] } ]""").Images[0], "/g")),
            StringComparison.Ordinal);

    [Fact]
    public void An_entry_with_orderings_is_a_run_under_each_of_them()
    {
        var manifest = Parse("""
            [ { "name": "a", "file": "a.elf" },
              { "name": "d", "file": "d.elf", "append": "rounds=9", "arguments": ["-device", "dma-test"], "orderings": ["full", "relaxed"], "qemu": false, "qemuReason": "why" },
              { "name": "e", "file": "e.elf", "orderings": ["pci"], "qemu": false, "qemuReason": "why" } ]
            """);
        Assert.Equal(["a", "d@full", "d@relaxed", "e@pci"], manifest.Images.Select(image => image.Name));
        Assert.EndsWith(" -append rounds=9 ordering=relaxed -dma-ordering relaxed -device dma-test", Words(manifest.Images[2]), StringComparison.Ordinal);
        Assert.EndsWith(" -append ordering=pci -dma-ordering pci", Words(manifest.Images[3]), StringComparison.Ordinal);
        Assert.Equal("d@full", string.Join(' ', manifest.Select("d@full").Select(image => image.Name)));
        Assert.Equal("d@full d@relaxed", string.Join(' ', manifest.Select("d").Select(image => image.Name)));
    }

    [Theory]
    [InlineData("""[ { "name": "a" } ]""", "file")]
    [InlineData("""[ { "name": "a", "file": "b", "orderings": ["strict"], "qemu": false, "qemuReason": "c" } ]""", "'a': orderings: unknown DMA ordering 'strict'; valid: full,")]
    [InlineData("""[ { "name": "a", "file": "b", "orderings": ["full"] } ]""", "'a': QEMU has no orderings")]
    [InlineData("""[ { "name": "a", "file": "b", "orderings": ["full", "full"], "qemu": false, "qemuReason": "c" } ]""", "the name 'a@full' is empty or there twice")]
    [InlineData("""[ { "name": "a@full", "file": "b" }, { "name": "a", "file": "b", "orderings": ["full"], "qemu": false, "qemuReason": "c" } ]""", "there twice")]
    [InlineData("""[ { "name": "a", "file": "b", "colour": 1 } ]""", "colour")]
    [InlineData("""[ { "name": "a", "file": "b" }, { "name": "a", "file": "c" } ]""", "the name 'a' is empty or there twice")]
    [InlineData("""[ { "name": "a", "file": "b", "qemu": false } ]""", "no qemuReason is given")]
    [InlineData("""[ { "name": "a", "file": "b", "cpus": 0 } ]""", "must be above 0")]
    [InlineData("null", "no entries")]
    [InlineData("{", "")]
    public void A_wrong_manifest_is_refused_in_one_line(string text, string expected)
    {
        Assert.False(Manifest.Parse(text, "/g").Get(out _, out var error));
        Assert.Contains(expected, error, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error);
    }

    [Theory]
    [InlineData(null, "alpha beta alphabet")]
    [InlineData("beta", "beta")]
    [InlineData("alpha", "alpha alphabet")]
    [InlineData("alpha*", "alpha alphabet")]
    [InlineData("?eta", "beta")]
    [InlineData("zzz", "")]
    public void A_filter_is_part_of_a_name_or_a_pattern(string? filter, string names)
    {
        var manifest = Parse("""[ { "name": "alpha", "file": "a" }, { "name": "beta", "file": "b" }, { "name": "alphabet", "file": "c" } ]""");
        Assert.Equal(names, string.Join(' ', manifest.Select(filter).Select(i => i.Name)));
    }

    private static string Words(GuestImage image) => string.Join(' ', GuestCommandLine.Build(image, "/g"));

    private static Manifest Parse(string text)
    {
        var result = Manifest.Parse(text, "/g");
        Assert.True(result.IsOk, result.Error);
        return result.Value;
    }
}
