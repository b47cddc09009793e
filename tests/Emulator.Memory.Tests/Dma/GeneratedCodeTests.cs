using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;

namespace Emulator.Memory.Tests.Dma;

/// <summary>What the plain path of an access is once compiled: no virtual call, no delegate, no allocation.</summary>
public sealed partial class GeneratedCodeTests
{
    private const int Accesses = 1_000_000;

    // What may be called out of line: what is not the plain path, and the copying of many bytes.
    private static readonly string[] s_outOfLine =
    [
        "DmaContext:Settle", "DmaContext:ReadPieces", "DmaContext:WritePieces", "DmaContext:Refuse", "DmaContext:Issue",
        "GuestMemory:NotifyWritten", "SpanHelpers:Memmove", "ThrowHelper:", "CORINFO_HELP_FAIL_FAST",
    ];

    // What the plain path may be made of, where it is not inlined.
    private static readonly string[] s_parts =
    [
        "DmaContext:Store", "DmaContext:Load", "DmaContext:Publish", "DmaContext:Write(", "DmaContext:Read(",
        "DmaContext:LoadWord", "DmaContext:StoreWord", "DmaContext:ReadBytes", "DmaContext:WriteBytes", "DmaContext:Remembered",
        "DmaContext:LookForWatch", "GuestWords:", "Fences:",
    ];

    [Theory]
    [InlineData(DmaOrdering.Full)]
    [InlineData(DmaOrdering.Tracked)]
    [InlineData(DmaOrdering.Relaxed)]
    public void A_million_accesses_allocate_nothing(DmaOrdering ordering)
    {
        using var board = new DmaBoard(ordering);
        var dma = board.Dma;
        var data = new byte[64];
        HotPaths.StoreDword(dma, 0, 0);
        var before = GC.GetAllocatedBytesForCurrentThread();
        var failed = 0;
        for (uint i = 0; i < Accesses; i += 6)
        {
            failed |= (int)HotPaths.StoreDword(dma, 8, i);
            failed |= (int)HotPaths.LoadDword(dma, 8, out var value);
            failed |= value == i ? 0 : 0x100;
            failed |= (int)HotPaths.PublishByte(dma, 12, 1);
            failed |= (int)HotPaths.StoreRelaxed(dma, 16, i);
            failed |= (int)HotPaths.WriteBytes(dma, 64, data);
            failed |= (int)HotPaths.ReadBytes(dma, 64, data);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal(0, failed);
    }

    [Fact]
    public async Task The_plain_path_calls_nothing_through_a_table_and_little_by_name()
    {
        Assert.SkipWhen(RuntimeInformation.ProcessArchitecture != Architecture.X64, "Reads x86-64 code.");
        var listing = await DisassembleAsync();
        Assert.SkipWhen(listing.Length == 0, "This runtime does not list the code it makes.");
        TestContext.Current.AddAttachment("listing", listing);
        foreach (var name in new[] { "StoreDword", "LoadDword", "PublishByte", "StoreRelaxed", "WriteBytes", "ReadBytes" })
        {
            var size = Check(listing, $"HotPaths:{name}(");
            TestContext.Current.TestOutputHelper?.WriteLine($"{name}: {size} bytes");

            // With its fence, its look at the map and its way out; a copy has a loop for each size of word besides.
            Assert.InRange(size, 1, name.EndsWith("Bytes", StringComparison.Ordinal) ? 800 : 400);
        }
    }

    // The bytes of a method, and of those it is made of where they were not inlined. None of them calls anything else.
    private static int Check(string listing, string name)
    {
        var head = Regex.Match(listing, @"^; Assembly listing for method [\w.]*\." + Regex.Escape(name), RegexOptions.Multiline);
        Assert.True(head.Success, $"{name} is not in the listing");
        var from = head.Index + head.Length;
        var to = listing.IndexOf("; Assembly listing", from, StringComparison.Ordinal);
        var code = listing[from..(to < 0 ? listing.Length : to)];
        var size = int.Parse(CodeSize().Match(code).Groups[1].ValueSpan, System.Globalization.CultureInfo.InvariantCulture);
        foreach (Match call in Call().Matches(code))
        {
            var target = call.Groups[1].Value;
            Assert.False(ThroughRegister().IsMatch(target), $"{name} calls {target}");
            if (Array.Find(s_parts, part => target.Contains(part, StringComparison.Ordinal)) is { } part)
            {
                var at = target.IndexOf(part, StringComparison.Ordinal);
                size += Check(listing, target[at..(target.IndexOf('(', at) + 1)]);
            }
            else
            {
                Assert.True(Array.Exists(s_outOfLine, allowed => target.Contains(allowed, StringComparison.Ordinal)), $"{name} calls {target}");
            }
        }

        return size;
    }

    // This program once more, with nothing but the test above, compiled for good at once and its code listed.
    private static async Task<string> DisassembleAsync()
    {
        var file = Path.GetTempFileName();
        try
        {
            var program = typeof(HotPaths).Assembly.Location;
            var start = new ProcessStartInfo("dotnet", [program, "-method", $"{typeof(GeneratedCodeTests).FullName}.{nameof(A_million_accesses_allocate_nothing)}"])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
                Environment =
                {
                    ["DOTNET_TieredCompilation"] = "0",
                    ["DOTNET_JitDisasm"] = "Emulator.Memory.Tests.Dma.HotPaths:* Emulator.Memory.DmaContext:* Emulator.Memory.GuestWords:*",
                    ["DOTNET_JitStdOutFile"] = file,
                },
            };
            using var child = Process.Start(start)!;
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
            patience.CancelAfter(TimeSpan.FromSeconds(120));
            var output = child.StandardOutput.ReadToEndAsync(patience.Token);
            var error = child.StandardError.ReadToEndAsync(patience.Token);
            await child.WaitForExitAsync(patience.Token);
            Assert.True(child.ExitCode == 0, await output + await error);
            return await File.ReadAllTextAsync(file, patience.Token);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [GeneratedRegex(@"^\s+(?:tail\.)?(?:call|jmp|rex\.jmp)\s+(\[.*|r\w+.*|.*:.*|CORINFO_\w+.*)$", RegexOptions.Multiline)]
    private static partial Regex Call();

    [GeneratedRegex(@"^(?:\[r\w+|r\w+)")]
    private static partial Regex ThroughRegister();

    [GeneratedRegex(@"; Total bytes of code (\d+)")]
    private static partial Regex CodeSize();
}
