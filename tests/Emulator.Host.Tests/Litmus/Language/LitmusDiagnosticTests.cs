using Emulator.Host.Litmus;

namespace Emulator.Host.Tests.Litmus.Language;

public sealed class LitmusDiagnosticTests
{
    [Theory]
    [InlineData("mov eax,[y]", "mvo eax,[y]", "5:2: unknown instruction 'mvo'; did you mean 'mov'? valid: mov, xchg, lock,")]
    [InlineData("write x,1 ", "writ x,1 ", "5:16: unknown instruction 'writ'; did you mean 'write'?")]
    [InlineData("mov eax,[y]", "wmb", "5:2: 'wmb' is an instruction of a dma column; P0 is a vcpu column: mov,")]
    [InlineData("write x,1 ", "mov [x],1 ", "5:16: 'mov' is an instruction of a vcpu column; D0 is a dma column: write,")]
    [InlineData("mov eax,[y]", "mov eax,[yy]", "5:11: unknown location 'yy'; did you mean 'y'? valid: x, y, a")]
    [InlineData("write x,1 ", "write z,1 ", "5:22: unknown location 'z'; did you mean 'x'? valid: x, y, a")]
    [InlineData("mov eax,[y]", "mov exa,[y]", "5:6: unknown register 'exa'; did you mean 'eax'? valid: eax, ebx, ecx, edx, esi, edi")]
    [InlineData("write x,1 ", "read r8,x ", "5:21: unknown register 'r8'; did you mean 'r0'? valid: r0, r1,")]
    [InlineData("write x,1 ", "read eax,x ", "5:21: unknown register 'eax'; valid: r0, r1,")]
    [InlineData("write x,1 ;", "write x,1", "5:25: missing ';' at the end of the row")]
    [InlineData("D0 dma    ;", "D0 dma", "4:22: missing ';' at the end of the row")]
    [InlineData("[y] | write x,1 ", "[y] write x,1 ", "5:14: expected '|' before 'write'")]
    [InlineData("[y] | write x,1 ;", "[y] ;", "5:14: this row has 1 of 2 cells: a '|' is missing (a cell may be empty)")]
    [InlineData("write x,1 ;", "write x,1 | mb ;", "5:26: too many cells: there are 2 columns")]
    [InlineData("ebx=0)", "ebx=0", "8:1: unbalanced condition: no ')' for the '(' at 7:8")]
    [InlineData("ebx=0)", "ebx=0))", "7:30: unbalanced condition: no '(' belongs to this ')'")]
    [InlineData("exists (P0", "exists P0", "7:28: unbalanced condition: no '(' belongs to this ')'")]
    [InlineData("P0:ebx=0", "P0:ebp=0", "7:24: unknown register 'ebp'; did you mean 'ebx'?")]
    [InlineData("P0:ebx=0", "P1:ebx=0", "7:21: unknown column 'P1'; did you mean 'P0'? valid: P0, D0")]
    [InlineData("P0:ebx=0", "zz=0", "7:21: unknown location 'zz'; valid: x, y, a")]
    [InlineData("P0:ebx=0", "P0:ebx", "7:27: expected '=' behind 'P0:ebx', found ')'")]
    [InlineData("P0:ebx=0", "a=0", "7:21: 'a' is an array: name an element, a[0] to a[1]")]
    [InlineData("P0:ebx=0", "a[2]=0", "7:23: 'a' has elements 0 to 1")]
    [InlineData("P0:ebx=0", "x[0]=0", "7:23: 'x' is not an array")]
    [InlineData("P0:ebx=0", "P0:ebx=4294967296", "7:28: expected a number of 32 bits, decimal or 0x, found '4294967296'")]
    [InlineData("/\\", "and", "7:18: expected '/\\', '\\/' or ')', found 'and'")]
    [InlineData("exists", "exist", "7:1: unknown instruction 'exist'; did you mean 'exists'? valid:")]
    [InlineData("exists", "expect full host: Never\nexists", "7:1: unknown instruction 'expect'; valid: mov, xchg, lock, mfence, lfence, sfence, wait, flush, doorbell, exists, forall")]
    [InlineData("expect full", "expect relaxd", "8:8: 'relaxd' is neither a DMA ordering nor a memory model; did you mean 'relaxed'?")]
    [InlineData("expect full host: Never", "expect full host:", "8:18: expected 'Never', 'Sometimes' or 'Always', found the end of the file")]
    [InlineData("exists", "~", "7:3: expected 'exists', '~exists' or 'forall', found '('")]
    [InlineData("expect full", "expect fulll", "8:8: 'fulll' is neither a DMA ordering nor a memory model; did you mean 'full'? valid: full, tracked, split, pci, relaxed, host, tso, weak")]
    [InlineData("host:", "arm:", "8:13: 'arm' is neither a DMA ordering nor a memory model;")]
    [InlineData("host: Never", "host Never", "8:18: 'Never' is neither a DMA ordering nor a memory model;")]
    [InlineData("host: Never", "host: never", "8:19: unknown observation 'never'; did you mean 'Never'? valid: Never, Sometimes, Always")]
    [InlineData("host: Never", "host: Never\nexpect full: Always", "9:1: some of this is expected by line 8 already")]
    [InlineData("host: Never", "host: Never\nx", "9:1: expected 'expect' or the end of the file, found 'x'")]
    [InlineData("DMA MP", "X86 MP", "1:1: a litmus test begins with 'DMA NAME', this one with 'X86'")]
    [InlineData("DMA MP", "DMA", "2:1: expected the test's name behind 'DMA'")]
    [InlineData("\"it\"", "it", "2:1: expected a description in quotes, found 'it'")]
    [InlineData("\"it\"", "\"it", "2:1: the string has no closing '\"' on its line")]
    [InlineData("\"it\"", "(* \"it\"", "2:1: the comment has no closing '*)'")]
    [InlineData("y=0", "x=0", "3:8: location 'x' is there twice")]
    [InlineData("x=0; y", "x=0 y", "3:7: expected ';' between two locations, found 'y'")]
    [InlineData("x=0;", "x;", "3:4: expected '=' and a value behind 'x', found ';'")]
    [InlineData("a[2]", "a[9]", "3:15: an array has 1 to 8 elements, not 9")]
    [InlineData("P0 vcpu ", "P0 cpu ", "4:5: unknown kind of column 'cpu'; did you mean 'vcpu'? valid: vcpu, dma")]
    [InlineData("D0 dma ", "P0 dma ", "4:16: column 'P0' is there twice")]
    [InlineData("P0 vcpu ", "A dma|B dma|C dma|D dma", "4:31: there are at most 4 columns of a kind")]
    [InlineData("write x,1 ", "fill x,1 ", "5:21: 'x' is not an array; declare it as x[2]=0 or longer")]
    [InlineData("write x,1 ", "fetch r7,a ", "5:16: 2 elements from r7 end past r7")]
    [InlineData("write x,1 ", "write a,1 ", "5:22: 'a' is an array: name an element, a[0] to a[1]")]
    [InlineData("mov eax,[y]", "lock xchg [y],eax", "5:7: expected 'add' or 'xadd' behind 'lock', found 'xchg': xchg is locked by itself")]
    [InlineData("mov eax,[y]", "wait", "5:7: expected 'irq' behind 'wait', found '|'")]
    [InlineData("mov eax,[y]", "mov eax [y]", "5:10: expected ',' between the operands, found '['")]
    [InlineData("mov eax,[y]", "mov eax,[y", "5:13: expected ']' behind the location, found '|'")]
    [InlineData("mov eax,[y]", "mov eax,#1", "5:10: '#' means nothing here")]
    [InlineData("mov eax,[y]", "flush P0", "5:8: 'P0' is not a dma column")]
    [InlineData("mov eax,[y]", "flush D1", "5:8: unknown column 'D1'; did you mean 'D0'?")]
    [InlineData("write x,1 ", "msi D0 ", "5:20: 'D0' is not a vcpu column")]
    [InlineData("mov eax,[y]", "wait irq", "5:2: nothing interrupts column P0: it needs one 'msi P0' or 'intx P0'")]
    [InlineData("write x,1 ", "msi P0 ", "5:16: column P0 has no 'wait irq' to take this interrupt")]
    [InlineData("mov eax,[y] | write x,1 ;", "wait irq | msi P0 ;\n | msi P0 ;", "6:4: column P0 is interrupted by line 5 already; one interrupt a 'wait irq'")]
    [InlineData("mov eax,[y] | write x,1 ;", "wait irq | msi P0 ;\nwait irq | ;", "6:1: column P0 waits for an interrupt already; one 'wait irq' a column")]
    [InlineData("mov eax,[y] | write x,1 ;", "doorbell D0 | ;\ndoorbell D0 | ;", "6:1: column D0 is started by line 5 already; one doorbell a function")]
    [InlineData("mov eax,[y] | write x,1 ;", "wait irq | msi P0 ;\ndoorbell D0 | ;", "5:2: the test cannot end: what interrupts this column comes only after it")]
    public void A_mistake_is_answered_with_its_place_and_what_would_be_right(string right, string wrong, string message)
    {
        const string Text = """
            DMA MP
            "it"
            { x=0; y=0; a[2]=0; }
             P0 vcpu     | D0 dma    ;
             mov eax,[y] | write x,1 ;
             mov ebx,[x] | write y,1 ;
            exists (P0:eax=1 /\ P0:ebx=0)
            expect full host: Never
            """;
        Assert.Contains(right, Text, StringComparison.Ordinal);
        var start = Text.IndexOf(right, StringComparison.Ordinal);
        var text = Text[..start] + wrong + Text[(start + right.Length)..];
        Assert.False(LitmusParser.TryParse("a/mp.litmus", text, out _, out var diagnostic));
        Assert.StartsWith("a/mp.litmus:" + message, diagnostic.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_function_has_one_kind_of_interrupt()
    {
        const string Text = "DMA I \"i\" { x=0; }\n P0 vcpu | P1 vcpu | D0 dma ;\n wait irq | wait irq | msi P0 ;\n | | intx P1 ;\nexists x=0";
        Assert.False(LitmusParser.TryParse("i", Text, out _, out var diagnostic));
        Assert.Equal("i:4:6: column D0 uses msi as well; a function has one or the other", diagnostic.ToString());
    }
}
