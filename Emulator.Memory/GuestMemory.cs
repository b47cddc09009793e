namespace Emulator.Memory;

/// <summary>The guest-physical address space.</summary>
public sealed class GuestMemory
{
}
