namespace Emulator.Devices;

// Parity of what the chip receives (technical manual, SCNTL0.EPC and AAP). An initiator takes the whole block move, or what of it comes before
// the target changes phase; then SCRIPTS stop.
internal sealed partial class LsiScripts
{
    private bool _isParityWrong;

    // Before the bytes are acknowledged: a target that finds ATN asserted then has not ended its command yet.
    private void CheckParity(int bytes)
    {
        if (!_function.Cable.Damages(bytes))
        {
            return;
        }

        LsiScsiControl0 control;
        lock (_function.Lock)
        {
            control = (LsiScsiControl0)Registers[LsiRegister.ScsiControl0];
        }

        if ((control & LsiScsiControl0.EnableParity) == 0)
        {
            return;
        }

        _isParityWrong = true;
        if ((control & LsiScsiControl0.AssertAttention) != 0)
        {
            Bus.SetAttention();
        }
    }

    // PAR, once, if a byte of the block move that ends came with bad parity.
    private uint TakeParityError()
    {
        var cause = _isParityWrong ? LsiInterrupts.Of(LsiScsiCause.Parity) : 0;
        _isParityWrong = false;
        return cause;
    }
}
