namespace Emulator.Pci.Tests;

/// <summary>Signals on one thread, masks on another: the SB row, of the pending bit and the mask.</summary>
public sealed class MessageStressTests : IDisposable
{
    private const int Rounds = 200_000;
    private const int Slot = 3;
    private const ulong Window = 0xE0000000;
    private const ulong Control = MsixCapability.EntryControl;
    private readonly TestBoard _board = new();
    private readonly MessageWindow _messages;
    private int _arrived;

    public MessageStressTests()
    {
        _messages = MessageWindow.On(_board.Memory);
        _messages.Arrived = _ => Interlocked.Increment(ref _arrived);
    }

    public void Dispose() => _board.Dispose();

    [Fact]
    public void No_message_is_lost_or_doubled_while_a_processor_masks_and_unmasks_the_entry()
    {
        var msix = AddMsix();
        Run(
            () => msix.Signal(0),
            () => _board.Memory.Write(Window + Control, 4, 1),
            () => _board.Memory.Write(Window + Control, 4, 0));
    }

    [Fact]
    public void No_message_is_lost_or_doubled_while_a_processor_masks_and_unmasks_the_function()
    {
        var msix = AddMsix();
        const int Register = 0x40 + MsixCapability.Control;
        Run(
            () => msix.Signal(0),
            () => SetConfig(Register, 2, MsixCapability.Enable | MsixCapability.FunctionMask),
            () => SetConfig(Register, 2, MsixCapability.Enable));
    }

    [Fact]
    public void No_message_is_lost_or_doubled_while_a_processor_masks_and_unmasks_a_bit()
    {
        _board.Add(new TestFunction().WithMsi(1, true, out var msi), Slot);
        SetConfig(PciRegister.Command, 2, (uint)PciCommand.BusMaster);
        SetConfig(0x40 + MsiCapability.AddressLow, 4, (uint)MessageWindow.Base);
        SetConfig(0x40 + MsiCapability.Control, 2, MsiCapability.Enable);
        Run(
            () => msi.Signal(0),
            () => SetConfig(0x40 + MsiCapability.MaskBits, 4, 1),
            () => SetConfig(0x40 + MsiCapability.MaskBits, 4, 0));
    }

    // Each signal is waited for, so each must arrive as a message of its own: one that does not is lost, one more is doubled.
    private void Run(Func<bool> signal, Action mask, Action unmask)
    {
        var stop = false;
        var processor = new Thread(() =>
        {
            for (var i = 0; !Volatile.Read(ref stop); i++)
            {
                mask();
                if ((i & 1) == 0)
                {
                    Thread.SpinWait(i & 31);
                }

                unmask();
            }
        });
        processor.Start();
        var wrong = "";
        var deadline = Environment.TickCount64 + 60_000;
        for (var i = 1; i <= Rounds && wrong.Length == 0; i++)
        {
            wrong = signal() ? wrong : "not enabled";
            var wait = new SpinWait();
            while (Volatile.Read(ref _arrived) < i && wrong.Length == 0)
            {
                wait.SpinOnce(-1);
                wrong = wait.Count % 1024 == 0 && Environment.TickCount64 > deadline ? $"lost after {i - 1}" : wrong;
            }

            wrong = Volatile.Read(ref _arrived) > i ? $"doubled after {i - 1}" : wrong;
        }

        Volatile.Write(ref stop, true);
        processor.Join();
        Assert.Equal("", wrong);
        Assert.Equal(Rounds, _arrived);
    }

    private MsixCapability AddMsix()
    {
        _board.Add(new TestFunction().WithMsix(0, 1, out var msix), Slot);
        SetConfig(PciRegister.BaseAddress0, 4, (uint)Window);
        SetConfig(PciRegister.Command, 2, (uint)(PciCommand.BusMaster | PciCommand.MemorySpace));
        _board.Memory.Write(Window, 8, MessageWindow.Base);
        _board.Memory.Write(Window + Control, 4, 0);
        SetConfig(0x40 + MsixCapability.Control, 2, MsixCapability.Enable);
        return msix;
    }

    private void SetConfig(int offset, int size, uint value) =>
        _board.Bus.WriteConfig(0, TestBoard.DevFn(Slot), offset, size, value);
}
