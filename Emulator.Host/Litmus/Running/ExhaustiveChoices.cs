using Emulator.Memory;

namespace Emulator.Host.Litmus;

/// <summary>Makes every choice there is, one after the other: the same ones again up to the last that has an alternative left, and then that.</summary>
internal sealed class ExhaustiveChoices : IChoices
{
    private readonly List<(int Chosen, int Of)> _trail = [];
    private int _at;
    private bool _hasBegun;

    /// <summary>Begins the first execution. What was chosen before, on the way to it, is not varied.</summary>
    /// <returns>True.</returns>
    public bool Begin() => _hasBegun = true;

    /// <summary>Begins the next execution.</summary>
    /// <returns>False if there is none that has not been.</returns>
    public bool Advance()
    {
        if (_at < _trail.Count)
        {
            throw new InvalidOperationException("the execution ended before the choices that led to it: it does not depend on them alone");
        }

        _at = 0;
        while (_trail is [.., var (chosen, of)])
        {
            _trail.RemoveAt(_trail.Count - 1);
            if (chosen + 1 < of)
            {
                _trail.Add((chosen + 1, of));
                return true;
            }
        }

        return false;
    }

    /// <inheritdoc/>
    public int Next(int turns, int stores) => Choose(turns + stores);

    /// <inheritdoc/>
    public int Version(int versions) => Choose(versions);

    /// <inheritdoc/>
    public int Quantum(int most) => most;

    private int Choose(int of)
    {
        if (of == 1 || !_hasBegun)
        {
            return 0;
        }

        if (_at == _trail.Count)
        {
            _trail.Add((0, of));
        }
        else if (_trail[_at].Of != of)
        {
            throw new InvalidOperationException($"choice {_at} had {_trail[_at].Of} ways and now has {of}: the execution does not depend on the choices alone");
        }

        return _trail[_at++].Chosen;
    }
}
