namespace Registry.AuthService.Accounts;

/// <summary>A scope as it is asked for: 1 to 213 characters without its <c>@</c>. Which names a new one may have is for whoever makes it to say.</summary>
internal sealed record ScopeName
{
    private const int MaxLength = 213;

    private ScopeName(string value) => Value = value;

    public string Value { get; }

    /// <inheritdoc cref="FoldedName"/>
    public string Folded => FoldedName.Of(Value);

    public static ScopeName? Parse(string? text) =>
        text is { Length: > 0 and <= MaxLength } && !text.Any(c => c is '@' or '/' || char.IsWhiteSpace(c) || char.IsControl(c)) ? new ScopeName(text) : null;

    public override string ToString() => Value;
}
