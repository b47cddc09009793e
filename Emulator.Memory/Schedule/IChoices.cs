namespace Emulator.Memory;

/// <summary>Decides what a simulated memory and a deterministic schedule leave open: a seed does, or somebody who tries everything.</summary>
/// <remarks>Called by one thread at a time: by whoever has the turn, or under the memory's gate.</remarks>
public interface IChoices
{
    /// <summary>What happens next: somebody goes on, or a waiting store becomes visible. Asked also where there is only one way.</summary>
    /// <param name="turns">How many could go on.</param>
    /// <param name="stores">How many stores could become visible; with the turns at least one.</param>
    /// <returns>Below <paramref name="turns"/> a turn, from there on a store.</returns>
    int Next(int turns, int stores);

    /// <summary>Which value a load takes.</summary>
    /// <param name="versions">How many it may take, at least 2.</param>
    /// <returns>0 for the newest, and further back from there.</returns>
    int Version(int versions);

    /// <summary>How many instructions a vCPU runs until its next switch point.</summary>
    /// <param name="most">The most.</param>
    /// <returns>From 1 to that.</returns>
    int Quantum(int most);
}
