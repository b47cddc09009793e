using Emulator.Memory;

namespace Emulator.Host.Litmus;

/// <summary>A test, and what to run it under.</summary>
/// <param name="Test">The test.</param>
/// <param name="Ordering">The bus's.</param>
/// <param name="Model">The memory's.</param>
internal sealed record LitmusCase(LitmusTest Test, DmaOrdering Ordering, MemoryModel Model);

/// <summary>Which cases a request asks for.</summary>
internal static class LitmusCases
{
    /// <summary>
    /// For each test, by model and ordering: those asked for; if none is, those of which the test expects something; for a matrix, or if
    /// it expects nothing, all.
    /// </summary>
    /// <param name="tests">The tests.</param>
    /// <param name="request">The request.</param>
    public static IEnumerable<LitmusCase> Of(IEnumerable<LitmusTest> tests, LitmusRequest request) =>
        from test in tests
        from model in Enum.GetValues<MemoryModel>()
        where model == (request.Model ?? model)
        from ordering in Enum.GetValues<DmaOrdering>()
        where ordering == (request.Ordering ?? ordering)
        where request.IsMatrix || request.Ordering is not null || request.Model is not null
            || test.Expectations.IsEmpty || test.Expected(ordering, model) is not null
        select new LitmusCase(test, ordering, model);
}
