using System.Numerics;

namespace Emulator.Host.Litmus;

/// <summary>
/// Relations over at most 64 events. One is an array of rows: bit b of row a says that a is related to b. A set is one word.
/// </summary>
internal static class BitRelation
{
    /// <summary>The pairs of either.</summary>
    public static ulong[] Union(ulong[] a, ulong[] b) => Combine(a, b, static (x, y) => x | y);

    /// <summary>The pairs of both.</summary>
    public static ulong[] Intersection(ulong[] a, ulong[] b) => Combine(a, b, static (x, y) => x & y);

    /// <summary>The pairs of the first that the second has not.</summary>
    public static ulong[] Difference(ulong[] a, ulong[] b) => Combine(a, b, static (x, y) => x & ~y);

    /// <summary>From a to c if the first leads from a to some b, and the second from that b to c.</summary>
    public static ulong[] Sequence(ulong[] a, ulong[] b)
    {
        var result = new ulong[a.Length];
        for (var i = 0; i < a.Length; i++)
        {
            for (var rest = a[i]; rest != 0; rest &= rest - 1)
            {
                result[i] |= b[BitOperations.TrailingZeroCount(rest)];
            }
        }

        return result;
    }

    /// <summary>Every pair of one of the first set and one of the second.</summary>
    public static ulong[] Product(ulong a, ulong b, int count)
    {
        var result = new ulong[count];
        for (var rest = a; rest != 0; rest &= rest - 1)
        {
            result[BitOperations.TrailingZeroCount(rest)] = b;
        }

        return result;
    }

    /// <summary>Each of the set with itself.</summary>
    public static ulong[] Identity(ulong set, int count)
    {
        var result = new ulong[count];
        for (var i = 0; i < count; i++)
        {
            result[i] = set & (1UL << i);
        }

        return result;
    }

    /// <summary>The pairs the other way round.</summary>
    public static ulong[] Inverse(ulong[] a)
    {
        var result = new ulong[a.Length];
        for (var i = 0; i < a.Length; i++)
        {
            for (var rest = a[i]; rest != 0; rest &= rest - 1)
            {
                result[BitOperations.TrailingZeroCount(rest)] |= 1UL << i;
            }
        }

        return result;
    }

    /// <summary>The transitive closure: one step or more (Warshall).</summary>
    public static ulong[] Closure(ulong[] a)
    {
        var result = (ulong[])a.Clone();
        for (var via = 0; via < result.Length; via++)
        {
            var onward = result[via];
            for (var i = 0; onward != 0 && i < result.Length; i++)
            {
                if ((result[i] >> via & 1) != 0)
                {
                    result[i] |= onward;
                }
            }
        }

        return result;
    }

    /// <summary>Whether nothing is related to itself.</summary>
    public static bool IsIrreflexive(ulong[] a)
    {
        for (var i = 0; i < a.Length; i++)
        {
            if ((a[i] >> i & 1) != 0)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Whether no steps lead from an event back to it.</summary>
    public static bool IsAcyclic(ulong[] a)
    {
        // Takes away what leads nowhere until nothing is left, or only cycles and what leads to them.
        var left = a.Length == 64 ? ulong.MaxValue : (1UL << a.Length) - 1;
        while (left != 0)
        {
            var before = left;
            for (var rest = left; rest != 0; rest &= rest - 1)
            {
                var i = BitOperations.TrailingZeroCount(rest);
                if ((a[i] & left) == 0)
                {
                    left &= ~(1UL << i);
                }
            }

            if (left == before)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>A shortest cycle, from an event to itself; empty if there is none.</summary>
    public static int[] Cycle(ulong[] a)
    {
        int[] best = [];
        for (var start = 0; start < a.Length; start++)
        {
            var path = Path(a, start);
            if (path.Length > 0 && (best.Length == 0 || path.Length < best.Length))
            {
                best = path;
            }
        }

        return best;
    }

    /// <summary>A shortest way from an event back to it, breadth first.</summary>
    private static int[] Path(ulong[] a, int start)
    {
        var from = new int[a.Length];
        Array.Fill(from, -1);
        var queue = new Queue<int>([start]);
        while (queue.TryDequeue(out var at))
        {
            for (var rest = a[at]; rest != 0; rest &= rest - 1)
            {
                var next = BitOperations.TrailingZeroCount(rest);
                if (from[next] >= 0)
                {
                    continue;
                }

                from[next] = at;
                if (next == start)
                {
                    List<int> path = [start];
                    for (var back = at; back != start; back = from[back])
                    {
                        path.Insert(0, back);
                    }

                    path.Insert(0, start);
                    return [.. path];
                }

                queue.Enqueue(next);
            }
        }

        return [];
    }

    private static ulong[] Combine(ulong[] a, ulong[] b, Func<ulong, ulong, ulong> combine)
    {
        var result = new ulong[a.Length];
        for (var i = 0; i < a.Length; i++)
        {
            result[i] = combine(a[i], b[i]);
        }

        return result;
    }
}
