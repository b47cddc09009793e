namespace Emulator.Host;

/// <summary>The process's exit statuses that are not the guest's own.</summary>
public static class ExitStatus
{
    /// <summary>Power-off, a reset under <c>-no-reboot</c>, Ctrl-A x, or a signal that asked the machine to end.</summary>
    public const int Success = 0;

    /// <summary>A guest of the suite failed, or a litmus test, or a check of a trace.</summary>
    public const int TestsFailed = 1;

    /// <summary>The command line is wrong.</summary>
    public const int BadCommandLine = 2;

    /// <summary>A guest image cannot be loaded.</summary>
    public const int BadImage = 3;

    /// <summary>A vCPU met a triple fault.</summary>
    public const int TripleFault = 4;

    /// <summary>The emulator itself is at fault.</summary>
    public const int InternalError = 70;

    /// <summary><c>--timeout</c> ran out.</summary>
    public const int Timeout = 124;

    /// <summary>Ctrl-C ended litmus tests before all had run.</summary>
    public const int Interrupted = 130;
}
