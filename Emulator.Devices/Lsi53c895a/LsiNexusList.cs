namespace Emulator.Devices;

/// <summary>The commands that have disconnected: all of them by target, and in the order in which they became ready those that want to reselect.</summary>
internal sealed class LsiNexusList
{
    private readonly LsiNexus?[] _disconnected = new LsiNexus?[ScsiBus.Targets];
    private LsiNexus? _free;
    private LsiNexus? _firstReady;
    private LsiNexus? _lastReady;

    /// <summary>True if one wants to reselect.</summary>
    public bool HasReady => _firstReady is not null;

    /// <summary>One for a new connection.</summary>
    public LsiNexus Take(int target)
    {
        var nexus = _free ?? new LsiNexus();
        _free = nexus.Next;
        nexus.Begin(target);
        return nexus;
    }

    /// <summary>Gives one back that is in no list.</summary>
    public void Free(LsiNexus nexus) => (nexus.Task, nexus.Next, _free) = (null, _free, nexus);

    /// <summary>Puts a disconnected one away.</summary>
    public void Add(LsiNexus nexus) => (nexus.Next, _disconnected[nexus.Target]) = (_disconnected[nexus.Target], nexus);

    /// <summary>The disconnected command of a name, or null.</summary>
    public LsiNexus? Find(int target, int lun, int tag)
    {
        var nexus = _disconnected[target];
        while (nexus is not null && (nexus.Lun != lun || nexus.Tag != tag))
        {
            nexus = nexus.Next;
        }

        return nexus;
    }

    /// <summary>A disconnected command of a logical unit, or of a target.</summary>
    /// <param name="target">0 to 15.</param>
    /// <param name="lun">0 to 7; null for any.</param>
    public LsiNexus? Any(int target, int? lun)
    {
        var nexus = _disconnected[target];
        while (nexus is not null && lun is not null && nexus.Lun != lun)
        {
            nexus = nexus.Next;
        }

        return nexus;
    }

    /// <summary>Takes one out of everything.</summary>
    public void Remove(LsiNexus nexus)
    {
        LsiNexus? before = null;
        for (var each = _disconnected[nexus.Target]; each != nexus; each = each!.Next)
        {
            before = each;
        }

        if (before is null)
        {
            _disconnected[nexus.Target] = nexus.Next;
        }
        else
        {
            before.Next = nexus.Next;
        }

        nexus.Next = null;
        if (nexus.IsReady)
        {
            RemoveReady(nexus);
        }
    }

    /// <summary>A disconnected command wants to reselect.</summary>
    public void MakeReady(LsiNexus nexus)
    {
        if (nexus.IsReady)
        {
            return;
        }

        nexus.IsReady = true;
        if (_lastReady is null)
        {
            _firstReady = nexus;
        }
        else
        {
            _lastReady.NextReady = nexus;
        }

        _lastReady = nexus;
    }

    /// <summary>Takes out the one that has been ready longest. There is one.</summary>
    public LsiNexus TakeReady()
    {
        var nexus = _firstReady!;
        Remove(nexus);
        return nexus;
    }

    private void RemoveReady(LsiNexus nexus)
    {
        LsiNexus? before = null;
        for (var each = _firstReady; each != nexus; each = each!.NextReady)
        {
            before = each;
        }

        if (before is null)
        {
            _firstReady = nexus.NextReady;
        }
        else
        {
            before.NextReady = nexus.NextReady;
        }

        if (_lastReady == nexus)
        {
            _lastReady = before;
        }

        (nexus.IsReady, nexus.NextReady) = (false, null);
    }
}
