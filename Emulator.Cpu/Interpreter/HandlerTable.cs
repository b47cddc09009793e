using System.Reflection;
using System.Runtime.CompilerServices;

namespace Emulator.Cpu.Interpreter;

/// <summary>
/// Compiled handlers by template and type arguments: made when first asked for (some 0.2 ms each), shared by all
/// vCPUs. Any thread.
/// </summary>
internal static unsafe class HandlerTable
{
    private static readonly Lock Gate = new();
    private static readonly Dictionary<Key, nint> Compiled = [];
    private static readonly Dictionary<nint, Key> Keys = [];
    private static readonly Dictionary<string, MethodInfo> Templates = typeof(Handlers)
        .GetMethods(BindingFlags.Public | BindingFlags.Static)
        .Where(method => method.ReturnType == typeof(Op*))
        .ToDictionary(method => method.Name);

    /// <summary>Handlers compiled so far.</summary>
    public static int Count => Compiled.Count;

    /// <summary>The handler of a template with these type arguments.</summary>
    public static delegate*<CpuState*, Op*, Op*> Get(string template, Type? a = null, Type? b = null, Type? c = null, Type? d = null, Type? e = null, Type? f = null)
    {
        var key = new Key(template, a, b, c, d, e, f);
        lock (Gate)
        {
            if (!Compiled.TryGetValue(key, out var handler))
            {
                handler = Compile(key);
                Compiled.Add(key, handler);
                Keys.TryAdd(handler, key);
            }

            return (delegate*<CpuState*, Op*, Op*>)handler;
        }
    }

    /// <summary>The handler of an instruction that slow code executes.</summary>
    public static delegate*<CpuState*, Op*, Op*> Slow<T>()
        where T : IInstruction => Get(nameof(Handlers.Slow), typeof(T));

    /// <summary>
    /// The handler of an op with the registers that its fields name written into its code, if the op's present handler
    /// reads them from the op; otherwise the present one.
    /// </summary>
    /// <param name="op">A decoded op.</param>
    /// <param name="budget">Taken down by one if a new handler had to be compiled; nothing is compiled at 0.</param>
    public static delegate*<CpuState*, Op*, Op*> Specialised(Op* op, ref int budget)
    {
        lock (Gate)
        {
            if (!Keys.TryGetValue((nint)op->Handler, out var key))
            {
                return op->Handler;
            }

            var special = key.Select(type => Named(type, op));
            if (special == key)
            {
                return op->Handler;
            }

            if (!Compiled.TryGetValue(special, out var handler))
            {
                if (budget <= 0)
                {
                    return op->Handler;
                }

                budget--;
                handler = Compile(special);
                Compiled.Add(special, handler);
                Keys.TryAdd(handler, special);
            }

            return (delegate*<CpuState*, Op*, Op*>)handler;
        }
    }

    private static Type? Named(Type? type, Op* op)
    {
        if (type is null)
        {
            return null;
        }

        if (type == typeof(DstField))
        {
            return Register(op->Dst) ?? type;
        }

        if (type == typeof(SrcField))
        {
            return Register(op->Src) ?? type;
        }

        if (type == typeof(BaseField))
        {
            return Register(op->Base) ?? type;
        }

        if (type == typeof(IndexField))
        {
            return Register(op->Index) ?? type;
        }

        if (type.IsGenericType)
        {
            var arguments = type.GetGenericArguments();
            var changed = false;
            for (var i = 0; i < arguments.Length; i++)
            {
                var named = Named(arguments[i], op)!;
                changed |= named != arguments[i];
                arguments[i] = named;
            }

            return changed ? type.GetGenericTypeDefinition().MakeGenericType(arguments) : type;
        }

        return type;
    }

    private static Type? Register(byte offset) =>
        (offset & 7) == 0 && offset < RegisterOffset.Zero ? RegisterOffset.Named[offset >> 3] : null;

    private static nint Compile(Key key)
    {
        var method = Templates[key.Template];
        if (method.IsGenericMethodDefinition)
        {
            method = method.MakeGenericMethod([.. key.Types]);
        }

        RuntimeHelpers.PrepareMethod(method.MethodHandle, [.. key.Types.Select(type => type.TypeHandle)]);
        return method.MethodHandle.GetFunctionPointer();
    }

    private readonly record struct Key(string Template, Type? A, Type? B, Type? C, Type? D, Type? E, Type? F)
    {
        public IEnumerable<Type> Types => new[] { A, B, C, D, E, F }.OfType<Type>();

        public Key Select(Func<Type?, Type?> map) => new(Template, map(A), map(B), map(C), map(D), map(E), map(F));
    }
}
