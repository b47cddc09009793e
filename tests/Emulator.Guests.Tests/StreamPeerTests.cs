using System.Text;
using Emulator.Host.Testing;

namespace Emulator.Guests.Tests;

/// <summary>Two machines on one wire, of which the other may be QEMU.</summary>
public sealed class StreamPeerTests : IDisposable
{
    private const double Seconds = 120;

    private readonly string _folder = Directory.CreateTempSubdirectory("emulator-test-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("e1000")]
    [InlineData("i82559c")]
    [InlineData("rtl8139c")]
    public Task Guests_of_two_emulators_exchange_a_megabyte_each_way_over_a_stream(string device) => ExchangeAsync(device, Launcher, "rtl8139");

    [Theory]
    [InlineData("e1000", "e1000")]
    [InlineData("i82559c", "e1000")]
    [InlineData("rtl8139", "e1000")]
    [InlineData("e1000", "rtl8139")]
    public Task A_guest_here_and_a_guest_of_QEMU_exchange_a_megabyte_each_way_over_a_stream(string device, string theirs)
    {
        var qemu = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
            .Select(folder => Path.Combine(folder, "qemu-system-x86_64"))
            .FirstOrDefault(File.Exists);
        Assert.SkipWhen(qemu is null, "qemu-system-x86_64 is not installed");
        return ExchangeAsync(device, qemu!, theirs);
    }

    private static string Launcher => Path.Combine(AppContext.BaseDirectory, "emulator");

    // Ours listens, and has the socket before the other is started.
    private async Task ExchangeAsync(string device, string program, string theirs)
    {
        Assert.True(Manifest.Load(null).Get(out var manifest, out var mistake), mistake);
        var image = new GuestImage { Name = "net-pairs", File = "build/net-pairs.elf" };
        var socket = Path.Combine(_folder, "wire");
        var stream = $"stream,id=n,addr.type=unix,addr.path={socket}";
        string[] Words(string role, string controller, string server, string address) =>
        [
            .. GuestCommandLine.Build(image with { Append = $"role={role}" }, manifest.Folder),
            "-device", $"{controller},netdev=n,mac=52:54:00:00:00:{address}", "-netdev", $"{stream},server={server}",
        ];

        var cancellation = TestContext.Current.CancellationToken;
        var limit = TimeSpan.FromSeconds(Seconds);
        var appeared = new TaskCompletionSource();
        using var watcher = new FileSystemWatcher(_folder);
        watcher.Created += (_, _) => appeared.TrySetResult();
        watcher.EnableRaisingEvents = true;
        var ours = ChildRun.StartAsync(Launcher, ["run", .. Words("a", device, "on", "0a"), "--timeout", $"{Seconds}"], "", limit, cancellation);
        await Task.WhenAny(appeared.Task, ours);
        var other = await ChildRun.StartAsync(program, Words("b", theirs, "off", "0b"), "", limit, cancellation);
        var first = await ours;
        Assert.True((first.ExitStatus, other.ExitStatus) == (1, 1), $"{Text(first)}\n{Text(other)}");
    }

    private static string Text(ChildRun run) => $"ended with {run.ExitStatus}:\n{Encoding.UTF8.GetString(run.Output)}{run.Error}";
}
