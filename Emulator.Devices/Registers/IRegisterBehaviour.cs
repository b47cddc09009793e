namespace Emulator.Devices;

/// <summary>What a device's registers do beyond what their table says. Called under the device's lock.</summary>
/// <typeparam name="TRegister">The device's enumeration of offsets.</typeparam>
public interface IRegisterBehaviour<TRegister>
    where TRegister : unmanaged, Enum
{
    /// <summary>The guest reads a register.</summary>
    /// <param name="register">Which.</param>
    /// <param name="value">What it holds.</param>
    /// <param name="lanes">The bits that are read: whole bytes.</param>
    /// <returns>What it reads as; bits outside the lanes do not matter.</returns>
    ulong ReadRegister(TRegister register, ulong value, ulong lanes);

    /// <summary>The guest has written a register; what the table lets it change is changed.</summary>
    /// <param name="register">Which.</param>
    /// <param name="written">The bits as they were written, in their place in the register; 0 outside the lanes.</param>
    /// <param name="lanes">The bits that were written: whole bytes.</param>
    void WriteRegister(TRegister register, ulong written, ulong lanes);
}
