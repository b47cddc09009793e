using Emulator.Host.Machine;

namespace Emulator.Host.CommandLine;

/// <summary>The value of <c>-trace</c>: <c>dma,file=PATH[,vcpu=on|off][,limit=SIZE]</c>.</summary>
internal static class TraceOption
{
    private const string Form = "dma,file=PATH[,vcpu=on|off][,limit=SIZE]";

    private const int Mebibytes = 20;

    private static readonly string[] s_properties = ["file", "vcpu", "limit"];

    /// <summary>Reads it; or says what is wrong.</summary>
    public static Result<TraceDescription> Parse(string text)
    {
        var list = PropertyList.Parse(text, headIsProperty: true);
        if (list.Head != "dma")
        {
            return new Failure($"'{list.Head}' is nothing that can be traced; give {Form}");
        }

        var trace = new TraceDescription("");
        foreach (var property in list.Properties)
        {
            var value = property.Value ?? "";
            switch (property.Name)
            {
                case "file":
                    trace = trace with { File = value };
                    break;
                case "vcpu" when value is "on" or "off":
                    trace = trace with { HasProcessors = value == "on" };
                    break;
                case "vcpu":
                    return new Failure($"property 'vcpu': '{value}' is neither on nor off");
                case "limit" when Numbers.TryParseSize(value, Mebibytes, out var limit) && limit > 0:
                    trace = trace with { Limit = limit };
                    break;
                case "limit":
                    return new Failure($"property 'limit': '{value}' is not a size; give a number with K, M, G or T behind it, such as 256M");
                default:
                    return new Failure($"unknown property '{property.Name}'{Suggestion.For(property.Name, s_properties)}");
            }
        }

        return trace.File.Length > 0 ? trace : new Failure($"property 'file' is missing; give {Form}");
    }
}
