namespace Emulator.Tests;

/// <summary>Keeps two threads, sides 0 and 1, beside each other: surely at the ends of a batch, with bounded patience inside it.</summary>
internal sealed class Rendezvous
{
    // Tens of microseconds; then the other has lost its processor and this side goes through the batch alone.
    private const int Patience = 20_000;
    private const int Line = 32;

    // On cache lines of their own, so that the waiting disturbs nothing else.
    private readonly int[] _at = new int[3 * Line];
    private readonly int[] _met = new int[3 * Line];
    private readonly bool[] _alone = new bool[3 * Line];

    public void Meet(int side)
    {
        // Reset before the other is let on: it waits for both counts.
        Volatile.Write(ref _at[(side + 1) * Line], -1);
        _alone[(side + 1) * Line] = false;
        var mine = Interlocked.Increment(ref _met[(side + 1) * Line]);
        for (var i = 0; Volatile.Read(ref _met[(2 - side) * Line]) < mine; i++)
        {
            // Gives the processor away only if the other seems to need it.
            if (i > Patience)
            {
                Thread.Yield();
            }
        }
    }

    public void Approach(int side, int round)
    {
        Volatile.Write(ref _at[(side + 1) * Line], round);
        ref var alone = ref _alone[(side + 1) * Line];
        var i = 0;
        while (!alone && Volatile.Read(ref _at[(2 - side) * Line]) < round)
        {
            // Not the pause instruction: the two must leave together.
            alone = ++i > Patience;
        }

        // One sees the other a little late, and how late is not known: tries every distance in turn.
        var skew = side == 0 ? round & 31 : (round >> 5) & 31;
        for (i = 0; i < skew; i++)
        {
            Volatile.Read(ref _at[0]);
        }
    }
}
