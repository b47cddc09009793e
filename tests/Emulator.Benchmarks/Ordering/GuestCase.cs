namespace Emulator.Benchmarks.Ordering;

/// <summary>Something that a guest does many times and says how long it took.</summary>
/// <param name="Name">A row of the table.</param>
/// <param name="Image">The guest, of <c>guest-images/build</c>, which prints <c>N … of N bytes in N us</c>.</param>
/// <param name="Append">Its command line.</param>
/// <param name="Devices">The words of the command line that make the devices.</param>
/// <param name="IsOnQemu">True if QEMU has these devices, by these words.</param>
internal sealed record GuestCase(string Name, string Image, string Append, IReadOnlyList<string> Devices, bool IsOnQemu = true);
