using System.Numerics;
using System.Runtime.InteropServices;
using Emulator.Memory;

namespace Emulator.Devices;

// A request from its chain to its status (virtio 1.2, 5.2.6). On the I/O thread.
public sealed partial class VirtioBlkDevice
{
    private void Begin(VirtioBlkRequest request)
    {
        var chain = request.Chain;
        if (chain.ReadableLength < VirtioBlkHeader.Size || chain.WritableLength == 0 || request.Begin(Transport.Dma, out var header) != DmaStatus.Ok)
        {
            // Without a header there is no request, without room for a status no answer.
            request.Queue.Break();
            _returned |= 1UL << request.Queue.Number;
            Free(request);
            return;
        }

        switch (header.Type)
        {
            case VirtioBlkType.In:
                request.StartWriting();
                Move(request, BlockOperation.Read, header.Sector, chain.WritableLength - 1);
                break;
            case VirtioBlkType.Out:
                Move(request, BlockOperation.Write, header.Sector, chain.ReadableLength - VirtioBlkHeader.Size);
                break;
            case VirtioBlkType.Flush:
                Start(request, BlockOperation.Flush, 0, 0);
                break;
            case VirtioBlkType.GetId:
                request.StartWriting();
                var count = (int)Math.Min(SerialLength, chain.WritableLength - 1);
                End(request, request.Write(Transport.Dma, _serial.AsSpan(0, count)) == DmaStatus.Ok ? VirtioBlkStatus.Ok : VirtioBlkStatus.IoError);
                break;
            case VirtioBlkType.Discard when HasDiscard:
                Change(request, BlockOperation.Discard);
                break;
            case VirtioBlkType.WriteZeroes when HasWriteZeroes:
                Change(request, BlockOperation.WriteZeroes);
                break;
            default:
                End(request, VirtioBlkStatus.Unsupported);
                break;
        }
    }

    private void Move(VirtioBlkRequest request, BlockOperation operation, ulong sector, long length)
    {
        if (!Fits(sector, length))
        {
            End(request, VirtioBlkStatus.IoError);
        }
        else if (length == 0)
        {
            End(request, VirtioBlkStatus.Ok);
        }
        else
        {
            (request.Operation, request.Offset, request.Remaining) = (operation, (long)sector << SectorShift, length);
            MovePiece(request);
        }
    }

    private void MovePiece(VirtioBlkRequest request)
    {
        request.TakePiece();
        if (request.Operation == BlockOperation.Write && request.Read(Transport.Dma, request.Buffer.Span) != DmaStatus.Ok)
        {
            End(request, VirtioBlkStatus.IoError);
        }
        else
        {
            Submit(request);
        }
    }

    private void Change(VirtioBlkRequest request, BlockOperation operation)
    {
        VirtioBlkRange range = default;
        var length = request.Chain.ReadableLength - VirtioBlkHeader.Size;
        if (length < VirtioBlkRange.Size || request.Read(Transport.Dma, MemoryMarshal.AsBytes(new Span<VirtioBlkRange>(ref range))) != DmaStatus.Ok)
        {
            End(request, VirtioBlkStatus.IoError);
        }
        else if (length > VirtioBlkRange.Size || (range.Flags & ~(operation == BlockOperation.WriteZeroes ? VirtioBlkRange.Unmap : 0)) != 0)
        {
            // More than one range, or a flag that means nothing (5.2.6.2).
            End(request, VirtioBlkStatus.Unsupported);
        }
        else if (range.Sectors > int.MaxValue >> SectorShift || !Fits(range.Sector, (long)range.Sectors << SectorShift))
        {
            End(request, VirtioBlkStatus.IoError);
        }
        else
        {
            request.MayUnmap = range.Flags != 0;
            Start(request, operation, (long)range.Sector << SectorShift, (long)range.Sectors << SectorShift);
        }
    }

    private void Start(VirtioBlkRequest request, BlockOperation operation, long offset, long length)
    {
        (request.Operation, request.Offset, request.Length, request.Buffer) = (operation, offset, length, default);
        Submit(request);
    }

    private void Submit(VirtioBlkRequest request)
    {
        // Through the cache only if the driver knows of it (5.2.6.2), and has not switched it off.
        var features = (VirtioBlkFeatures)request.Queue.Features;
        _disk.HasWriteCache = (features & VirtioBlkFeatures.ConfigurableCache) != 0
            ? _writesBack
            : (features & VirtioBlkFeatures.Flush) != 0 && _disk.Properties.HasWriteCache;
        request.ForceUnitAccess = false;
        _disk.Submit(request);
    }

    // Whole blocks within the disk.
    private bool Fits(ulong sector, long length)
    {
        var sectors = (ulong)_disk.Length >> SectorShift;
        var block = (ulong)_disk.Properties.LogicalBlockSize;
        return (ulong)length % block == 0 && sector % (block >> SectorShift) == 0
            && sector <= sectors && (ulong)length >> SectorShift <= sectors - sector;
    }

    // What the disk has done.
    private void TakeEnded()
    {
        if (!Transport.MayRun())
        {
            return;
        }

        Stabilize();
        for (var left = MostBuffers; !Transport.Queue.IsStale;)
        {
            if (left <= 0)
            {
                Transport.Queue.Post(_completions);
                break;
            }

            if (!_disk.TryTake(out var ended))
            {
                break;
            }

            if (ended is VirtioBlkRequest request)
            {
                left -= request.Chain.Count;
                Advance(request);
            }
            else
            {
                _isStabilizing = false;
                Stabilize();
            }
        }

        Signal();
        for (; _waiting != 0 && _free is not null; _waiting &= _waiting - 1)
        {
            Transport.Post(_queues[BitOperations.TrailingZeroCount(_waiting)]!);
        }
    }

    private void Stabilize()
    {
        if (_isToBeStable && !_isStabilizing)
        {
            (_isToBeStable, _isStabilizing) = (false, true);
            _disk.Submit(_stabilizing);
        }
    }

    private void Advance(VirtioBlkRequest request)
    {
        switch (request.Status)
        {
            case BlockStatus.Cancelled:
                Free(request);
                return;
            case BlockStatus.Ok when request.Operation is BlockOperation.Read or BlockOperation.Write:
                if (request.Operation == BlockOperation.Read && request.Write(Transport.Dma, request.Buffer.Span) != DmaStatus.Ok)
                {
                    break;
                }

                request.Offset += request.Length;
                request.Remaining -= request.Length;
                if (request.Remaining > 0)
                {
                    MovePiece(request);
                }
                else
                {
                    End(request, VirtioBlkStatus.Ok);
                }

                return;
            case BlockStatus.Ok:
                End(request, VirtioBlkStatus.Ok);
                return;
            case BlockStatus.NotSupported:
                End(request, VirtioBlkStatus.Unsupported);
                return;
            default:
                break;
        }

        End(request, VirtioBlkStatus.IoError);
    }

    // The status is the last byte that may be written; it counts as written if everything before it has been (2.7.8.2).
    private void End(VirtioBlkRequest request, VirtioBlkStatus status)
    {
        var (queue, chain) = (request.Queue, request.Chain);
        var last = chain.Writable[^1];
        if (queue.IsBroken || Transport.Dma.StoreRelaxed(last.Address + last.Length - 1, (byte)status) != DmaStatus.Ok)
        {
            queue.Break();
        }
        else
        {
            var written = request.Written + (request.Written == chain.WritableLength - 1 ? 1 : 0);
            queue.Return(chain.Head, (uint)Math.Min(written, uint.MaxValue));
        }

        _returned |= 1UL << queue.Number;
        Free(request);
    }
}
