using System.Diagnostics;
using System.Runtime.InteropServices;
using Emulator.Devices;
using Emulator.Host.Console;
using Microsoft.Extensions.Logging;

namespace Emulator.Host.Network;

/// <summary>One of libslirp's stacks. One thread at a time.</summary>
internal sealed partial class SlirpStack : IDisposable
{
    private readonly ILogger _logger;
    private readonly string _id;
    private readonly FrameTap _send;
    private readonly byte[] _frame = new byte[NetworkPort.LargestFrame];

    // The library has pointers into these; the collector does not see that.
    private readonly Slirp.SendPacket _sendPacket;
    private readonly Slirp.GuestError _guestError;
    private readonly Slirp.ReadClock _readClock = _ => (long)(Stopwatch.GetTimestamp() * (1e9 / Stopwatch.Frequency));
    private readonly Slirp.DescriptorChanged _descriptorChanged = (_, _) => { };
    private readonly Slirp.Notify _notify = _ => { };
    private readonly Slirp.AddPoll _addPoll;
    private readonly Slirp.ReadEvents _readEvents;

    private PollDescriptor[] _watched = new PollDescriptor[16];
    private int _watchedCount;
    private nint _callbacks;
    private nint _handle;

    private SlirpStack(string id, FrameTap send, ILogger logger)
    {
        (_id, _send, _logger) = (id, send, logger);
        (_sendPacket, _guestError, _addPoll, _readEvents) = (SendPacket, SayGuestError, AddPoll, ReadEvents);
    }

    /// <summary>Makes a stack as the command line says.</summary>
    /// <param name="netdev">What it says.</param>
    /// <param name="send">Takes frames for the guest, while a method of the stack is called.</param>
    /// <param name="logger">Told what the guest does wrong.</param>
    public static Result<SlirpStack> Open(NetdevDescription netdev, FrameTap send, ILogger logger)
    {
        if (!NativeLibrary.TryLoad(Slirp.Library, out _))
        {
            return new Failure($"{Slirp.Library} is not there; install libslirp0 (apt install libslirp0), or use another back end");
        }

        var stack = new SlirpStack(netdev.Id, send, logger);
        if (stack.Create(netdev) is { } mistake)
        {
            stack.Dispose();
            return new Failure(mistake);
        }

        return stack;
    }

    /// <summary>A frame of the guest's.</summary>
    public void Input(ReadOnlySpan<byte> frame) => Slirp.Input(_handle, frame, frame.Length);

    /// <summary>Waits for something to happen, and does what there is to do then.</summary>
    /// <param name="wake">Ends the waiting.</param>
    /// <param name="mayTake">False to wait for <paramref name="wake"/> alone: nothing is read from outside meanwhile.</param>
    /// <param name="mayWait">False to look only.</param>
    public void Wait(WakePipe wake, bool mayTake, bool mayWait)
    {
        _watched[0] = new PollDescriptor { Descriptor = wake.Descriptor, Events = Posix.PollIn };
        _watchedCount = 1;
        var timeout = uint.MaxValue;
        if (mayTake)
        {
            Slirp.FillPoll(_handle, ref timeout, _addPoll, 0);
        }

        var count = Posix.Poll(_watched.AsSpan(0, _watchedCount), (ulong)_watchedCount, mayWait ? (int)Math.Min(timeout, int.MaxValue) : 0);
        if (count > 0 && _watched[0].Returned != 0)
        {
            wake.Clear();
        }

        if (mayTake)
        {
            Slirp.Poll(_handle, count < 0 ? 1 : 0, _readEvents, 0);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_handle != 0)
        {
            Slirp.CleanUp(_handle);
        }

        Marshal.FreeHGlobal(_callbacks);
        (_handle, _callbacks) = (0, 0);
    }

    private string? Create(NetdevDescription netdev)
    {
        if (!UserNetwork.Parse(netdev).Get(out var network, out var mistake))
        {
            return mistake;
        }

        var strings = new List<nint>();
        nint Text(string property)
        {
            if (netdev.IsGiven(property))
            {
                strings.Add(Marshal.StringToCoTaskMemUTF8(netdev.Text(property)));
                return strings[^1];
            }

            return 0;
        }

        var configuration = new SlirpConfiguration
        {
            Version = Slirp.ConfigurationVersion,
            IsRestricted = netdev.IsOn("restrict") ? 1 : 0,
            HasIPv4 = 1,
            Network = network.Address,
            Mask = network.Mask,
            Host = network.Host,
            DhcpStart = network.DhcpStart,
            NameServer = network.NameServer,
            HostName = Text("hostname"),
            TftpPath = Text("tftp"),
            BootFile = Text("bootfile"),
        };
        var callbacks = new SlirpCallbacks
        {
            SendPacket = Marshal.GetFunctionPointerForDelegate(_sendPacket),
            GuestError = Marshal.GetFunctionPointerForDelegate(_guestError),
            ReadClock = Marshal.GetFunctionPointerForDelegate(_readClock),
            DescriptorAdded = Marshal.GetFunctionPointerForDelegate(_descriptorChanged),
            DescriptorRemoved = Marshal.GetFunctionPointerForDelegate(_descriptorChanged),
            Notify = Marshal.GetFunctionPointerForDelegate(_notify),
        };
        _callbacks = Marshal.AllocHGlobal(Marshal.SizeOf<SlirpCallbacks>());
        Marshal.StructureToPtr(callbacks, _callbacks, fDeleteOld: false);
        _handle = Slirp.New(configuration, _callbacks, 0);
        strings.ForEach(Marshal.FreeCoTaskMem);
        return _handle == 0 ? "libslirp does not take this configuration" : AddForwards(netdev);
    }

    private string? AddForwards(NetdevDescription netdev)
    {
        foreach (var text in netdev.Texts("hostfwd"))
        {
            var forward = HostForward.Parse(text)!.Value;
            if (Slirp.AddHostForward(_handle, forward.IsUdp ? 1 : 0, forward.HostAddress, forward.HostPort, forward.GuestAddress, forward.GuestPort) < 0)
            {
                return $"property 'hostfwd': cannot forward {text}: {Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}";
            }
        }

        return null;
    }

    private nint SendPacket(nint frame, nuint length, nint opaque)
    {
        if (length <= (nuint)_frame.Length)
        {
            Marshal.Copy(frame, _frame, 0, (int)length);
            _send(_frame.AsSpan(0, (int)length));
        }

        return (nint)length;
    }

    private void SayGuestError(nint message, nint opaque)
    {
        if (_logger.IsEnabled(LogLevel.Debug))
        {
            var text = Marshal.PtrToStringUTF8(message) ?? "";
            LogGuestError(_logger, _id, text);
        }
    }

    private int AddPoll(int descriptor, Slirp.PollEvents events, nint opaque)
    {
        if (_watchedCount == _watched.Length)
        {
            Array.Resize(ref _watched, 2 * _watchedCount);
        }

        var wanted = events.HasFlag(Slirp.PollEvents.In) ? Posix.PollIn : 0;
        wanted |= events.HasFlag(Slirp.PollEvents.Out) ? Posix.PollOut : 0;
        wanted |= events.HasFlag(Slirp.PollEvents.Priority) ? Posix.PollPriority : 0;
        _watched[_watchedCount] = new PollDescriptor { Descriptor = descriptor, Events = (short)wanted };
        return _watchedCount++;
    }

    private Slirp.PollEvents ReadEvents(int index, nint opaque)
    {
        var seen = _watched[index].Returned;
        var events = (seen & Posix.PollIn) != 0 ? Slirp.PollEvents.In : 0;
        events |= (seen & Posix.PollOut) != 0 ? Slirp.PollEvents.Out : 0;
        events |= (seen & Posix.PollPriority) != 0 ? Slirp.PollEvents.Priority : 0;
        events |= (seen & Posix.PollError) != 0 ? Slirp.PollEvents.Error : 0;
        return events | ((seen & Posix.PollHangUp) != 0 ? Slirp.PollEvents.HangUp : 0);
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "netdev {Id}: {What}")]
    private static partial void LogGuestError(ILogger logger, string id, string what);
}
