using Emulator.Memory;
using Emulator.Pci;

namespace Emulator.Devices.Tests;

/// <summary>What is wrong with a <see cref="ToyFunction"/>.</summary>
public enum ToyBug
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>A register access divides by what the guest wrote.</summary>
    ThrowsInRegister,

    /// <summary>Work does so.</summary>
    ThrowsInWork,

    /// <summary>A descriptor without length is not passed over.</summary>
    LoopsOnDescriptor,

    /// <summary>Work posts itself whether or not there is any.</summary>
    PostsForEver,

    /// <summary>A piece is one byte longer than its descriptor says.</summary>
    WritesPastTheEnd,

    /// <summary>A length is read again after it was looked at.</summary>
    ReadsTwice,

    /// <summary>What was refused is counted, also over resets, and too much is too much.</summary>
    SulksAfterReset,

    /// <summary>DMA under the lock that registers take.</summary>
    DmaUnderLock,

    /// <summary>A buffer is made for each piece.</summary>
    Allocates,

    /// <summary>Work waits for what never comes.</summary>
    Hangs,
}

/// <summary>A small device: fills each piece of a list of (address, length) with the byte in FILL, and is wrong where a test wants it to be.</summary>
internal sealed class ToyFunction : PciFunction, IBusTarget, IRegisterBehaviour<ToyRegister>, IDisposable
{
    public const int Length = 0x20;
    public const int LargestPiece = 0x100;

    private readonly Lock _lock = new();
    private readonly RegisterFile<ToyRegister> _registers;
    private readonly IoQueue _queue;
    private readonly Work _work;
    private readonly ToyBug _bug;
    private bool _resetWritten;
    private int _resets;
    private int _refusals;

    public ToyFunction(ToyBug bug, IoThread thread)
        : base("toy", new PciIdentity(0x1234, 0x0001, 0, 0xFF0000))
    {
        _bug = bug;
        AddMemoryBar(0, Length, this);
        _registers = new RegisterFile<ToyRegister>(Length, Table, this);
        _work = new Work(this);
        _queue = new IoQueue(thread, "toy", _lock);
    }

    public static ReadOnlySpan<RegisterSpec<ToyRegister>> Table => s_table;

    private static readonly RegisterSpec<ToyRegister>[] s_table =
    [
        new(ToyRegister.List) { Writable = ~7U },
        new(ToyRegister.Count) { Writable = 0xF },
        new(ToyRegister.Doorbell) { IsLive = true },
        new(ToyRegister.Fill, 1) { Reset = 0x55, Writable = 0xFF },
        new(ToyRegister.Reset, 1) { IsLive = true },
        new(ToyRegister.Ratio) { Reset = 1, Writable = 0xFFFF },
        new(ToyRegister.Done) { ClearedByOne = 1 },
    ];

    public void Dispose() => _queue.Dispose();

    BusStatus IBusTarget.Read(ulong offset, int size, out ulong value)
    {
        lock (_lock)
        {
            return _registers.Read(offset, size, out value);
        }
    }

    BusStatus IBusTarget.Write(ulong offset, int size, ulong value)
    {
        BusStatus status;
        bool isReset;
        lock (_lock)
        {
            status = _registers.Write(offset, size, value);
            (isReset, _resetWritten) = (_resetWritten, false);
        }

        if (isReset)
        {
            OnReset();
        }

        return status;
    }

    ulong IRegisterBehaviour<ToyRegister>.ReadRegister(ToyRegister register, ulong value, ulong lanes) => value;

    void IRegisterBehaviour<ToyRegister>.WriteRegister(ToyRegister register, ulong written, ulong lanes)
    {
        switch (register)
        {
            case ToyRegister.Ratio when _bug == ToyBug.ThrowsInRegister:
                _registers[ToyRegister.Done] &= 100 / _registers[ToyRegister.Ratio];
                break;
            case ToyRegister.Doorbell when _resets == 0:
                _queue.Post(_work);
                break;
            case ToyRegister.Reset when written != 0:
                _resetWritten = true;
                break;
            default:
                break;
        }
    }

    protected override void OnReset()
    {
        lock (_lock)
        {
            _resets++;
        }

        _queue.Reset(() =>
        {
            lock (_lock)
            {
                _registers.Reset();
                _resets--;
            }
        });
    }

    private void FillPieces()
    {
        ulong list, count;
        byte fill;
        lock (_lock)
        {
            (list, count, fill) = (_registers[ToyRegister.List], _registers[ToyRegister.Count], (byte)_registers[ToyRegister.Fill]);
            if (_bug == ToyBug.ThrowsInWork && count == 13)
            {
                throw new InvalidOperationException("thirteen pieces");
            }

            if (_bug == ToyBug.DmaUnderLock)
            {
                Dma.Load<uint>(list, out _);
            }
        }

        while (_bug == ToyBug.Hangs && count == 3 && !_queue.IsStale)
        {
            Thread.SpinWait(1);
        }

        for (ulong i = 0; i < count; i++)
        {
            var piece = list + (i * 8);
            if (Dma.Load<ulong>(piece, out var descriptor) != DmaStatus.Ok)
            {
                _refusals++;
                break;
            }

            var length = (int)Math.Min(descriptor >> 32, LargestPiece);
            if (_bug == ToyBug.LoopsOnDescriptor && length == 0)
            {
                i--;
                continue;
            }

            FillPiece(piece, (uint)descriptor, length, fill);
        }

        var isDone = _bug != ToyBug.SulksAfterReset || _refusals < 2;
        lock (_lock)
        {
            _registers[ToyRegister.Done] = isDone && !_queue.IsStale ? 1UL : 0;
        }

        if (_bug == ToyBug.PostsForEver && count == 2)
        {
            _queue.Post(_work);
        }
    }

    private void FillPiece(ulong piece, ulong address, int length, byte fill)
    {
        Span<byte> bytes = stackalloc byte[LargestPiece];
        if (_bug == ToyBug.ReadsTwice)
        {
            Dma.Load(piece + 4, out int again);
            bytes = bytes[..again];
        }
        else if (_bug == ToyBug.Allocates)
        {
            bytes = new byte[0x10000].AsSpan(0, length);
        }
        else
        {
            bytes = bytes[..Math.Min(length + (_bug == ToyBug.WritesPastTheEnd ? 1 : 0), LargestPiece)];
        }

        bytes.Fill(fill);
        _refusals += Dma.Write(address, bytes) == DmaStatus.Ok ? 0 : 1;
    }

    private sealed class Work(ToyFunction function) : IoWork
    {
        protected internal override void Run() => function.FillPieces();
    }
}

/// <summary>Offsets.</summary>
public enum ToyRegister : ushort
{
    /// <summary>Address of the list.</summary>
    List = 0x00,

    /// <summary>How many pieces it has.</summary>
    Count = 0x04,

    /// <summary>Fills them.</summary>
    Doorbell = 0x08,

    /// <summary>With this byte.</summary>
    Fill = 0x0C,

    /// <summary>Resets.</summary>
    Reset = 0x0D,

    /// <summary>Means nothing.</summary>
    Ratio = 0x10,

    /// <summary>1 when they are filled.</summary>
    Done = 0x14,
}
