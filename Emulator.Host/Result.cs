using System.Diagnostics.CodeAnalysis;

namespace Emulator.Host;

/// <summary>A value, or the one line that says why there is none.</summary>
/// <typeparam name="T">The value's type.</typeparam>
public readonly struct Result<T>
{
    private Result(T? value, string? error)
    {
        Value = value;
        Error = error;
    }

    /// <summary>The value; meaningful only if <see cref="IsOk"/>.</summary>
    public T? Value { get; }

    /// <summary>What is wrong, one line without a full stop; null if nothing is.</summary>
    public string? Error { get; }

    /// <summary>True if there is a value.</summary>
    [MemberNotNullWhen(true, nameof(Value))]
    [MemberNotNullWhen(false, nameof(Error))]
    public bool IsOk => Error is null;

    /// <summary>Takes the value or the error apart.</summary>
    public bool Get([MaybeNullWhen(false)] out T value, [NotNullWhen(false)] out string? error)
    {
        value = Value;
        error = Error;
        return IsOk;
    }

    /// <summary>A success.</summary>
    public static implicit operator Result<T>(T value) => new(value, null);

    /// <summary>A failure.</summary>
    public static implicit operator Result<T>(Failure failure) => new(default, failure.Message);
}

/// <summary>A failure on its way into a <see cref="Result{T}"/> of any type.</summary>
/// <param name="Message">One line.</param>
public readonly record struct Failure(string Message);
