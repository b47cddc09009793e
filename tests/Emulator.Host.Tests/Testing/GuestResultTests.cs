using System.Text;
using System.Xml.Linq;
using Emulator.Host.Testing;

namespace Emulator.Host.Tests.Testing;

public sealed class GuestResultTests
{
    private static readonly GuestImage s_image = new() { Name = "g", File = "g.elf", ExpectStatus = 1, ExpectOutput = ["one", "two"], TimeoutSeconds = 5 };

    [Theory]
    [InlineData(1, "one two\n", "")]
    [InlineData(3, "PASS a\nFAIL b: why\n", "exit status 3, expected 1; FAIL b: why")]
    [InlineData(124, "one", "not done after 5 s")]
    [InlineData(null, "one", "not done after 5 s")]
    [InlineData(1, "two", "'one' is not in the output")]
    public void A_guest_is_judged_by_its_status_and_output(int? status, string output, string why)
    {
        var result = GuestResult.Judge(s_image, Run(status, output));
        Assert.Equal(why, result.Why);
        Assert.Equal(why.Length == 0 ? GuestVerdict.Passed : GuestVerdict.Failed, result.Verdict);
    }

    [Theory]
    [InlineData("one two", 1, "")]
    [InlineData("one\ntwo", 1, "output differs from QEMU's: 'one two', QEMU's 'one'")]
    [InlineData("one two", 3, "exit status 1, QEMU's 3")]
    public void A_comparison_names_the_first_difference(string theirs, int status, string why) =>
        Assert.Equal(why, GuestResult.Compare(s_image, Run(1, "one two"), Run(status, theirs)).Why);

    [Fact]
    public void Only_the_status_is_compared_where_the_manifest_says_so() =>
        Assert.Equal("", GuestResult.Compare(s_image with { CompareOutput = false, QemuReason = "times" }, Run(1, "one two"), Run(1, "else")).Why);

    [Theory]
    [InlineData("PASS one two\nPASS three\n2 passed, 0 failed\n", "PASS one two\nSKIP three: TCG does otherwise\n1 passed, 0 failed, 1 skipped\n", true)]
    [InlineData("SKIP three: has none\nPASS one two\n1 passed, 0 failed, 1 skipped\n", "PASS three\nPASS one two\n2 passed, 0 failed\n", true)]
    [InlineData("PASS one two\nPASS three\n", "PASS one two\n", false)]
    [InlineData("PASS one two\nPASS three\n", "PASS one two\nSKIP four: why\nFAIL three: why\n", false)]
    [InlineData("PASS one two\nPASS three\n", "SKIP four: why\nPASS three\nPASS one two\n", false)]
    public void Checks_that_one_machine_skips_may_be_missing_there(string ours, string theirs, bool agree) =>
        Assert.Equal(agree, GuestResult.Compare(s_image, Run(1, ours), Run(1, theirs)).Verdict == GuestVerdict.Passed);

    [Theory]
    [InlineData("one two\ntime 2 us\n", true)]
    [InlineData("one two\n", true)]
    [InlineData("one two\n time 1 us\n", false)]
    public void Lines_that_the_manifest_says_vary_are_left_out(string theirs, bool agree) =>
        Assert.Equal(agree, GuestResult.Compare(s_image with { Varies = ["^time "] }, Run(1, "one two\ntime 1 us\n"), Run(1, theirs)).Verdict == GuestVerdict.Passed);

    [Fact]
    public void Junit_xml_has_a_case_a_guest_and_holds_any_bytes()
    {
        GuestResult[] results =
        [
            GuestResult.Judge(s_image, Run(1, "one two \u0000\u001b[1m <&> ")),
            GuestResult.Judge(s_image with { Name = "bad" }, Run(3, "")),
            new(s_image with { Name = "skip" }, GuestVerdict.Skipped, "no reason", TimeSpan.Zero, ""),
        ];
        using var stream = new MemoryStream();
        JunitReport.Write(stream, "guests", results);
        var suite = XDocument.Parse(Encoding.UTF8.GetString(stream.ToArray())).Root!.Element("testsuite")!;
        Assert.Equal(("3", "1", "1"), ((string?)suite.Attribute("tests"), (string?)suite.Attribute("failures"), (string?)suite.Attribute("skipped")));
        var cases = suite.Elements("testcase").ToArray();
        Assert.Equal(["g", "bad", "skip"], cases.Select(c => (string?)c.Attribute("name")));
        Assert.Contains("<&>", cases[0].Element("system-out")!.Value, StringComparison.Ordinal);
        Assert.Equal("exit status 3, expected 1", (string?)cases[1].Element("failure")!.Attribute("message"));
        Assert.NotNull(cases[2].Element("skipped"));
    }

    private static ChildRun Run(int? status, string output) => new(status, Encoding.UTF8.GetBytes(output), "", TimeSpan.FromSeconds(1));
}
