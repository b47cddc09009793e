using Emulator.Host.Litmus;
using Emulator.Memory;

namespace Emulator.Host.Tests.Litmus.Language;

public sealed class LitmusParserTests
{
    private const string MessagePassing = """
        DMA MP+dma
        "a device writes data, then a flag; (* not a comment *) the guest reads the flag, then the data"
        { x=0; y=0x10; }
         P0 vcpu     | D0 dma    ; (* who (* runs *) what *)
         mov eax,[y] | write x,1 ;
         mov ebx,[x] | write y,1 ;
        exists (P0:eax=1 /\ P0:ebx=0)
        expect full host: Never
        expect relaxed weak tso: Sometimes
        """;

    [Fact]
    public void A_test_is_read_with_all_it_says()
    {
        var test = LitmusFiles.Parse(MessagePassing);
        Assert.Equal("MP+dma", test.Name);
        Assert.StartsWith("a device writes data, then a flag; (* not a comment *)", test.Description, StringComparison.Ordinal);
        Assert.Equal([new LitmusLocation("x", 0), new LitmusLocation("y", 16)], test.Locations);
        Assert.Equal(["P0 Vcpu", "D0 Dma"], test.Columns.Select(c => $"{c.Name} {c.Kind}"));
        Assert.Equal([new LoadCell(5, 2, VcpuRegister.Eax, 1), new LoadCell(6, 2, VcpuRegister.Ebx, 0)], test.Columns[0].Cells);
        Assert.Equal([new DmaWriteCell(5, 16, 0, 1, false), new DmaWriteCell(6, 16, 1, 1, false)], test.Columns[1].Cells);
        Assert.Equal(LitmusQuantifier.Exists, test.Quantifier);
        Assert.Equal("P0:eax=1 /\\ P0:ebx=0", test.Condition.ToString());
        Assert.Equal((Observation.Never, 8), (test.Expectations[0].Expected, test.Expectations[0].Line));
        Assert.Equal([DmaOrdering.Relaxed], test.Expectations[1].Orderings);
        Assert.Equal([MemoryModel.Weak, MemoryModel.Tso], test.Expectations[1].Models);
        Assert.Equal(MessagePassing, test.Source);
    }

    [Fact]
    public void The_variables_are_registers_by_column_and_number_and_then_all_locations()
    {
        var test = LitmusFiles.Parse("""
            DMA V
            "which variables there are"
            { x=0; a[2]=7; }
             D0 dma     | P0 vcpu     ;
             fetch r3,a | mov ecx,[x] ;
             read r1,x  | mov eax,5   ;
            forall (P0:edx=0 \/ a[1]=7)
            """);
        Assert.Equal(["D0:r1", "D0:r3", "D0:r4", "P0:eax", "P0:ecx", "P0:edx", "x", "a[0]", "a[1]"], test.Variables.Select(v => v.Name));
        Assert.Equal([5, 8], test.Shown);
        Assert.True(test.Holds([0, 0, 0, 0, 0, 0, 0, 0, 1]));
        Assert.False(test.Holds([0, 0, 0, 0, 0, 1, 0, 7, 6]));
    }

    [Fact]
    public void Every_instruction_is_understood()
    {
        var test = LitmusFiles.Parse("""
            DMA all
            "one of each"
            { x=0; a[3]=0; }
             P0 vcpu           | D0 dma              | D1 dma             ;
             mov [x],1         | write x,1           | write.relaxed x,1  ;
             mov [a[1]],eax    | read r0,a[2]        | read.relaxed r7,x  ;
             mov edi,esi       | publish x,0xff      | publish.relaxed x,3;
             xchg eax,[x]      | fill a,5            | fill.relaxed a,5   ;
             xchg [x],ebx      | fetch r2,a          | fetch.relaxed r5,a ;
             lock add [x],1    | wmb                 |                    ;
             lock add [x],ecx  | rmb                 |                    ;
             lock xadd [x],edx | mb                  |                    ;
             mfence            | msi P0              |                    ;
             lfence            |                     |                    ;
             sfence            |                     |                    ;
             wait irq          |                     |                    ;
             flush D0          |                     |                    ;
             doorbell D1       |                     |                    ;
            ~exists (x=1)
            """);
        Assert.Equal(
            [
                new StoreCell(5, 2, 0, new LitmusOperand(false, default, 1)),
                new StoreCell(6, 2, 2, new LitmusOperand(true, VcpuRegister.Eax, 0)),
                new MoveCell(7, 2, VcpuRegister.Edi, new LitmusOperand(true, VcpuRegister.Esi, 0)),
                new ExchangeCell(8, 2, VcpuRegister.Eax, 0),
                new ExchangeCell(9, 2, VcpuRegister.Ebx, 0),
                new LockAddCell(10, 2, 0, new LitmusOperand(false, default, 1)),
                new LockAddCell(11, 2, 0, new LitmusOperand(true, VcpuRegister.Ecx, 0)),
                new LockExchangeAddCell(12, 2, 0, VcpuRegister.Edx),
                new FenceCell(13, 2, VcpuFence.Mfence),
                new FenceCell(14, 2, VcpuFence.Lfence),
                new FenceCell(15, 2, VcpuFence.Sfence),
                new WaitInterruptCell(16, 2),
                new FlushCell(17, 2, 1),
                new DoorbellCell(18, 2, 2),
            ],
            test.Columns[0].Cells);
        Assert.Equal(
            [
                new DmaWriteCell(5, 22, 0, 1, false), new DmaReadCell(6, 22, 0, 3, false), new DmaPublishCell(7, 22, 0, 255, false),
                new DmaFillCell(8, 22, 1, 3, 5, false), new DmaFetchCell(9, 22, 2, 1, 3, false),
                new DmaBarrierCell(10, 22, DmaFence.StoreStore), new DmaBarrierCell(11, 22, DmaFence.LoadLoad),
                new DmaBarrierCell(12, 22, DmaFence.Full), new DmaMessageCell(13, 22, 0),
            ],
            test.Columns[1].Cells);
        Assert.Equal(
            [
                new DmaWriteCell(5, 44, 0, 1, true), new DmaReadCell(6, 44, 7, 0, true), new DmaPublishCell(7, 44, 0, 3, true),
                new DmaFillCell(8, 44, 1, 3, 5, true), new DmaFetchCell(9, 44, 5, 1, 3, true),
            ],
            test.Columns[2].Cells);
    }

    [Theory]
    [InlineData("x=1 \\/ x=2 /\\ y=3", "x=1 \\/ x=2 /\\ y=3")]
    [InlineData("(x=1 \\/ x=2) /\\ y=3", "(x=1 \\/ x=2) /\\ y=3")]
    [InlineData("~x=1 /\\ ~(x=2 /\\ y=3)", "~x=1 /\\ ~(x=2 /\\ y=3)")]
    [InlineData("~ ~ x=1", "~(~x=1)")]
    public void And_binds_more_than_or_and_not_more_than_both(string condition, string printed) =>
        Assert.Equal(printed, LitmusFiles.Parse($"DMA C \"c\" {{ x=0; y=0; }}\n P0 vcpu ;\n mfence ;\nexists {condition}").Condition.ToString());

    [Fact]
    public void An_expectation_without_orderings_or_models_is_for_all_of_them()
    {
        var test = LitmusFiles.Parse("DMA C \"c\" { x=0; }\n P0 vcpu ;\n mfence ;\nexists x=0\nexpect tso weak: Always\nexpect host full split: Never");
        Assert.Equal(5, test.Expectations[0].Orderings.Length);
        Assert.Equal(Observation.Always, test.Expected(DmaOrdering.Pci, MemoryModel.Weak));
        Assert.Equal(Observation.Never, test.Expected(DmaOrdering.Split, MemoryModel.Host));
        Assert.Null(test.Expected(DmaOrdering.Relaxed, MemoryModel.Host));
    }

    [Fact]
    public void Nothing_that_happens_to_the_text_makes_the_parser_throw()
    {
        const int Seed = 20120517;
        var random = new Random(Seed);
        const string Bits = "{}[]()=;,|:~\\/\"(* DMA exists expect 0x9 P0 D0 wait irq\n";
        for (var round = 0; round < 20_000; round++)
        {
            var text = MessagePassing.ToCharArray().ToList();
            for (var edit = random.Next(4); edit >= 0; edit--)
            {
                var at = random.Next(text.Count);
                if (random.Next(2) == 0)
                {
                    text.RemoveRange(at, Math.Min(random.Next(12), text.Count - at));
                }
                else
                {
                    text.Insert(Math.Min(at, text.Count), Bits[random.Next(Bits.Length)]);
                }
            }

            var mutated = string.Concat(text);
            var parsed = LitmusParser.TryParse("f", mutated, out var test, out var diagnostic);
            Assert.True(parsed == test is not null && parsed == diagnostic is null, $"seed {Seed}, round {round}: {mutated}");
        }
    }
}
