using Emulator.Host.Litmus;
using Emulator.Memory;

namespace Emulator.Host.Tests.Litmus.Reporting;

/// <summary>Results that nothing had to run for.</summary>
internal static class Results
{
    public const string MessagePassing = """
        DMA MP
        "the flag, and then the <data>"
        { x=0; a[2]=0; }
         P0 vcpu        | D0 dma       ; (* who *)
         mov eax,[a[1]] | write x,1    ;
         mov ebx,[x]    | write a[1],1 (* the flag *) ;
         mfence         |              ;
        exists (P0:eax=1 /\ P0:ebx=0)
        expect full host tso weak: Never
        expect relaxed weak: Sometimes
        """;

    /// <summary>A result of <see cref="MessagePassing"/> with these values of P0's registers, each from the seed that follows the last.</summary>
    public static LitmusResult Of(DmaOrdering ordering, MemoryModel model, ulong? seed, params (uint Eax, uint Ebx)[] outcomes)
    {
        var test = LitmusFiles.Parse(MessagePassing, "my tests/mp.litmus");
        var sample = new LitmusSample(test, ordering, model, IsComplete: seed is null && model != MemoryModel.Host);
        foreach (var (eax, ebx) in outcomes)
        {
            sample.Add([eax, ebx, 1, 0, 1], seed);
            seed++;
        }

        return new LitmusResult(sample, 40) { IsExplored = sample.IsComplete };
    }
}
