namespace Registry.Upstreams;

/// <summary>Something and the registry it came from.</summary>
/// <param name="Registry">The registry.</param>
/// <param name="Value">What it has.</param>
public sealed record Found<T>(RegistryConfig Registry, T Value);

/// <summary>The answers of several registries to one query.</summary>
/// <param name="Results">What was found, each name once.</param>
/// <param name="Failures">The registries that did not answer.</param>
public sealed record SearchAnswer(IReadOnlyList<Found<PackageMetadata>> Results, IReadOnlyList<RegistryException> Failures)
{
    /// <summary>Some registry did not answer: there may be more.</summary>
    public bool IsPartial => Failures.Count > 0;
}
