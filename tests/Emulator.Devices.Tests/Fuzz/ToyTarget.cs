using Emulator.Fuzz;
using Emulator.Pci;

namespace Emulator.Devices.Tests;

/// <summary>The grammar of a <see cref="ToyFunction"/>.</summary>
internal sealed class ToyTarget(ToyBug bug) : FuzzTarget
{
    private const ulong List = 0x1000;
    private const ulong Pieces = 0x2000;
    private const int Stride = 0x200;

    public override string Name => "toy";

    public override IReadOnlyList<RegisterWindow> Windows { get; } = [RegisterWindow.Of(0, ToyFunction.Length, ToyFunction.Table)];

    public override PciFunction Create(FuzzBoard board) => new ToyFunction(bug, board.Thread);

    public override void SetUp(FuzzDriver driver)
    {
        Write(driver, ToyRegister.Reset, 1, 1);
        Write(driver, ToyRegister.List, driver.Address(List));
        Write(driver, ToyRegister.Count, driver.Number(1));
    }

    public override void Act(FuzzWriter writer)
    {
        var count = 1 + writer.Random.Below(4);
        for (var i = 0; i < count; i++)
        {
            var length = 1 + writer.Random.Below(64);
            var address = Pieces + (ulong)(i * Stride);
            writer.Guard(address + 64, Stride - 64);
            writer.Store(List + (ulong)(i * 8), 4, writer.Address(address));
            writer.Store(List + (ulong)(i * 8) + 4, 4, writer.Number((ulong)length));
        }

        Write(writer, ToyRegister.Count, writer.Number((ulong)count, 4));
        Write(writer, ToyRegister.Doorbell, 1);
    }

    public override string? Check(LiveDriver driver)
    {
        SetUp(driver);
        driver.Store(List, 8, Pieces | (4UL << 32));
        driver.Store(Pieces, 4, 0);
        Write(driver, ToyRegister.Fill, 0xA5, 1);
        Write(driver, ToyRegister.Doorbell, 1);
        driver.Run();
        var (filled, done) = (driver.Load(Pieces, 4), driver.Read(0, (int)ToyRegister.Done, 4));
        return (filled, done) == (0xA5A5A5A5, 1) ? null : $"a piece is {filled:X} and DONE {done:X}";
    }

    private static void Write(FuzzDriver driver, ToyRegister register, ulong value, int size = 4) => driver.Write(0, (int)register, size, value);
}
