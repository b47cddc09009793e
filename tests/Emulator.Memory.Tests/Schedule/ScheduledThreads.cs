namespace Emulator.Memory.Tests.Schedule;

/// <summary>Threads of a schedule, from the first turn to the last.</summary>
internal sealed class ScheduledThreads(Baton baton) : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    private readonly List<Thread> _threads = [];

    /// <summary>What the first that failed failed with.</summary>
    public Exception? Failure { get; private set; }

    /// <summary>Adds one.</summary>
    /// <param name="body">What it does, with its turn, between its first act and its last.</param>
    public Turn Add(Action<Turn> body)
    {
        var turn = baton.Add($"T{_threads.Count}");
        _threads.Add(new Thread(() =>
        {
            try
            {
                turn.Begin();
                body(turn);
                turn.End();
            }
            catch (Exception e)
            {
                Failure ??= e;
                baton.Abandon();
            }
        })
        {
            IsBackground = true,
        });
        return turn;
    }

    /// <summary>Lets the first one go.</summary>
    public void Start()
    {
        _threads.ForEach(thread => thread.Start());
        baton.Start();
    }

    /// <summary>Waits until all have ended.</summary>
    public void Join() => Assert.True(_threads.TrueForAll(thread => thread.Join(s_patience)), "a thread waits for a turn that does not come");

    /// <summary>From start to end.</summary>
    public void Run()
    {
        Start();
        Join();
        Assert.Null(Failure);
    }

    public void Dispose() => baton.Abandon();
}
