namespace Emulator.Devices;

/// <summary>The tasks of a unit that have not ended, in the order in which they take their turns (SAM-3).</summary>
internal sealed class ScsiTaskSet
{
    private readonly List<ScsiDiskTask> _tasks = new(ScsiDisk.MaximumTasks);

    /// <summary>How many there are.</summary>
    public int Count => _tasks.Count;

    /// <summary>One of them.</summary>
    public ScsiDiskTask this[int index] => _tasks[index];

    /// <summary>Puts one behind the others, or before them.</summary>
    public void Add(ScsiDiskTask task)
    {
        if (task.Attribute == ScsiTaskAttribute.HeadOfQueue && !IsOrdered(task))
        {
            _tasks.Insert(0, task);
        }
        else
        {
            _tasks.Add(task);
        }
    }

    /// <summary>One has ended, or was given up.</summary>
    public void Remove(ScsiDiskTask task) => _tasks.Remove(task);

    /// <summary>All were given up.</summary>
    public void Clear() => _tasks.Clear();

    /// <summary>True if a command with this attribute may not come while these are there (SAM-3): one is tagged and one not, or neither is.</summary>
    public bool Overlaps(ScsiTaskAttribute attribute)
    {
        foreach (var task in _tasks)
        {
            var isAlways = task.Operation?.Traits.HasFlag(ScsiTraits.Always) ?? false;
            if (!isAlways && (task.Attribute == ScsiTaskAttribute.Untagged || attribute == ScsiTaskAttribute.Untagged))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The first that waits and whose turn it is, or null.</summary>
    public ScsiDiskTask? NextToBegin()
    {
        for (var index = 0; index < _tasks.Count; index++)
        {
            var isOrdered = IsOrdered(_tasks[index]);
            if (_tasks[index].IsWaiting && !(isOrdered && index > 0))
            {
                return _tasks[index];
            }

            if (isOrdered)
            {
                return null;
            }
        }

        return null;
    }

    /// <summary>The first that has failed and waits to say so, or null.</summary>
    public ScsiDiskTask? FirstHeld()
    {
        foreach (var task in _tasks)
        {
            if (task.IsHeld)
            {
                return task;
            }
        }

        return null;
    }

    private static bool IsOrdered(ScsiDiskTask task) => !(task.Operation?.Traits.HasFlag(ScsiTraits.Always) ?? false)
        && (task.Attribute == ScsiTaskAttribute.Ordered || (task.Operation?.Traits.HasFlag(ScsiTraits.Barrier) ?? false));
}
