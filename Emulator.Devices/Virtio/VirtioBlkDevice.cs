using System.Buffers.Binary;
using System.Numerics;
using System.Text;

namespace Emulator.Devices;

/// <summary>virtio-blk: a block device (virtio 1.2, 5.2).</summary>
/// <remarks>
/// Requests overlap, as many as there are in its pool; what there is no request for waits in its queue. The guest's memory is reached
/// on the I/O thread, before a piece goes to the disk or after it has come from there.
/// </remarks>
public sealed partial class VirtioBlkDevice : VirtioDevice
{
    private const ushort BlockDevice = 2;
    private const ushort TransitionalBlockDevice = 0x1001;
    private const uint MassStorage = 0x010000;
    private const int MostRequests = 128;
    private const int PieceLength = 64 << 10;

    // Buffers of guest memory that one piece of work moves: others wait for their turn on the thread.
    private const int MostBuffers = 4096;

    private const int SerialLength = 20;
    private const int SectorShift = 9;

    private readonly Disk _disk;
    private readonly VirtioBlkOptions _options;
    private readonly byte[] _configuration = new byte[VirtioBlkConfiguration.Length];
    private readonly byte[] _serial = new byte[SerialLength];
    private readonly Completions _completions;
    private readonly BlockRequest _stabilizing = new() { Operation = BlockOperation.Flush };

    // Of the register, which vCPUs write. The cache is the disk's own, and the I/O thread's.
    private volatile bool _writesBack;
    private volatile bool _isToBeStable;

    // The I/O thread's, or a reset's.
    private readonly Virtqueue?[] _queues;
    private VirtioBlkRequest? _free;
    private bool _isStabilizing;
    private ulong _waiting;    // Queues for which there was no request, a bit each.
    private ulong _returned;   // Queues to which something was returned.

    /// <summary>A device that is in no transport yet.</summary>
    /// <param name="disk">Its own.</param>
    /// <param name="options">What it offers.</param>
    public VirtioBlkDevice(Disk disk, VirtioBlkOptions options)
        : base(BlockDevice, TransitionalBlockDevice, MassStorage, Count(options), options.QueueSize)
    {
        ArgumentNullException.ThrowIfNull(disk);
        (_disk, _options) = (disk, options);
        _completions = new Completions(this);
        _queues = new Virtqueue?[options.Queues];
        Encoding.ASCII.GetBytes(disk.Properties.Serial.AsSpan(0, Math.Min(disk.Properties.Serial.Length, SerialLength)), _serial);
        var pieces = new byte[MostRequests * PieceLength];
        for (var i = 0; i < MostRequests; i++)
        {
            Free(new VirtioBlkRequest(pieces.AsMemory(i * PieceLength, PieceLength)));
        }

        Describe();
        RestoreCache();
    }

    /// <inheritdoc/>
    public override VirtioFeatures Features
    {
        get
        {
            var features = VirtioBlkFeatures.SegMax | VirtioBlkFeatures.Geometry | VirtioBlkFeatures.BlockSize | VirtioBlkFeatures.Topology
                | Offered(VirtioBlkFeatures.SizeMax, _options.MostBytes != 0)
                | Offered(VirtioBlkFeatures.ReadOnly, _disk.IsReadOnly)
                | Offered(VirtioBlkFeatures.Flush, _options.HasConfigurableCache || _disk.Properties.HasWriteCache)
                | Offered(VirtioBlkFeatures.ConfigurableCache, _options.HasConfigurableCache)
                | Offered(VirtioBlkFeatures.MultipleQueues, Queues > 1)
                | Offered(VirtioBlkFeatures.Discard, HasDiscard)
                | Offered(VirtioBlkFeatures.WriteZeroes, HasWriteZeroes);
            return (VirtioFeatures)features;
        }
    }

    /// <inheritdoc/>
    public override ReadOnlySpan<byte> Configuration => _configuration;

    private bool HasDiscard => _options.HasDiscard && !_disk.IsReadOnly;

    private bool HasWriteZeroes => _options.HasWriteZeroes && !_disk.IsReadOnly;

    /// <inheritdoc/>
    protected internal override void WriteConfiguration(int offset, byte value, VirtioFeatures features)
    {
        if (offset != VirtioBlkConfiguration.Writeback || ((VirtioBlkFeatures)features & VirtioBlkFeatures.ConfigurableCache) == 0)
        {
            return;
        }

        var before = _writesBack;
        SetCache((value & 1) != 0);
        if (before && !_writesBack)
        {
            // A driver that has switched the cache off sends no more flushes: what is in it is made stable for it.
            _isToBeStable = true;
            Transport.Queue.Post(_completions);
        }
    }

    /// <inheritdoc/>
    protected internal override void Serve(Virtqueue queue)
    {
        ArgumentNullException.ThrowIfNull(queue);
        _queues[queue.Number] = queue;
        queue.SuppressNotifications();
        for (var left = queue.Size; !Transport.Queue.IsStale;)
        {
            if (left <= 0)
            {
                Transport.Post(queue);
                break;
            }

            if (_free is not { } request)
            {
                _waiting |= 1UL << queue.Number;
                break;
            }

            if (queue.TryTake(request.Chain))
            {
                _free = request.NextFree;
                request.Queue = queue;
                left -= request.Chain.Count;
                Begin(request);
            }
            else if (!queue.AllowNotifications())
            {
                break;
            }
            else
            {
                queue.SuppressNotifications();
            }
        }

        Signal();
    }

    /// <inheritdoc/>
    protected internal override void Reset()
    {
        _disk.Cancel();
        (_waiting, _returned, _isToBeStable) = (0, 0, false);
        RestoreCache();

        // Whoever was told that something has ended was told so in vain.
        Transport.Queue.Post(_completions);
    }

    /// <inheritdoc/>
    protected override void OnAttached() => _disk.Connect(Transport.Queue, _completions);

    private static VirtioBlkFeatures Offered(VirtioBlkFeatures feature, bool isOffered) => isOffered ? feature : 0;

    private static int Count(VirtioBlkOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return options.Queues;
    }

    private void Describe()
    {
        var properties = _disk.Properties;
        var sectors = (ulong)_disk.Length >> SectorShift;
        var blocksOfZeroes = (uint)(int.MaxValue >> SectorShift);
        var config = _configuration.AsSpan();
        BinaryPrimitives.WriteUInt64LittleEndian(config[VirtioBlkConfiguration.Capacity..], sectors);
        Put(VirtioBlkConfiguration.SizeMax, _options.MostBytes);
        Put(VirtioBlkConfiguration.SegMax, (uint)(_options.MostBuffers != 0 ? _options.MostBuffers : _options.QueueSize - 2));

        // As ATA would have it: 16 heads, 63 sectors, as many cylinders as there are or as such a disk can have.
        const int Heads = 16;
        const int Track = 63;
        Put(VirtioBlkConfiguration.Geometry, (uint)Math.Min(sectors / (Heads * Track), 16383) | (Heads << 16) | ((uint)Track << 24));
        Put(VirtioBlkConfiguration.BlockSize, (uint)properties.LogicalBlockSize);
        Put(VirtioBlkConfiguration.Topology, (uint)BitOperations.Log2((uint)(properties.PhysicalBlockSize / properties.LogicalBlockSize))
            | ((uint)(properties.PhysicalBlockSize / properties.LogicalBlockSize) << 16));
        BinaryPrimitives.WriteUInt16LittleEndian(config[VirtioBlkConfiguration.Queues..], (ushort)Queues);
        if (HasDiscard)
        {
            Put(VirtioBlkConfiguration.MaxDiscardSectors, blocksOfZeroes);
            Put(VirtioBlkConfiguration.MaxDiscardSegments, 1);
            Put(VirtioBlkConfiguration.DiscardAlignment, (uint)properties.LogicalBlockSize >> SectorShift);
        }

        if (HasWriteZeroes)
        {
            Put(VirtioBlkConfiguration.MaxZeroesSectors, blocksOfZeroes);
            Put(VirtioBlkConfiguration.MaxZeroesSegments, 1);
            config[VirtioBlkConfiguration.ZeroesMayUnmap] = 1;
        }
    }

    private void Put(int offset, uint value) => BinaryPrimitives.WriteUInt32LittleEndian(_configuration.AsSpan(offset), value);

    private void RestoreCache() => SetCache(_disk.Properties.HasWriteCache);

    private void SetCache(bool isOn)
    {
        _writesBack = isOn;
        _configuration[VirtioBlkConfiguration.Writeback] = isOn ? (byte)1 : (byte)0;
    }

    private void Free(VirtioBlkRequest request) => (request.NextFree, _free) = (_free, request);

    // Tells of what was returned.
    private void Signal()
    {
        for (; _returned != 0; _returned &= _returned - 1)
        {
            Transport.Signal(_queues[BitOperations.TrailingZeroCount(_returned)]!);
        }
    }

    private sealed class Completions(VirtioBlkDevice device) : IoWork
    {
        protected internal override void Run() => device.TakeEnded();
    }
}
