using Emulator.Pci;

namespace Emulator.Devices;

// PCI power management (PCI Power Management Interface 1.1) and bus mastering: what configuration space decides.
public sealed partial class Rtl8139Function
{
    private const byte PowerManagementId = 0x01;
    private const int PowerManagementLength = 8;

    // Where Realtek has it.
    private const int CapabilityStart = 0x50;
    private const int Capabilities = 2;
    private const int ControlStatus = 4;

    // D1 and D2, version 2; no PME#, for there is nobody to hear it.
    private const uint CapabilityWord = 0x0602;
    private const uint StateMask = 3;

    private const int MinimumGrant = 0x3E;
    private const int MaximumLatency = 0x3F;

    private int _powerManagement;
    private PowerState _state;
    private volatile bool _isPowered = true;

    private enum PowerState : byte
    {
        D0,
        D1,
        D2,
        D3,
    }

    // In D1 to D3 a function answers nothing but configuration accesses.
    private bool Answers => _isPowered;

    /// <inheritdoc/>
    protected override void OnConfigWritten(int offset, int size)
    {
        var state = (PowerState)(Config.Read(_powerManagement + ControlStatus, 1) & StateMask);
        if (state != _state)
        {
            ChangePower(state);
        }
        else if (offset < PciRegister.Status && offset + size > PciRegister.Command && Dma.IsBusMaster && _isPowered)
        {
            Queue.Post(_receiver);
            Queue.Post(_transmitter);
        }
    }

    private void AddPowerManagement()
    {
        ReserveRegisters(CapabilityStart);
        _powerManagement = AddCapability(PowerManagementId, PowerManagementLength);
        Config.Define(_powerManagement + Capabilities, 2, CapabilityWord);
        Config.Define(_powerManagement + ControlStatus, 2, 0, StateMask);
        Config.Define(MinimumGrant, 1, 0x20);
        Config.Define(MaximumLatency, 1, 0x40);
    }

    // Under the bus lock, which the work never takes. When the write is over no DMA of the function's is under way; out of D3 it
    // comes as from a reset.
    private void ChangePower(PowerState state)
    {
        var was = _state;
        _state = state;
        _isPowered = state == PowerState.D0;
        if (was == PowerState.D3)
        {
            ResetFunction(Reset.Full);
            return;
        }

        Queue.Reset(() =>
        {
            lock (_lock)
            {
                _causes.SetMask(_isPowered ? (uint)_registers[Rtl8139Register.InterruptMask] : 0);
                Volatile.Write(ref _stamp, _stamp + 1);
            }
        });

        PostAll();
    }
}
