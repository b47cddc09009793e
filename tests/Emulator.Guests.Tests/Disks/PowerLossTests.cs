using System.Diagnostics;
using Emulator.Devices;
using Emulator.Tests;

namespace Emulator.Guests.Tests.Disks;

/// <summary>What a guest was told is stable is there, whoever is killed.</summary>
public sealed class PowerLossTests : IDisposable
{
    private const string Virtio = "-device virtio-blk-pci,drive=d";
    private const string Scsi = "-device lsi53c895a -device scsi-hd,drive=d";
    private const int Endless = 1_000_000;
    private const int Kills = 3;

    private readonly string _folder = Directory.CreateTempSubdirectory("emulator-test-").FullName;

    // Who is killed has written to the kernel or not, wherever that puts it; in memory many more flushes fit in a second.
    private readonly string _fast = Path.Combine(Directory.Exists("/dev/shm") ? "/dev/shm" : Path.GetTempPath(), $"emulator-test-{Guid.NewGuid():N}");
    private readonly Random _random;
    private readonly int _seed = Random.Shared.Next();

    public PowerLossTests()
    {
        _random = new Random(_seed);
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {_seed}");
        Directory.CreateDirectory(_fast);
    }

    public void Dispose()
    {
        Directory.Delete(_folder, recursive: true);
        Directory.Delete(_fast, recursive: true);
    }

    [Theory]
    [InlineData(Virtio, "cache=writeback")]
    [InlineData(Virtio, "cache=writethrough")]
    [InlineData(Virtio, "cache=none")]
    [InlineData(Scsi, "cache=writeback")]
    [InlineData(Scsi, "cache=writethrough")]
    [InlineData(Scsi, "cache=none")]
    public void An_emulator_that_is_killed_has_written_to_its_file_what_was_flushed(string controller, string cache)
    {
        for (var kill = 0; kill < Kills; kill++)
        {
            // What goes past the kernel's cache needs a disk.
            var image = MakeImage(cache == "cache=none" ? _folder : _fast);
            Check(image, KillUnderLoad(controller, $"file={image},{cache}"));
        }
    }

    [Theory]
    [InlineData(Virtio)]
    [InlineData(Scsi)]
    public void An_emulator_that_is_killed_has_sent_to_its_server_what_was_flushed(string controller)
    {
        NbdServerProcess.Need("qemu-nbd");
        var socket = Path.Combine(_folder, "nbd");
        for (var kill = 0; kill < Kills; kill++)
        {
            var image = MakeImage(_fast);
            int stable;
            using (NbdServerProcess.StartQemu(socket, image))
            {
                stable = KillUnderLoad(controller, $"file=nbd:unix:{socket}");
            }

            Check(image, stable);
        }
    }

    [Theory]
    [InlineData(Virtio, "raw")]
    [InlineData(Virtio, "qcow2")]
    [InlineData(Scsi, "raw")]
    [InlineData(Scsi, "qcow2")]
    public void A_server_that_is_killed_again_and_again_disturbs_no_guest_and_has_what_was_flushed(string controller, string format)
    {
        const int Writes = 2000;
        NbdServerProcess.Need("qemu-nbd");
        var (socket, image) = (Path.Combine(_folder, "nbd"), MakeImage(_fast));
        var served = format == "raw" ? image : Convert("raw", image, format);
        var server = NbdServerProcess.StartQemu(socket, served, format);
        using var guest = DiskLogGuest.Start((uint)_seed, Writes, controller, $"file=nbd:unix:{socket}");
        for (var kill = 0; kill < Kills; kill++)
        {
            guest.WaitFor(Math.Max(guest.Stable, 1) + _random.Next(Writes / (2 * Kills)));
            Dawdle();
            var stable = guest.Stable;
            server.Dispose();
            if (format == "raw")
            {
                Check(served, stable);
            }

            server = NbdServerProcess.StartQemu(socket, served, format);
        }

        Assert.True(guest.WaitForEnd() == 1, $"seed {_seed}:\n{guest.Output}{guest.Errors}");
        Assert.Contains("PASS every write and every flush was done", guest.Output, StringComparison.Ordinal);
        Assert.Equal(Kills, guest.Errors.Split("the server is back after").Length - 1);
        server.Dispose();
        Check(format == "raw" ? served : Convert(format, served, "raw"), guest.Stable);
    }

    [Theory]
    [InlineData(Virtio, "cache=writeback")]
    [InlineData(Virtio, "cache=writethrough")]
    [InlineData(Scsi, "cache=writeback")]
    [InlineData(Scsi, "cache=writethrough")]
    public void After_a_loss_of_power_at_any_moment_what_was_flushed_is_there(string controller, string cache)
    {
        const int Writes = 1000;
        var (image, path) = (MakeImage(_fast), Path.Combine(_fast, "log"));
        using (var guest = DiskLogGuest.Start((uint)_seed, Writes, controller, $"file={image},{cache},write-log={path}"))
        {
            Assert.True(guest.WaitForEnd() == 1, $"seed {_seed}:\n{guest.Output}{guest.Errors}");
        }

        // At each event, the guest has been told of no more flushes than have ended, or with writethrough, of no more writes.
        var expected = new DiskLog((uint)_seed, Writes);
        var loss = new PowerLoss(new byte[DiskLog.Sectors * DiskLog.Sector]);
        using var log = File.OpenRead(path);
        var (events, writes) = (0, 0);
        foreach (var next in BlockLog.Read(log))
        {
            loss.Add(next);
            events++;
            writes += next is { Operation: BlockOperation.Write, IsEnd: true } ? 1 : 0;
            expected.Expect(cache == "cache=writethrough" ? writes : expected.AfterFlushes(loss.Flushes));
            IEnumerable<int> sectors = next.IsEnd ? Enumerable.Range(0, DiskLog.Sectors).Where(sector => sector % 64 == events % 64).Concat(loss.Uncertain) : loss.Uncertain;
            foreach (var sector in sectors)
            {
                var wrong = expected.Check(sector, loss.After(sector, _random));
                Assert.True(wrong is null, $"seed {_seed}, event {events}: {wrong}");
            }
        }

        Assert.True(events > 2 * Writes, $"{events} events");
        Assert.Null(expected.Check(File.ReadAllBytes(image)));
    }

    private int KillUnderLoad(string controller, string drive)
    {
        using var guest = DiskLogGuest.Start((uint)_seed, Endless, controller, drive);
        guest.WaitFor(1 + _random.Next(200));
        Dawdle();
        guest.Kill();
        return guest.Stable;
    }

    private void Check(string image, int stable)
    {
        var expected = new DiskLog((uint)_seed, stable + 1000);
        expected.Expect(stable);
        var wrong = expected.Check(File.ReadAllBytes(image));
        Assert.True(wrong is null, $"seed {_seed}: {wrong}");
    }

    // Up to a few milliseconds, so that it is in the middle of anything.
    private void Dawdle()
    {
        var end = Stopwatch.GetTimestamp() + _random.NextInt64(Stopwatch.Frequency / 200);
        while (Stopwatch.GetTimestamp() < end)
        {
            Thread.Yield();
        }
    }

    private static string MakeImage(string folder)
    {
        var image = Path.Combine(folder, "image");
        using var file = File.Create(image);
        file.SetLength(DiskLog.Sectors * DiskLog.Sector);
        return image;
    }

    private static string Convert(string format, string image, string to)
    {
        var converted = $"{image}.{to}";
        using var process = Process.Start(new ProcessStartInfo("qemu-img", ["convert", "-f", format, "-O", to, image, converted]))!;
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
        return converted;
    }
}
