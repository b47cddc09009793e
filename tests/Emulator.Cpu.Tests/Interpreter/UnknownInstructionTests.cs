using Microsoft.Extensions.Logging;

namespace Emulator.Cpu.Tests.Interpreter;

public class UnknownInstructionTests
{
    [Fact]
    public void An_instruction_that_is_not_there_is_named_once_with_its_bytes_and_address()
    {
        var log = new ListLogger();
        using var machine = new CodeMachine(logger: log);
        machine.Start(0x1000, a =>
        {
            a.nop();
            a.db(0x0F, 0x01, 0xD0);     // XGETBV
        });
        var start = machine.Vcpu.GetState();
        for (var i = 0; i < 3; i++)
        {
            // No descriptor table can take the #UD, so each ends in a triple fault.
            machine.Vcpu.Reset();
            machine.Vcpu.SetState(start);
            Assert.Equal(ExitReason.Shutdown, machine.Vcpu.Run());
        }

        Assert.Equal("vCPU 0: no such instruction: 0F01D0 at 0008:1001; #UD", Assert.Single(log.Lines));
    }

    [Fact]
    public void UD2_is_there_and_is_not_named()
    {
        var log = new ListLogger();
        using var machine = new CodeMachine(logger: log);
        machine.Start(0x1000, a => a.ud2());
        Assert.Equal(ExitReason.Shutdown, machine.Vcpu.Run());
        Assert.Empty(log.Lines);
    }

    private sealed class ListLogger : ILogger
    {
        public List<string> Lines { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Lines.Add(formatter(state, exception));
    }
}
