namespace Registry.Upstreams.Configuration;

/// <summary>A configuration cannot be used; nothing of it was taken over. Every problem is named, with its key and line.</summary>
public sealed class RegistryConfigException : Exception
{
    /// <summary>Makes one.</summary>
    /// <param name="problems">What is wrong; at least one.</param>
    public RegistryConfigException(IReadOnlyList<ConfigProblem> problems)
        : base(string.Join(Environment.NewLine, problems)) => Problems = problems;

    /// <summary>What is wrong, in the order of the file.</summary>
    public IReadOnlyList<ConfigProblem> Problems { get; }
}

/// <summary>Something wrong in a configuration.</summary>
/// <param name="Source">The file.</param>
/// <param name="Line">The line, from 1.</param>
/// <param name="Key">The key, for example <c>registries[1].auth.token</c>; empty for the document.</param>
/// <param name="Message">What is wrong, and what it should be.</param>
public sealed record ConfigProblem(string Source, int Line, string Key, string Message)
{
    /// <summary>One line, beginning the way compilers write places.</summary>
    public override string ToString() => Key.Length == 0 ? $"{Source}:{Line}: {Message}" : $"{Source}:{Line}: {Key}: {Message}";
}
