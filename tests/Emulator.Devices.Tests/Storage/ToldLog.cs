using System.Runtime.InteropServices;

namespace Emulator.Devices.Tests;

/// <summary>A disk that carries requests out in any order and writes everything down, and what a driver was told is stable.</summary>
internal sealed class ToldLog : IDisposable
{
    public const int Sectors = 64;

    private readonly MemoryStream _stream = new();
    private readonly List<(long Position, int Sector, int Version)> _told = [];
    private readonly Delayed _delayed;

    public ToldLog(Random random)
    {
        _delayed = new Delayed(new RamBackEnd(Sectors * PowerLoss.Sector), random);
        BackEnd = new LoggingBackEnd(_delayed, _stream);
    }

    public IBlockBackEnd BackEnd { get; }

    /// <summary>Ends one of the requests that are under way, if there is one.</summary>
    public void EndOne() => _delayed.EndOne();

    /// <summary>What a sector has after the write of a version.</summary>
    public static byte[] Content(int count, int version)
    {
        var data = new byte[count * PowerLoss.Sector];
        MemoryMarshal.Cast<byte, int>(data.AsSpan()).Fill(version);
        return data;
    }

    /// <summary>The driver was told that a version of a sector is stable; versions of a sector only grow.</summary>
    public void Tell(int sector, int version) => _told.Add((_stream.Length, sector, version));

    /// <summary>Loses power after each event, and says what is missing then, or null.</summary>
    public string? FindLoss(Random random)
    {
        var loss = new PowerLoss(new byte[Sectors * PowerLoss.Sector]);
        var stable = new int[Sectors];
        var (position, told) = (0L, 0);
        foreach (var next in BlockLog.Read(new MemoryStream(_stream.ToArray())))
        {
            loss.Add(next);
            position += BlockLog.HeaderSize + next.Data.Length;
            for (; told < _told.Count && _told[told].Position <= position; told++)
            {
                stable[_told[told].Sector] = Math.Max(stable[_told[told].Sector], _told[told].Version);
            }

            for (var sector = 0; sector < Sectors; sector++)
            {
                var there = MemoryMarshal.Cast<byte, int>(loss.After(sector, random));
                if (there.ContainsAnyExcept(there[0]) || there[0] < stable[sector])
                {
                    return $"at byte {position} of the log sector {sector} has version {there[0]}, and the driver was told of {stable[sector]}";
                }
            }
        }

        return told == _told.Count ? null : "the log is shorter than what was told";
    }

    public void Dispose() => BackEnd.Dispose();

    // Any thread starts and any thread ends.
    private sealed class Delayed(RamBackEnd memory, Random random) : IBlockBackEnd
    {
        private readonly List<BlockRequest> _held = [];

        public long Length => memory.Length;

        public bool IsReadOnly => false;

        public bool CanDiscard => true;

        public void Start(BlockRequest request)
        {
            lock (_held)
            {
                _held.Add(request);
            }
        }

        public void EndOne()
        {
            BlockRequest request;
            lock (_held)
            {
                if (_held.Count == 0)
                {
                    return;
                }

                var index = random.Next(_held.Count);
                request = _held[index];
                _held.RemoveAt(index);
            }

            memory.Start(request);
        }

        public void Dispose() => memory.Dispose();
    }
}
