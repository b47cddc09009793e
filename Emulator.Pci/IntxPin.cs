namespace Emulator.Pci;

/// <summary>A function's interrupt logic up to the pin: interrupt status, interrupt disable, the wire it drives.</summary>
internal sealed class IntxPin(PciFunction function) : InterruptLine
{
    private readonly Lock _lock = new();
    private bool _asserted;
    private bool _disabled;
    private bool _driven;

    public override void Set(bool asserted)
    {
        lock (_lock)
        {
            _asserted = asserted;
            function.Config.SetBits(PciRegister.Status, 2, (uint)PciStatus.InterruptStatus, asserted ? (uint)PciStatus.InterruptStatus : 0);
            Drive();
        }
    }

    /// <summary>Silences the pin or lets it follow the interrupt again. Under the bus lock.</summary>
    public void SetDisabled(bool disabled)
    {
        if (disabled == _disabled)
        {
            return;
        }

        lock (_lock)
        {
            _disabled = disabled;
            Drive();
        }
    }

    private void Drive()
    {
        var level = _asserted && !_disabled;
        var pin = function.Config.ReadByte(PciRegister.InterruptPin);
        if (level == _driven || pin == 0)
        {
            return;
        }

        _driven = level;
        function.Observer?.Pin(level);
        function.Bus!.DriveInterrupt(function.DevFn >> 3, pin, level);
    }
}
