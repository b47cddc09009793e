using System.Diagnostics;
using Emulator.Devices;
using Emulator.Tests;

namespace Emulator.Host.Tests.Disks.Nbd;

/// <summary>Against the servers that are in use.</summary>
public sealed class NbdServerTests : IDisposable
{
    private const int Size = 8 << 20;

    private readonly NbdRig _rig = new();

    public void Dispose() => _rig.Dispose();

    [Theory]
    [InlineData("raw")]
    [InlineData("qcow2")]
    public void What_goes_to_qemu_nbd_comes_back(string format)
    {
        using var server = NbdServerProcess.StartQemu(_rig.SocketPath, MakeImage(format), format, "--export-name", "a disk");
        var backEnd = _rig.Open($"nbd+unix:///a%20disk?socket={_rig.SocketPath}");
        Assert.Equal((Size, false, true), (backEnd.Length, backEnd.IsReadOnly, backEnd.CanDiscard));
        Exercise(backEnd);
        Assert.Empty(_rig.Lines);
    }

    [Theory]
    [InlineData("")]
    [InlineData("--filter=delay delay-read=3ms delay-write=2ms")]
    [InlineData("--filter=fua fuamode=force")]
    [InlineData("--filter=fua fuamode=emulate")]
    [InlineData("--filter=nozero zeromode=none")]
    [InlineData("--filter=nozero zeromode=emulate")]
    [InlineData("--filter=blocksize-policy blocksize-minimum=512 blocksize-preferred=4096 blocksize-maximum=64K blocksize-error-policy=error")]
    public void What_goes_to_nbdkit_comes_back(string filter)
    {
        using var server = StartKit(filter);
        Exercise(_rig.Open($"nbd:unix:{_rig.SocketPath}"));
        Assert.Empty(_rig.Lines);
    }

    [Fact]
    public void A_server_that_gives_out_nothing_to_change_is_read()
    {
        using var server = StartKit("--readonly");
        Assert.False(_rig.TryOpen($"nbd:unix:{_rig.SocketPath}").Get(out _, out var mistake));
        Assert.EndsWith("the server lets nothing be changed; give readonly=on", mistake, StringComparison.Ordinal);
        var data = new byte[4096];
        data.AsSpan().Fill(1);
        _rig.Do(_rig.Open($"nbd:unix:{_rig.SocketPath}", isReadOnly: true), BlockOperation.Read, 0, data);
        Assert.False(data.AsSpan().ContainsAnyExcept((byte)0));
    }

    [Theory]
    [InlineData("EIO", BlockStatus.IoError)]
    [InlineData("ENOSPC", BlockStatus.NoSpace)]
    public void An_error_of_nbdkit_is_the_requests(string error, BlockStatus status)
    {
        using var server = StartKit($"--filter=error error={error} error-pwrite-rate=100%");
        var backEnd = _rig.Open($"nbd:unix:{_rig.SocketPath}");
        Assert.Equal(status, NbdRig.End(_rig.Start(backEnd, BlockOperation.Write, 0, new byte[4096])));
        _rig.Do(backEnd, BlockOperation.Read, 0, new byte[4096]);
        _rig.Do(backEnd, BlockOperation.Flush);
        Assert.Empty(_rig.Lines);
    }

    [Fact]
    public void Reads_wait_for_a_slow_server_together()
    {
        using var server = StartKit("--filter=delay delay-read=1");
        var backEnd = _rig.Open($"nbd:unix:{_rig.SocketPath}");
        var begin = Stopwatch.GetTimestamp();
        var reads = Enumerable.Range(0, 16).Select(i => _rig.Start(backEnd, BlockOperation.Read, i * 4096, new byte[4096])).ToArray();
        Assert.All(reads, read => Assert.Equal(BlockStatus.Ok, NbdRig.End(read)));
        Assert.True(Stopwatch.GetElapsedTime(begin) < TimeSpan.FromSeconds(16), "one after the other");
    }

    [Theory]
    [InlineData("raw")]
    [InlineData("qcow2")]
    public void A_qemu_nbd_that_is_killed_under_load_loses_nothing(string format)
    {
        var image = MakeImage(format);
        var server = NbdServerProcess.StartQemu(_rig.SocketPath, image, format);
        var backEnd = _rig.Open($"nbd:unix:{_rig.SocketPath}");
        var random = new Random(1);
        var content = new byte[Size];
        for (var round = 0; round < 4; round++)
        {
            var writes = Enumerable.Range(0, 200).Select(i =>
            {
                var data = new byte[4096];
                random.NextBytes(data);
                var offset = ((round * 200) + i) * data.Length * 2;
                data.CopyTo(content, offset);
                return _rig.Start(backEnd, BlockOperation.Write, offset, data);
            }).ToArray();
            Assert.Equal(BlockStatus.Ok, NbdRig.End(writes[random.Next(writes.Length)]));
            server.Dispose();
            server = NbdServerProcess.StartQemu(_rig.SocketPath, image, format);
            Assert.All(writes, write => Assert.Equal(BlockStatus.Ok, NbdRig.End(write)));
        }

        _rig.Do(backEnd, BlockOperation.Flush);
        backEnd.Dispose();
        server.Dispose();
        using var last = NbdServerProcess.StartQemu(_rig.SocketPath, image, format);
        var there = new byte[Size];
        _rig.Do(_rig.Open($"nbd:unix:{_rig.SocketPath}"), BlockOperation.Read, 0, there);
        Assert.Equal(content, there);
    }

    private NbdServerProcess StartKit(string words)
    {
        NbdServerProcess.Need("nbdkit");
        var all = words.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return NbdServerProcess.StartKit(
            _rig.SocketPath, [.. all.Where(word => word.StartsWith('-')), "memory", $"{Size}", .. all.Where(word => !word.StartsWith('-'))]);
    }

    private string MakeImage(string format)
    {
        NbdServerProcess.Need("qemu-nbd");
        var image = _rig.Path($"image.{format}");
        if (format == "raw")
        {
            using var file = File.Create(image);
            file.SetLength(Size);
        }
        else
        {
            using var process = Process.Start(new ProcessStartInfo("qemu-img", ["create", "-q", "-f", format, image, $"{Size}"]))!;
            process.WaitForExit();
            Assert.Equal(0, process.ExitCode);
        }

        return image;
    }

    private void Exercise(IBlockBackEnd backEnd)
    {
        var data = new byte[3 << 20];
        new Random(1).NextBytes(data);
        _rig.Do(backEnd, BlockOperation.Write, 512, data);
        _rig.Do(backEnd, BlockOperation.WriteZeroes, 4096, length: 70_000 & ~511, mayUnmap: true);
        data.AsSpan(4096 - 512, 70_000 & ~511).Clear();
        _rig.Do(backEnd, BlockOperation.WriteZeroes, 1 << 20, length: 512, fua: true);
        data.AsSpan((1 << 20) - 512, 512).Clear();
        _rig.Do(backEnd, BlockOperation.Write, Size - 512, data[..512], fua: true);
        _rig.Do(backEnd, BlockOperation.Flush);
        var there = new byte[data.Length];
        _rig.Do(backEnd, BlockOperation.Read, 512, there);
        Assert.Equal(data, there);
        _rig.Do(backEnd, BlockOperation.Read, Size - 512, there[..512]);
        _rig.Do(backEnd, BlockOperation.Discard, 1 << 20, length: 1 << 20);
    }
}
