using System.Runtime.CompilerServices;
using Emulator.Memory;

namespace Emulator.Devices;

// Accesses to words of guest memory.
internal sealed partial class DmaTestScript
{
    private DmaStatus Store(in DmaTestOperation op, ulong address, ulong word) => op.Access switch
    {
        0 => _dma.Store(address, (byte)word),
        1 => _dma.Store(address, (ushort)word),
        2 => _dma.Store(address, (uint)word),
        3 => _dma.Store(address, word),
        4 => _dma.StoreRelaxed(address, (byte)word),
        5 => _dma.StoreRelaxed(address, (ushort)word),
        6 => _dma.StoreRelaxed(address, (uint)word),
        _ => _dma.StoreRelaxed(address, word),
    };

    private DmaStatus Load(in DmaTestOperation op, ulong address, out ulong value)
    {
        Unsafe.SkipInit(out value);
        switch (op.Access)
        {
            case 0:
                return Widen(_dma.Load(address, out byte b), b, out value);
            case 1:
                return Widen(_dma.Load(address, out ushort w), w, out value);
            case 2:
                return Widen(_dma.Load(address, out uint d), d, out value);
            case 3:
                return _dma.Load(address, out value);
            case 4:
                return Widen(_dma.LoadRelaxed(address, out byte rb), rb, out value);
            case 5:
                return Widen(_dma.LoadRelaxed(address, out ushort rw), rw, out value);
            case 6:
                return Widen(_dma.LoadRelaxed(address, out uint rd), rd, out value);
            default:
                return _dma.LoadRelaxed(address, out value);
        }
    }

    // dma-test.publish: everything before it is visible before the word. Pairs with the guest's read barrier behind its read
    // of that word.
    private DmaStatus Publish(in DmaTestOperation op, ulong address, ulong word)
    {
        switch (op.Access)
        {
            case 0:
                return _dma.Publish(address, (byte)word, DmaTestSites.Publish);
            case 1:
                return _dma.Publish(address, (ushort)word, DmaTestSites.Publish);
            case 2:
                return _dma.Publish(address, (uint)word, DmaTestSites.Publish);
            case 3:
                return _dma.Publish(address, word, DmaTestSites.Publish);
            default:
                // The function's fence without the bus's.
                _dma.ReadBarrier(DmaTestSites.Publish);
                _dma.WriteBarrier(DmaTestSites.Publish);
                return Store(in op, address, word);
        }
    }

    private Step Wait(in DmaTestOperation op, ref int budget)
    {
        if (op.Condition == DmaTestCondition.Reserved)
        {
            return Failed(DmaTestError.Operand);
        }

        var address = Address(in op);
        var wanted = Word(in op);
        for (; budget > 0; budget -= CostOfWaiting)
        {
            if (_queue.IsStale)
            {
                return Step.GiveWay;
            }

            if (_stop)
            {
                return Ended(DmaTestState.Stopped);
            }

            if (_reads == _waitLimit)
            {
                return Failed(DmaTestError.Wait);
            }

            _reads++;
            var status = Load(in op, address, out var value);
            _registers[op.A] = value;
            if (status != DmaStatus.Ok)
            {
                return Refused(status, address);
            }

            if (op.Holds(value, wanted, op.Log2Size))
            {
                _reads = 0;
                return Step.Next;
            }
        }

        // Goes on with this instruction when it is its turn again. Who makes the word change may need the processor.
        _next--;
        _executed--;
        Thread.Yield();
        return Step.GiveWay;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static DmaStatus Widen(DmaStatus status, ulong word, out ulong value)
    {
        value = word;
        return status;
    }

    // Each step needs the one before it, so that the processor cannot do several at once.
    private int Delay(ulong steps)
    {
        const int Most = 65535;
        var count = (int)Math.Min(steps, Most);
        var chain = _chain;
        for (var i = 0; i < count; i++)
        {
            chain = (chain * 5) + 1;
        }

        _chain = chain;
        return count;
    }
}
