namespace Emulator.Devices.Tests;

/// <summary>SCRIPTS as drivers have them: one command from selection to COMMAND COMPLETE, by whatever phases the target asks for.</summary>
internal static class LsiCommands
{
    public const byte Identify = 0x80;
    public const byte IdentifyDisconnect = 0xC0;

    public const uint Complete = 0x600D;
    public const uint NoMessageOut = 0xBAD0;
    public const uint BadPhase = 0xBAD1;
    public const uint BadMessage = 0xBAD2;
    public const uint Reselected = 0xBAD3;

    /// <summary>A program that carries out a command whose data is one block; it disconnects and reconnects as the target likes.</summary>
    public static LsiProgram One(int target, int messageBytes, int commandBytes, LsiPhase data, uint length, bool chained = false) =>
        Tail(new LsiProgram()
            .Label("start")
            .Select(target, "lost")
            .Int(NoMessageOut, LsiProgram.Phase(LsiPhase.MessageOut, wait: true, not: true))
            .Move(LsiPhase.MessageOut, (uint)messageBytes, LsiBoard.MessageOut)
            .Label("dispatch")
            .Jump(LsiProgram.Phase(LsiPhase.MessageIn, wait: true), "message")
            .Jump(LsiProgram.Phase(LsiPhase.DataIn), "data")
            .Jump(LsiProgram.Phase(LsiPhase.DataOut), "data")
            .Jump(LsiProgram.Phase(LsiPhase.Status), "status")
            .Jump(LsiProgram.Phase(LsiPhase.Command), "command")
            .Int(BadPhase)
            .Label("command")
            .Move(LsiPhase.Command, (uint)commandBytes, LsiBoard.Command)
            .Jump(LsiProgram.Always, "dispatch")
            .Label("data")
            .Raw((chained ? 0U : 0x08000000) | ((uint)data << 24) | Math.Max(length, 1), (uint)LsiBoard.Data)
            .Jump(LsiProgram.Always, "dispatch"));

    /// <summary>Puts a message and a command where they are taken from.</summary>
    public static void Put(this LsiBoard board, byte[] message, byte[] command)
    {
        board.Put(LsiBoard.MessageOut, message);
        board.Put(LsiBoard.Command, command);
        board.Put(LsiBoard.Status, 0xEE);
    }

    /// <summary>Carries out a command of target 0 to its end.</summary>
    public static void Do(this LsiBoard board, byte[] command, LsiPhase data = LsiPhase.DataIn, uint length = 0, byte identify = Identify)
    {
        board.Put([identify], command);
        board.Run(One(0, 1, command.Length, data, length), Complete);
    }

    private static LsiProgram Tail(LsiProgram program) => program
        .Label("status")
        .Move(LsiPhase.Status, 1, LsiBoard.Status)
        .Jump(LsiProgram.Always, "dispatch")
        .Label("message")
        .Move(LsiPhase.MessageIn, 1, LsiBoard.MessageIn)
        .Jump(LsiProgram.Byte(0x00), "complete")
        .Jump(LsiProgram.Byte(0x04), "disconnect")
        .Int(BadMessage, LsiProgram.Byte(0x02, not: true))
        .ClearAck()
        .Jump(LsiProgram.Always, "dispatch")
        .Label("complete")
        .Modify(LsiRegister.ScsiControl2, LsiOperator.And, 0x7F)
        .ClearAck()
        .WaitDisconnect()
        .Int(Complete)
        .Label("disconnect")
        .Modify(LsiRegister.ScsiControl2, LsiOperator.And, 0x7F)
        .ClearAck()
        .WaitDisconnect()
        .WaitReselect("lost")
        .Move(LsiPhase.MessageIn, 1, LsiBoard.MessageIn)
        .ClearAck()
        .Jump(LsiProgram.Phase(LsiPhase.MessageIn, wait: true, not: true), "dispatch")
        .Move(LsiPhase.MessageIn, 2, LsiBoard.MessageIn + 1)
        .ClearAck()
        .Jump(LsiProgram.Always, "dispatch")
        .Label("lost")
        .Int(Reselected);
}
