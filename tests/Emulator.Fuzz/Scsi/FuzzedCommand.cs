using System.Buffers.Binary;
using Emulator.Devices;

namespace Emulator.Fuzz.Scsi;

/// <summary>A command under way, as its initiator knows it: what it sends, what it may be sent, what it does to the model.</summary>
internal sealed class FuzzedCommand
{
    /// <summary>OPERATION CODE of REQUEST SENSE.</summary>
    public const byte RequestSense = 0x03;

    private const int UnmapHeader = 8;
    private const int UnmapDescriptor = 16;

    private readonly CommandBlock _block;
    private readonly DiskModel? _model;
    private readonly ulong _seed;
    private readonly byte[] _list;
    private readonly List<(int First, int Count, long Began)> _writes = [];
    private readonly long _began;
    private readonly long _limit;
    private long _moved;
    private bool _endedEarly;

    /// <summary>A command that begins.</summary>
    /// <param name="block">Its CDB.</param>
    /// <param name="unit">Whose; 0 to 3.</param>
    /// <param name="model">What is on it; null for a unit that there is not.</param>
    /// <param name="seed">Of the data that is sent; 0 for zeroes.</param>
    /// <param name="isEager">True if data is moved as soon as it can be.</param>
    public FuzzedCommand(CommandBlock block, int unit, DiskModel? model, ulong seed, bool isEager)
    {
        (_block, Unit, _model, _seed, IsEager) = (block, unit, model, seed, isEager);
        _limit = model is null ? (block.Kind == CommandKind.Reply ? block.Limit(0, 0) : 0) : block.Limit(model.Blocks, model.BlockSize);
        _list = block.Kind is CommandKind.Unmap or CommandKind.Select ? MakeList() : [];
        _began = model?.Now ?? 0;
        BeginWrites();
    }

    /// <summary>Whose.</summary>
    public int Unit { get; }

    /// <summary>True if data is moved as soon as it can be.</summary>
    public bool IsEager { get; }

    /// <summary>OPERATION CODE.</summary>
    public byte Code => _block.Code;

    /// <summary>True of a REQUEST SENSE behind a CHECK CONDITION.</summary>
    public bool MustHaveSense { get; init; }

    /// <summary>The unit's side of it. The same object may be another command's once this one has ended.</summary>
    public ScsiTask? Task { get; set; }

    /// <summary>Blocks that were compared with the model.</summary>
    public int Compared { get; private set; }

    /// <summary>Moves data.</summary>
    /// <param name="most">Bytes at most; the command is told that there is no more if that is less than it has.</param>
    /// <returns>What is wrong, or null.</returns>
    public string? Move(int most)
    {
        var task = Task!;
        var data = task.Data.Span;
        if (data.IsEmpty || _moved + data.Length > _limit || task.State == ScsiTaskState.DataOut != _block.IsOut)
        {
            return $"{this} has {data.Length} bytes in {task.State} after {_moved}; the CDB allows {_limit}";
        }

        var wrong = _block.IsOut ? Send(data) : _block.Kind == CommandKind.Read ? Compare(data) : Code == RequestSense ? CheckSense(data) : null;
        var moved = Math.Min(most, data.Length);
        _endedEarly |= moved < data.Length;
        _moved += moved;
        task.Continue(moved);
        return wrong;
    }

    /// <summary>It has ended, or was given up.</summary>
    /// <param name="status">How; null if it was given up.</param>
    /// <returns>What is wrong, or null.</returns>
    public string? End(ScsiStatus? status)
    {
        var isGood = status == ScsiStatus.Good;
        var isRefused = status == ScsiStatus.TaskSetFull || (status is not null && _moved == 0 && _block.IsOut);
        foreach (var (first, count, began) in _writes)
        {
            _model!.End(first, count, began, !isRefused, isGood && !_endedEarly ? Fill : null);
        }

        _writes.Clear();
        return status switch
        {
            null or ScsiStatus.CheckCondition or ScsiStatus.TaskSetFull => null,
            ScsiStatus.Good when _block.Kind is not (CommandKind.Read or CommandKind.Write) || _endedEarly || _moved == _limit => null,
            _ => $"{this} ends with {status} after {_moved} of {_limit} bytes",
        };
    }

    /// <inheritdoc/>
    public override string ToString() => $"command {Code:X2} of unit {Unit} ({_block.Length} at {_block.Block})";

    private static byte At(ulong seed, long position)
    {
        var mixed = (seed + (ulong)(position >> 3)) * 0x9E3779B97F4A7C15;
        return seed == 0 ? (byte)0 : (byte)((mixed ^ (mixed >> 29)) >> (int)((position & 7) * 8));
    }

    private string? Compare(ReadOnlySpan<byte> data)
    {
        // Whole blocks: after less the data phase is over.
        var first = (int)_block.Block + (int)(_moved / _model!.BlockSize);
        var wrong = _model.Compare(first, _began, data, out var compared);
        Compared += compared;
        return wrong < 0 ? null : $"{this} brings something else than block {wrong} has";
    }

    private string? CheckSense(ReadOnlySpan<byte> data) =>
        SenseData.Check(data, _limit) ?? (MustHaveSense && SenseData.Key(data) == 0 ? $"{this} says that nothing has happened, behind a CHECK CONDITION" : null);

    private string? Send(Span<byte> room)
    {
        for (var i = 0; i < room.Length; i++)
        {
            var at = _moved + i;
            room[i] = _list.Length == 0 ? At(_seed, at) : at < _list.Length ? _list[at] : (byte)0;
        }

        return null;
    }

    private void Fill(int index, Memory<byte> block)
    {
        var span = block.Span;
        for (var i = 0; i < span.Length; i++)
        {
            span[i] = _block.Kind switch
            {
                CommandKind.Write => At(_seed, ((long)index * span.Length) + i),
                CommandKind.Same when _block.HasData => At(_seed, i),
                _ => 0,
            };
        }
    }

    private void BeginWrites()
    {
        if (_model is null or { IsReadOnly: true })
        {
            return;
        }

        if (_block.Kind is CommandKind.Write or CommandKind.Same && _block.IsWithin(_model.Blocks))
        {
            BeginWrite((int)_block.Block, (int)_block.Length);
        }

        if (_block.Kind != CommandKind.Unmap)
        {
            return;
        }

        // What its header says, if that is there: otherwise the command fails.
        var end = Math.Min(_list.Length, UnmapHeader + BinaryPrimitives.ReadUInt16BigEndian(_list.AsSpan(2)));
        for (var at = UnmapHeader; at + UnmapDescriptor <= end; at += UnmapDescriptor)
        {
            var (first, count) = (BinaryPrimitives.ReadUInt64BigEndian(_list.AsSpan(at)), BinaryPrimitives.ReadUInt32BigEndian(_list.AsSpan(at + 8)));
            if (first <= (ulong)_model.Blocks && count <= (ulong)_model.Blocks - first)
            {
                BeginWrite((int)first, (int)count);
            }
        }
    }

    private void BeginWrite(int first, int count)
    {
        _model!.Begin(first, count);
        _writes.Add((first, count, _model.Now));
    }

    // A parameter list that is one, or nearly.
    private byte[] MakeList()
    {
        var random = new FuzzRandom(_seed);
        if (_block.Kind == CommandKind.Select)
        {
            var header = Code == 0x15 ? 4 : 8;
            var page = new byte[header + 20];
            (page[header], page[header + 1], page[header + 2]) = (0x08, 0x12, (byte)random.Of(0, 4));
            return Spoil(page, random);
        }

        var count = random.Below(4);
        var list = new byte[UnmapHeader + (count * UnmapDescriptor)];
        BinaryPrimitives.WriteUInt16BigEndian(list, (ushort)(list.Length - 2));
        BinaryPrimitives.WriteUInt16BigEndian(list.AsSpan(2), (ushort)(count * UnmapDescriptor));
        for (var at = UnmapHeader; at < list.Length; at += UnmapDescriptor)
        {
            BinaryPrimitives.WriteUInt64BigEndian(list.AsSpan(at), (ulong)random.Below((_model?.Blocks ?? 0) + 1));
            BinaryPrimitives.WriteUInt32BigEndian(list.AsSpan(at + 8), (uint)random.Below(random.Of(4, 64)));
        }

        return Spoil(list, random);
    }

    private static byte[] Spoil(byte[] list, FuzzRandom random)
    {
        if (random.OneIn(4))
        {
            list[random.Below(list.Length)] ^= (byte)(1 << random.Below(8));
        }

        return list;
    }
}
