using System.Net.Sockets;
using Emulator.Host.Disks.Nbd;

namespace Emulator.Host.Tests.Disks.Nbd;

/// <summary>A server whose cache is lost when it is killed: of what was not flushed, any 512 bytes may be there or not.</summary>
/// <remarks>It answers in any order, and dies in the middle of an answer. A thread of its own; the seed decides.</remarks>
internal sealed class LossyServer : IDisposable
{
    private const int Sector = 512;

    private readonly Lock _gate = new();
    private readonly Socket _listener;
    private readonly byte[] _stable;
    private readonly byte[] _cached;
    private readonly bool[] _isDirty;
    private readonly Random _random;
    private readonly ushort _flags;
    private readonly int _mostRequests;
    private readonly Thread _thread;
    private volatile bool _isStopping;

    /// <param name="listener">Where it listens.</param>
    /// <param name="size">Bytes.</param>
    /// <param name="flags">What it can do.</param>
    /// <param name="seed">Decides when it dies and what is left.</param>
    /// <param name="mostRequests">How many requests a life has at most; every fourth is longer, so that all is answered at some time.</param>
    public LossyServer(Socket listener, int size, ushort flags, int seed, int mostRequests)
    {
        (_listener, _flags, _random, _mostRequests) = (listener, flags, new Random(seed), mostRequests);
        (_stable, _cached, _isDirty) = (new byte[size], new byte[size], new bool[size / Sector]);
        _thread = new Thread(Run) { IsBackground = true };
        _thread.Start();
    }

    /// <summary>How often it was killed.</summary>
    public int Deaths { get; private set; }

    /// <summary>What is there for certain, whatever happens, at this moment.</summary>
    public void LookAtStable(Action<byte[]> look)
    {
        lock (_gate)
        {
            look(_stable);
        }
    }

    public void Dispose()
    {
        _isStopping = true;
        _listener.Dispose();
        Assert.True(_thread.Join(30_000), "the server does not end");
    }

    private void Run()
    {
        while (!_isStopping)
        {
            try
            {
                using var end = new ServerEnd(_listener.Accept());
                end.Negotiate(_stable.Length, _flags, maximum: 8192);
                Serve(end, Deaths % 4 == 3 ? 1000 : _random.Next(_mostRequests));
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException or Xunit.Sdk.XunitException)
            {
                // The client is gone, or this is the end.
            }

            LosePower();
        }
    }

    private void Serve(ServerEnd end, int requests)
    {
        var held = new List<ServerRequest>();
        while (!_isStopping && requests-- > 0)
        {
            if ((held.Count == 0 || (held.Count < 8 && end.HasRequest && _random.Next(3) > 0)) && end.TryReadRequest() is { } next)
            {
                if (next.Command == NbdCommand.Disconnect)
                {
                    return;
                }

                // A flush is only of what was answered before it came, so it need not be of anything later.
                if (next.Command == NbdCommand.Flush)
                {
                    Settle(0, _isDirty.Length, _ => true);
                }

                held.Add(next);
                continue;
            }

            if (held.Count == 0)
            {
                return;
            }

            var index = _random.Next(held.Count);
            var request = held[index];
            held.RemoveAt(index);
            CarryOut(request);
            end.Reply(request, request.Command == NbdCommand.Read ? _cached.AsSpan((int)request.Offset, request.Length).ToArray() : []);
        }

        // Done or half done, but not answered; and half an answer.
        foreach (var request in held.Where(_ => _random.Next(2) == 0))
        {
            CarryOut(request);
        }

        if (held.Count > 0)
        {
            end.Send(ServerEnd.U32(NbdProtocol.ReplyMagic));
        }

        Deaths++;
    }

    private void CarryOut(ServerRequest request)
    {
        var (offset, length) = ((int)request.Offset, request.Length);
        switch (request.Command)
        {
            case NbdCommand.Write:
                request.Payload.CopyTo(_cached, offset);
                break;
            case NbdCommand.WriteZeroes:
                _cached.AsSpan(offset, length).Clear();
                break;
            default:
                return;
        }

        Array.Fill(_isDirty, true, offset / Sector, length / Sector);
        if ((request.Flags & NbdProtocol.CommandForceUnitAccess) != 0)
        {
            Settle(offset / Sector, length / Sector, _ => true);
        }
    }

    private void LosePower()
    {
        Settle(0, _isDirty.Length, _ => _random.Next(2) == 0);
        _stable.CopyTo(_cached, 0);
        Array.Clear(_isDirty);
    }

    private void Settle(int sector, int count, Func<int, bool> isWritten)
    {
        using var locked = _gate.EnterScope();
        for (var i = sector; i < sector + count; i++)
        {
            if (_isDirty[i] && isWritten(i))
            {
                _cached.AsSpan(i * Sector, Sector).CopyTo(_stable.AsSpan(i * Sector));
                _isDirty[i] = false;
            }
        }
    }
}
