using Emulator.Devices;

namespace Emulator.Host.Console;

/// <summary>A character back end at work: between a device of the machine and a <see cref="Channel"/>.</summary>
internal sealed class CharacterPort : ISerialBackend, IDisposable
{
    private const int InputCapacity = 4096;
    private const int HangUpInterval = 100;

    private readonly Channel _channel;
    private readonly OutputQueue _output;
    private readonly Action _quit;
    private readonly Action<string> _tell;
    private readonly WakePipe _wake = new();
    private readonly byte[] _input = new byte[InputCapacity];
    private EscapeFilter _escapes;
    private int _inputCount;
    private volatile Action? _transmitReady;
    private InputReceiver? _receiver;
    private Thread? _reader;
    private volatile bool _stopping;

    /// <summary>Takes over a channel.</summary>
    /// <param name="name">Names the threads.</param>
    /// <param name="channel">The outside; disposed with the port.</param>
    /// <param name="quit">Called for Ctrl-A x.</param>
    /// <param name="tell">Shows a person a text.</param>
    public CharacterPort(string name, Channel channel, Action quit, Action<string> tell)
    {
        (Name, _channel, _quit, _tell) = (name, channel, quit, tell);
        _output = new OutputQueue(name, channel, () => _transmitReady?.Invoke());
    }

    /// <summary>Takes bytes from the outside; returns how many it could take. The input thread only.</summary>
    public delegate int InputReceiver(ReadOnlySpan<byte> data);

    /// <summary>True if the guest never sees a full transmitter: it is the guest that waits, as how fast the far end takes bytes must not show. Set before <see cref="Start"/>.</summary>
    public bool IsPatient { get; set; }

    /// <summary>The back end's id.</summary>
    public string Name { get; }

    /// <summary>Input that comes by the machine's clock.</summary>
    public IReadOnlyList<ScriptedInput> Script => _channel.Script;

    /// <summary>Connects a device; before <see cref="Start"/>. The first one that wants the input gets it.</summary>
    /// <param name="receive">Takes input.</param>
    /// <param name="transmitReady">Called when <see cref="TryTransmit"/> would take a byte again.</param>
    public void Attach(InputReceiver receive, Action transmitReady)
    {
        _receiver ??= receive;
        _transmitReady += transmitReady;
    }

    /// <summary>Starts to read, if anybody wants the input or an escape may come.</summary>
    public void Start()
    {
        if (_channel.InputDescriptor >= 0)
        {
            _reader = new Thread(ReadInput) { Name = Name + "-input", IsBackground = true };
            _reader.Start();
        }
    }

    /// <summary>The device can take input again. Any thread.</summary>
    public void ReceiveReady() => _wake.Set();

    /// <inheritdoc/>
    public bool TryTransmit(byte value)
    {
        if (!IsPatient)
        {
            return _output.TryAdd(value);
        }

        Transmit(value);
        return true;
    }

    /// <summary>Takes a byte from a device that cannot wait: when the queue is full, the caller does. Any thread.</summary>
    public void Transmit(byte value)
    {
        while (!_output.TryAdd(value) && !_stopping)
        {
            _ = _output.Flush(TimeSpan.FromMilliseconds(HangUpInterval));
        }
    }

    /// <summary>Waits until the guest's last byte is out.</summary>
    /// <param name="patience">How long nothing may move; the channel's own limit if it is shorter.</param>
    public bool Flush(TimeSpan patience) => _output.Flush(
        patience == Timeout.InfiniteTimeSpan || (_channel.Patience != Timeout.InfiniteTimeSpan && _channel.Patience < patience)
            ? _channel.Patience
            : patience);

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_stopping)
        {
            return;
        }

        _stopping = true;
        _wake.Set();
        if (_reader?.Join(TimeSpan.FromSeconds(1)) != false)
        {
            _wake.Dispose();
        }

        _output.Dispose();
        _channel.Dispose();
    }

    private void ReadInput()
    {
        Span<PollDescriptor> watched = stackalloc PollDescriptor[2];
        Span<byte> buffer = stackalloc byte[1024];
        while (!_stopping)
        {
            Deliver();
            var descriptor = _channel.InputDescriptor;
            var hungUp = _channel.IsHungUp;
            var room = InputCapacity - _inputCount;
            var wanted = descriptor >= 0 && !hungUp && (room > 0 || _channel.IsInteractive);
            watched[0] = new PollDescriptor { Descriptor = _wake.Descriptor, Events = Posix.PollIn };
            watched[1] = new PollDescriptor { Descriptor = wanted ? descriptor : -1, Events = Posix.PollIn };
            if (Posix.Poll(watched, 2, hungUp ? HangUpInterval : -1) <= 0)
            {
                continue;
            }

            if (watched[0].Returned != 0)
            {
                _wake.Clear();
            }

            if (watched[1].Returned != 0)
            {
                var limit = _channel.IsInteractive ? buffer.Length : Math.Min(buffer.Length, room);
                Take(buffer[.._channel.Read(buffer[..limit])]);
            }
        }
    }

    private void Take(Span<byte> data)
    {
        foreach (ref var value in data)
        {
            switch (_channel.IsInteractive ? _escapes.Next(ref value) : EscapeAction.Pass)
            {
                case EscapeAction.Pass when _inputCount < InputCapacity:
                    _input[_inputCount++] = value;
                    break;
                case EscapeAction.Quit:
                    _quit();
                    break;
                case EscapeAction.Help:
                    _tell(EscapeFilter.HelpText);
                    break;
                default:
                    break;
            }
        }
    }

    private void Deliver()
    {
        if (_inputCount == 0)
        {
            return;
        }

        var taken = _receiver is null ? _inputCount : _receiver(_input.AsSpan(0, _inputCount));
        _input.AsSpan(taken, _inputCount - taken).CopyTo(_input);
        _inputCount -= taken;
    }
}
