using BenchmarkDotNet.Running;
using Emulator.Benchmarks.Micro;
using Emulator.Benchmarks.Ordering;
using Emulator.Benchmarks.Peers;

// peers [--rounds N] [FILTER]: guests on this emulator and on its peers.
// ordering [--rounds N]: what each DMA ordering costs an access; frames, requests [--rounds N]: what it costs network and disk controllers.
// micro …: what single operations cost.
switch (args)
{
    case ["peers", .. var rest]:
        return await PeerCommand.RunAsync(rest);
    case ["ordering", .. var rest]:
        return OrderingCommand.Run(rest);
    case ["frames", .. var rest]:
        return await FramesCommand.RunAsync(rest);
    case ["requests", .. var rest]:
        return await RequestsCommand.RunAsync(rest);
    case ["micro", .. var rest]:
        BenchmarkSwitcher.FromAssembly(typeof(MicroConfig).Assembly).Run(rest, new MicroConfig());
        return 0;
    default:
        Console.Error.WriteLine("Emulator.Benchmarks: give a verb: peers [--rounds N] [FILTER], ordering [--rounds N], frames [--rounds N], requests [--rounds N], or micro [BenchmarkDotNet's options]");
        return 2;
}
