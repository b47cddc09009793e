namespace Emulator.Fuzz;

/// <summary>Runs one input against a fresh device, and looks whether everything is as it has to be.</summary>
/// <remarks>
/// No exception, on either thread; each piece of work ends, and so does all of it when nobody asks for more; nothing is written
/// that a driver without mistakes did not give; nothing piles up; and after its own reset as after the machine's the
/// device works.
/// </remarks>
public static class FuzzRun
{
    /// <summary>The kind of a finding where nothing moves any more.</summary>
    public const string Hang = "hang";

    private static readonly TimeSpan s_grace = TimeSpan.FromSeconds(1);

    /// <summary>What one input has done, for a long run's report.</summary>
    /// <param name="Finding">What was wrong, or null.</param>
    /// <param name="Accesses">DMA accesses.</param>
    /// <param name="Refused">Those that were refused.</param>
    /// <param name="Frames">Frames taken from the device and sent to it, without those of the checks.</param>
    public readonly record struct Outcome(FuzzFinding? Finding, long Accesses, long Refused, (long Taken, long Sent) Frames);

    /// <summary>Runs an input.</summary>
    /// <param name="target">The device.</param>
    /// <param name="input">What happens to it.</param>
    /// <param name="patience">How long it may take, before somebody must be waiting for somebody in vain.</param>
    public static Outcome Execute(FuzzTarget target, FuzzInput input, TimeSpan patience)
    {
        ArgumentNullException.ThrowIfNull(target);
        ArgumentNullException.ThrowIfNull(input);
        var board = new FuzzBoard(target);
        var driver = new LiveDriver(board, target.MayRunForever);
        var where = "nowhere yet";
        var isAbandoned = false;
        var frames = (0L, 0L);
        var thread = new Thread(() =>
        {
            board.Begin();
            try
            {
                for (var i = 0; i < input.Operations.Count && board.Schedule.Finding is null && !Volatile.Read(ref isAbandoned); i++)
                {
                    where = $"operation {i + 1}, {input.Operations[i]}";
                    driver.Do(input.Operations[i]);
                }

                driver.TakeAll();
                frames = driver.Frames;
                Check(target, board, driver, ref where, ref isAbandoned);
            }
#pragma warning disable CA1031 // Whatever it is, it is what is looked for.
            catch (Exception e)
#pragma warning restore CA1031
            {
                board.Schedule.Report(e.GetType().Name, $"{where}: {e}");
            }
            finally
            {
                board.End();
            }
        })
        { Name = "driver", IsBackground = true };
        thread.Start();
        var hasEnded = thread.Join(patience);
        if (!hasEnded)
        {
            board.Schedule.Report(Hang, $"not over after {patience.TotalSeconds} s: {Volatile.Read(ref where)}");
            Volatile.Write(ref isAbandoned, true);
            board.Abandon();
            hasEnded = thread.Join(s_grace);
        }

        var outcome = new Outcome(board.Schedule.Finding, board.Schedule.Accesses, board.Schedule.Refused, frames);
        if (!board.Stop(outcome.Finding is null ? patience : s_grace))
        {
            return outcome with { Finding = outcome.Finding ?? new FuzzFinding("does not end", $"the device's thread has not ended after {patience.TotalSeconds} s") };
        }

        // Memory stays where it is as long as somebody may use it.
        if (hasEnded)
        {
            board.Dispose();
        }

        return outcome;
    }

    private static void Check(FuzzTarget target, FuzzBoard board, LiveDriver driver, ref string where, ref bool isAbandoned)
    {
        foreach (var isMachines in new[] { false, true })
        {
            if (board.Schedule.Finding is not null || Volatile.Read(ref isAbandoned))
            {
                return;
            }

            where = isMachines ? "the check after the machine's reset" : "the check after the device's own reset";
            if (isMachines)
            {
                board.Reset();
            }
            else
            {
                driver.Run();
            }

            board.Schedule.Forget();
            driver.Prepare();
            if (target.Check(driver) is { } complaint)
            {
                board.Schedule.Report(where, complaint);
            }
        }
    }
}
