namespace Emulator.Memory;

/// <summary>Sees every word that goes through a simulated memory. Called under its gate, in the order of what happens; touches no memory, and no lock that anybody holds who does.</summary>
public interface ISimulationObserver
{
    /// <summary>A word was loaded.</summary>
    /// <param name="initiator">Who.</param>
    /// <param name="physical">Guest-physical.</param>
    /// <param name="size">1 to 8 bytes.</param>
    /// <param name="value">What it took.</param>
    /// <param name="stamp">The moment whose value it is, on the memory's clock: what became visible up to and with it was seen.</param>
    /// <param name="isOwn">True if some of it came from stores of its own that wait.</param>
    void Loaded(Initiator initiator, ulong physical, int size, ulong value, long stamp, bool isOwn);

    /// <summary>A word was stored, and is not visible yet.</summary>
    /// <param name="initiator">Who.</param>
    /// <param name="physical">Guest-physical.</param>
    /// <param name="size">1 to 8 bytes.</param>
    /// <param name="value">The word.</param>
    /// <param name="ticket">Its number, of all stores of the memory.</param>
    void Stored(Initiator initiator, ulong physical, int size, ulong value, long ticket);

    /// <summary>A word was changed in place, and is visible.</summary>
    /// <param name="initiator">Who.</param>
    /// <param name="physical">Guest-physical.</param>
    /// <param name="size">1 to 8 bytes.</param>
    /// <param name="value">The word as it is now.</param>
    /// <param name="stamp">The moment: one more than the last, and one for all the words of an operation.</param>
    void Updated(Initiator initiator, ulong physical, int size, ulong value, long stamp);

    /// <summary>A store became visible.</summary>
    /// <param name="initiator">Whose.</param>
    /// <param name="ticket">Its number.</param>
    /// <param name="stamp">The moment: one more than the last.</param>
    void Visible(Initiator initiator, long ticket, long stamp);
}
