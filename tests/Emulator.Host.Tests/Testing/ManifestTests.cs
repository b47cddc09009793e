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

    [Theory]
    [InlineData("""[ { "name": "a" } ]""", "file")]
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

    private static Manifest Parse(string text)
    {
        var result = Manifest.Parse(text, "/g");
        Assert.True(result.IsOk, result.Error);
        return result.Value;
    }
}
