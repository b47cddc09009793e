namespace Emulator.Devices.Tests;

/// <summary>Fails requests in place of what is behind it.</summary>
/// <param name="below">What carries out the others.</param>
/// <param name="fail">How a request ends that fails; null lets it through.</param>
internal sealed class FailingBackEnd(IBlockBackEnd below, Func<FilteredRequest, BlockStatus?> fail) : BlockFilter(below)
{
    /// <summary>Fails the request of a number.</summary>
    public static FailingBackEnd At(IBlockBackEnd below, long number, BlockStatus status) =>
        new(below, request => request.Number == number ? status : null);

    protected override BlockStatus? Starting(FilteredRequest request) => fail(request);
}
