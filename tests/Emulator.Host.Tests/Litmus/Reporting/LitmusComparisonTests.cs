using Emulator.Host.Litmus;
using Emulator.Memory;

namespace Emulator.Host.Tests.Litmus.Reporting;

public sealed class LitmusComparisonTests
{
    private readonly LitmusComparison _models = Load();

    [Fact]
    public void What_the_model_forbids_is_reported_with_the_axiom_it_breaks()
    {
        var report = _models.Compare(Results.Of(DmaOrdering.Full, MemoryModel.Weak, 1, (0, 0), (1, 0)).Sample);
        Assert.StartsWith("MP, full weak: the machine shows what the model forbids\n", report, StringComparison.Ordinal);
        Assert.Contains("breaks 'order'", report, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_missing_counts_only_where_every_execution_was_made()
    {
        Assert.Equal("", _models.Compare(Results.Of(DmaOrdering.Full, MemoryModel.Weak, 1, (0, 0), (1, 1)).Sample));
        Assert.Equal("", _models.Compare(Results.Of(DmaOrdering.Full, MemoryModel.Weak, null, (0, 0), (0, 1), (1, 1)).Sample));
        var report = _models.Compare(Results.Of(DmaOrdering.Full, MemoryModel.Weak, null, (0, 0), (1, 1)).Sample);
        Assert.StartsWith("MP, full weak: the machine never shows what the model allows\nP0:eax=0; P0:ebx=1;", report, StringComparison.Ordinal);
    }

    private static LitmusComparison Load()
    {
        Assert.True(LitmusComparison.Load(Path.Combine(LitmusFiles.Folder, "models")).Get(out var comparison, out var mistake), mistake);
        return comparison;
    }
}
