using System.Globalization;
using Emulator.Devices;
using Emulator.Host.Tests.Tracing;

namespace Emulator.Host.Tests.Disks;

public sealed class SnapshotTests : IDisposable
{
    private const int Length = 1 << 20;

    private readonly TemporaryFolder _folder = new();
    private readonly string _path;

    public SnapshotTests()
    {
        _path = _folder.File("image");
        File.WriteAllBytes(_path, DriveRig.Filled(Length, 9));
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void What_is_written_is_read_and_the_file_is_as_it_was()
    {
        var model = DriveRig.Filled(Length, 9);
        var seed = Random.Shared.Next();
        var random = new Random(seed);
        TestContext.Current.TestOutputHelper?.WriteLine(string.Create(CultureInfo.InvariantCulture, $"seed {seed}"));
        using (var rig = DriveRig.Open($"file={_path},format=raw,snapshot=on"))
        {
            Assert.False(rig.BackEnd.IsReadOnly);
            for (var i = 0; i < 200; i++)
            {
                var count = 512 << random.Next(9);
                var offset = 512 * random.Next((Length - count) / 512 + 1);
                switch (random.Next(4))
                {
                    case 0:
                        Assert.Equal(model[offset..(offset + count)], rig.Read(offset, count));
                        break;
                    case 1:
                        Assert.Equal(BlockStatus.Ok, rig.Ask(BlockOperation.WriteZeroes, offset, length: count));
                        model.AsSpan(offset, count).Clear();
                        break;
                    case 2:
                        Assert.Equal(BlockStatus.Ok, rig.Ask(BlockOperation.Discard, offset, length: count));
                        break;
                    default:
                        var data = new byte[count];
                        random.NextBytes(data);
                        Assert.Equal(BlockStatus.Ok, rig.Write(offset, data));
                        data.CopyTo(model, offset);
                        break;
                }
            }

            Assert.Equal(BlockStatus.Ok, rig.Flush());
            Assert.Equal(model, rig.Read(0, Length));
        }

        Assert.Equal(DriveRig.Filled(Length, 9), File.ReadAllBytes(_path));
    }

    [Fact]
    public void Several_may_stand_on_one_file()
    {
        using var first = DriveRig.Open($"file={_path},format=raw,snapshot=on");
        using var second = DriveRig.Open($"file={_path},format=raw,snapshot=on");
        Assert.Equal(BlockStatus.Ok, first.Write(0, DriveRig.Filled(512, 1)));
        Assert.Equal(DriveRig.Filled(512, 9), second.Read(0, 512));
    }

    [Fact]
    public void One_that_is_read_only_stays_so()
    {
        using var rig = DriveRig.Open($"file={_path},format=raw,snapshot=on,readonly=on");
        Assert.True(rig.BackEnd.IsReadOnly);
    }

    [Fact]
    public void The_log_of_writes_has_them_in_order()
    {
        var log = _folder.File("log");
        using (var rig = DriveRig.Open($"file={_path},format=raw,write-log={log}"))
        {
            Assert.Equal(BlockStatus.Ok, rig.Write(512, DriveRig.Filled(512, 1)));
            Assert.Equal(BlockStatus.Ok, rig.Flush());
        }

        using var stream = File.OpenRead(log);
        Assert.Equal(
            [(BlockOperation.Write, false), (BlockOperation.Write, true), (BlockOperation.Flush, false), (BlockOperation.Flush, true)],
            BlockLog.Read(stream).Select(each => (each.Operation, each.IsEnd)));
        Assert.StartsWith("property 'write-log': ", DriveRig.Refuse($"file={_path},format=raw,write-log={_folder.File("")}"), StringComparison.Ordinal);
    }
}
