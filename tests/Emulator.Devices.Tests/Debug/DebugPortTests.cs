using Emulator.Memory;

namespace Emulator.Devices.Tests;

public class DebugPortTests
{
    [Theory]
    [InlineData(0UL, 1)]
    [InlineData(0x10UL, 0x21)]
    [InlineData(0x7FUL, 0xFF)]
    public void The_exit_port_makes_an_odd_status_of_its_value(ulong value, int status)
    {
        int ended = -1;
        var port = new IsaDebugExit(code => ended = code);

        Assert.Equal(BusStatus.Ok, port.Write(0, 4, value));
        Assert.Equal(status, ended);
    }

    [Fact]
    public void The_exit_port_in_raw_mode_gives_its_value()
    {
        int ended = -1;
        new IsaDebugExit(code => ended = code, size: 1, rawStatus: true).Out(0, 5);

        Assert.Equal(5, ended);
    }

    [Fact]
    public void The_console_port_passes_bytes_on_and_answers_with_its_signature()
    {
        var bytes = new List<byte>();
        var port = new IsaDebugConsole(bytes.Add);

        port.Out(0, 'A');
        port.Out(0, 'B');

        Assert.Equal("AB"u8.ToArray(), bytes);
        Assert.Equal(0xE9, port.In());
        Assert.Equal(0x55, new IsaDebugConsole(bytes.Add, readback: 0x55).In());
    }
}
