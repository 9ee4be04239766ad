using Registry.Upstreams.Types;

namespace Registry.Upstreams;

/// <summary>The part that asks: what a registry's rules block is not there for whoever asks all of them.</summary>
public sealed partial class RegistryManager
{
    /// <summary>One version of a package, from the first enabled registry that has it (M36, M49, M55).</summary>
    /// <param name="name">The package's full name.</param>
    /// <param name="version">The version; null for the latest.</param>
    /// <param name="cancellationToken">Ends the search.</param>
    /// <returns>What was found and where; null when no registry has it.</returns>
    /// <exception cref="RegistryException">One failed and <see cref="WhenOneFails"/> says to stop, or none has it and one that failed might.</exception>
    public Task<Found<PackageMetadata>?> FetchMetadataAsync(string name, string? version = null, CancellationToken cancellationToken = default) =>
        FirstAsync(
            name,
            version,
            async registry => await registry.FetchMetadataAsync(name, version, cancellationToken) is { } found && MayCome(registry.Config, name, found.Version) ? found : null);

    /// <summary>All versions of a package, from the first enabled registry that has it.</summary>
    /// <inheritdoc cref="FetchMetadataAsync"/>
    public Task<Found<IReadOnlyList<string>>?> ListVersionsAsync(string name, CancellationToken cancellationToken = default) =>
        FirstAsync(
            name,
            null,
            async registry => await registry.ListVersionsAsync(name, cancellationToken) is { } versions
                ? (IReadOnlyList<string>)[.. versions.Where(version => MayCome(registry.Config, name, version))]
                : null);

    /// <summary>Writes a version's tarball to a file, from the first enabled registry that has it.</summary>
    /// <param name="name">The package's full name.</param>
    /// <param name="version">The version.</param>
    /// <param name="destination">The file; replaced when it exists.</param>
    /// <param name="cancellationToken">Ends the download.</param>
    /// <returns>Where it came from; null when no registry has it.</returns>
    /// <exception cref="RegistryException">As in <see cref="FetchMetadataAsync"/>.</exception>
    public async Task<RegistryConfig?> DownloadTarballAsync(string name, string version, string destination, CancellationToken cancellationToken = default) =>
        (await FirstAsync(
            name,
            version,
            async registry => await MeantAsync(registry, name, version, cancellationToken) is { } meant && await registry.DownloadTarballAsync(name, meant, destination, cancellationToken)
                ? registry.Config
                : null))?.Registry;

    /// <summary>Asks every enabled registry at once (M46). Of a name several have, the first by priority is kept.</summary>
    /// <param name="query">The query.</param>
    /// <param name="cancellationToken">Ends the search.</param>
    /// <returns>What was found, by priority, and which registries failed: then the answer is a part of what there is.</returns>
    public async Task<SearchAnswer> SearchAsync(string query, CancellationToken cancellationToken = default)
    {
        var answers = await Task.WhenAll(_state.Enabled.Select(entry => SearchOneAsync(entry, query, cancellationToken)));
        return new SearchAnswer(
            [.. answers.SelectMany(static answer => answer.Results).DistinctBy(static found => found.Value.Name, StringComparer.Ordinal)],
            [.. answers.Select(static answer => answer.Failure).OfType<RegistryException>()]);
    }

    private async Task<(IReadOnlyList<Found<PackageMetadata>> Results, RegistryException? Failure)> SearchOneAsync(
        Entry entry, string query, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(SearchWithin);
        try
        {
            var results = await Open(entry).SearchAsync(query, limit.Token);
            return ([.. results.Where(found => MayCome(entry.Config, found.Name, null)).Select(found => new Found<PackageMetadata>(entry.Config, found))], null);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return ([], Note(new RegistryException(entry.Config.Name, RegistryFailure.TooSlow, "did not answer in time.")));
        }
        catch (RegistryException failure)
        {
            return ([], Note(failure));
        }
    }

    private async Task<Found<T>?> FirstAsync<T>(string name, string? version, Func<PackageRegistry, Task<T?>> ask)
        where T : class
    {
        RegistryException? first = null;
        foreach (var entry in _state.Enabled.Where(entry => MayCome(entry.Config, name, version)))
        {
            try
            {
                if (await ask(Open(entry)) is { } found)
                {
                    return new Found<T>(entry.Config, found);
                }
            }
            catch (RegistryException failure) when (WhenOneFails == RegistryFailureRule.AskNext)
            {
                Note(failure);
                first ??= failure;
            }
        }

        return first is null ? null : throw first;
    }

    private RegistryException Note(RegistryException failure)
    {
        Failed?.Invoke(failure);
        return failure;
    }

    private static bool MayCome(RegistryConfig config, string name, string? version) => config.Rules.Judge(name, version) is null;

    /// <summary>The version behind a dist-tag where rules may be about it; null when it may not come.</summary>
    private static async Task<string?> MeantAsync(PackageRegistry registry, string name, string version, CancellationToken cancellationToken)
    {
        if (registry.Config.Rules == PackageRules.None || version is [>= '0' and <= '9', ..])
        {
            return version;
        }

        return await registry.FetchMetadataAsync(name, version, cancellationToken) is { } found && MayCome(registry.Config, name, found.Version) ? found.Version : null;
    }
}
