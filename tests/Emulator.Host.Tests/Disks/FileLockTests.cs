using Emulator.Host.Disks;
using Emulator.Host.Tests.Tracing;

namespace Emulator.Host.Tests.Disks;

/// <summary>Two programs and one image. Locks of open files keep two of one program apart as well.</summary>
public sealed class FileLockTests : IDisposable
{
    private const string Writer = "";
    private const string Reader = ",readonly=on";
    private const string Sharer = ",share";

    private readonly TemporaryFolder _folder = new();
    private readonly string _path;

    public FileLockTests()
    {
        _path = _folder.File("image");
        File.WriteAllBytes(_path, new byte[65536]);
    }

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(Writer, Writer, "another program has it open; give each a copy, or both readonly=on")]
    [InlineData(Reader, Writer, "another program has it open; give each a copy, or both readonly=on")]
    [InlineData(Sharer, Writer, "another program has it open; give each a copy, or both readonly=on")]
    [InlineData(Writer, Reader, "another program has it open for writing; give each a copy, or both readonly=on")]
    [InlineData(Sharer, Reader, "another program has it open for writing; give each a copy, or both readonly=on")]
    [InlineData(Writer, Sharer, "another program has it open for writing; give each a copy, or both readonly=on")]
    [InlineData(Reader, Sharer, "another program has it open and wants no other to write; give share-rw=on to both")]
    [InlineData(Reader, Reader, null)]
    [InlineData(Sharer, Sharer, null)]
    [InlineData(Writer, ",locking=off", null)]
    public void The_second_is_refused_where_two_would_destroy_it(string first, string second, string? expected)
    {
        using (Open(first))
        {
            if (expected is null)
            {
                Open(second).Dispose();
            }
            else
            {
                Assert.Equal($"{_path}: {expected}", DriveRig.Refuse(Words(second), second == Sharer));
            }
        }

        Open(Writer).Dispose();
    }

    // What qemu-io holds of an image: 100 is to read, 101 to write; 200, 201 and 203 to forbid it to others.
    [Theory]
    [InlineData("100 101 201 203", Writer, false)]
    [InlineData("100 101 201 203", Reader, false)]
    [InlineData("100 101 201 203", Sharer, false)]
    [InlineData("100 201 203", Writer, false)]
    [InlineData("100 201 203", Reader, true)]
    [InlineData("100 201 203", Sharer, false)]
    [InlineData("100 101", Reader, false)]
    [InlineData("100 101", Sharer, true)]
    [InlineData("whole", Reader, true)]
    [InlineData("whole", Writer, false)]
    public void Other_programs_locks_are_kept(string bytes, string words, bool isOpened)
    {
        var other = FileCalls.Open(_path, FileCalls.OpenReadWrite | FileCalls.OpenCloseOnExec);
        foreach (var (start, length) in bytes == "whole" ? [(0, 0)] : bytes.Split(' ').Select(start => (int.Parse(start, null), 1)))
        {
            var range = new RangeLock { Type = RangeLock.Shared, Start = start, Length = length };
            Assert.Equal(0, FileCalls.Lock(other, FileCalls.SetLock, ref range));
        }

        if (isOpened)
        {
            Open(words).Dispose();
        }
        else
        {
            Assert.StartsWith($"{_path}: another program has it open", DriveRig.Refuse(Words(words), words == Sharer), StringComparison.Ordinal);
        }

        _ = FileCalls.Close(other);
        Open(words).Dispose();
    }

    private DriveRig Open(string words) => DriveRig.Open(Words(words), words == Sharer);

    private string Words(string words) => $"file={_path},format=raw{(words == Sharer ? "" : words)}";
}
