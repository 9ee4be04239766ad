using System.Collections.Concurrent;
using System.Collections.Immutable;

using Registry.Upstreams.Configuration;
using Registry.Upstreams.Types;

namespace Registry.Upstreams;

/// <summary>
/// The registries there are, in the order they are asked in, and the ways to ask them (M36–M39, M45–M49). Safe to use and to change
/// from several threads: a question under way is answered by the registries it began with.
/// </summary>
public sealed class RegistryManager : IDisposable
{
    private readonly Lock _changing = new();
    private readonly ConcurrentDictionary<RegistryConfig, PackageRegistry> _open = new();
    private readonly Func<string, string?> _environment;
    private volatile State _state = new([], null);

    /// <summary>Makes one without registries.</summary>
    public RegistryManager()
        : this(Environment.GetEnvironmentVariable)
    {
    }

    /// <summary>Makes one without registries.</summary>
    /// <param name="environment">Looks up what <c>${NAME}</c> stands for; null or empty for a name that is not set.</param>
    public RegistryManager(Func<string, string?> environment) => _environment = environment;

    /// <summary>What to do when a registry fails; by default the next one is asked (M49).</summary>
    public RegistryFailureRule WhenOneFails { get; init; } = RegistryFailureRule.AskNext;

    /// <summary>How long a search waits for each registry.</summary>
    public TimeSpan SearchWithin { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Told of every failure that does not end a question, for a log.</summary>
    public Action<RegistryException>? Failed { get; init; }

    /// <summary>All of them, by priority; those of one priority in the order they were added.</summary>
    public IReadOnlyList<RegistryConfig> Registries => _state.Registries;

    /// <summary>Adds a registry at the place its priority gives it.</summary>
    /// <exception cref="ArgumentException">It cannot be used, or its name is taken.</exception>
    public void AddRegistry(RegistryConfig config)
    {
        RegistryConfigRules.Check(config);
        lock (_changing)
        {
            if (GetRegistry(config.Name) is not null)
            {
                throw new ArgumentException($"There is a registry '{config.Name}' already.", nameof(config));
            }

            Become(_state with { Registries = Sorted([.. _state.Registries, config]) });
        }
    }

    /// <summary>Removes a registry.</summary>
    /// <returns>False when there is none of that name.</returns>
    public bool RemoveRegistry(string name)
    {
        lock (_changing)
        {
            var left = _state.Registries.RemoveAll(config => IsCalled(config, name));
            var isGone = left.Length < _state.Registries.Length;
            Become(new State(left, _state.Default is { } chosen && IsCalledAlike(chosen, name) ? null : _state.Default));
            return isGone;
        }
    }

    /// <summary>Switches a registry on or off (M06).</summary>
    /// <returns>False when there is none of that name.</returns>
    public bool SetEnabled(string name, bool enabled)
    {
        lock (_changing)
        {
            var isThere = GetRegistry(name) is not null;
            Become(_state with { Registries = [.. _state.Registries.Select(config => IsCalled(config, name) ? config with { Enabled = enabled } : config)] });
            return isThere;
        }
    }

    /// <summary>The registry of a name; null when there is none.</summary>
    public RegistryConfig? GetRegistry(string name) => _state.Registries.FirstOrDefault(config => IsCalled(config, name));

    /// <summary>The first enabled registry of a type (M39); null when there is none.</summary>
    public RegistryConfig? GetRegistryByType(RegistryType type) => _state.Registries.FirstOrDefault(config => config.Enabled && config.Type == type);

    /// <summary>The one set by name, enabled or not (M37), else the first that is enabled; null when there is none.</summary>
    public RegistryConfig? GetDefaultRegistry() =>
        _state is { Default: { } chosen } ? GetRegistry(chosen) : _state.Registries.FirstOrDefault(static config => config.Enabled);

    /// <summary>Makes a registry the default.</summary>
    /// <exception cref="ArgumentException">There is none of that name.</exception>
    public void SetDefaultRegistry(string name)
    {
        lock (_changing)
        {
            _state = GetRegistry(name) is not null
                ? _state with { Default = name }
                : throw new ArgumentException($"There is no registry '{name}'.", nameof(name));
        }
    }

    /// <summary>
    /// Takes over the <c>registries</c> of a <c>pantry.json</c> or <c>pantry.jsonc</c> (M05): new names are added, an entry that names a
    /// registry there is changes what it says of it. All of it is taken over, or nothing.
    /// </summary>
    /// <param name="json">The text.</param>
    /// <param name="source">What to call it in problems.</param>
    /// <exception cref="RegistryConfigException">It cannot be used; every problem is named with its key and line.</exception>
    public void LoadFromConfig(string json, string source = "pantry.json")
    {
        lock (_changing)
        {
            var read = RegistryConfigReader.Read(json, source, _state.Registries, _environment);
            var kept = _state.Registries.Select(config => read.FirstOrDefault(changed => IsCalled(changed, config.Name)) ?? config).ToList();
            Become(_state with { Registries = Sorted([.. kept, .. read.Where(config => !kept.Contains(config))]) });
        }
    }

    /// <summary>Takes over the registries of a file (<see cref="LoadFromConfig"/>).</summary>
    /// <param name="path">The file.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="IOException">It cannot be read.</exception>
    /// <exception cref="RegistryConfigException">It cannot be used.</exception>
    public async Task LoadFromFileAsync(string path, CancellationToken cancellationToken = default) =>
        LoadFromConfig(await File.ReadAllTextAsync(path, cancellationToken), Path.GetFileName(path));

    /// <summary>The registry itself, to ask it alone. It belongs to this manager.</summary>
    public IPackageRegistry OpenRegistry(RegistryConfig config) => _open.GetOrAdd(config, Create);

    /// <summary>Makes a registry of the type its configuration names.</summary>
    /// <exception cref="ArgumentException">The configuration cannot be used.</exception>
    public static PackageRegistry Create(RegistryConfig config) =>
        config.Type switch
        {
            RegistryType.Npm => new NpmRegistry(config),
            RegistryType.Custom or RegistryType.Pantry => new CustomRegistry(config),
            RegistryType.GitHub => new GitHubRegistry(config),
            RegistryType.Pkgx => new PkgxRegistry(config),
            _ => throw new ArgumentException($"The registry '{config.Name}' is of no known type.", nameof(config)),
        };

    /// <summary>One version of a package, from the first enabled registry that has it (M36, M49, M55).</summary>
    /// <param name="name">The package's full name.</param>
    /// <param name="version">The version; null for the latest.</param>
    /// <param name="cancellationToken">Ends the search.</param>
    /// <returns>What was found and where; null when no registry has it.</returns>
    /// <exception cref="RegistryException">One failed and <see cref="WhenOneFails"/> says to stop, or none has it and one that failed might.</exception>
    public Task<Found<PackageMetadata>?> FetchMetadataAsync(string name, string? version = null, CancellationToken cancellationToken = default) =>
        FirstAsync(registry => registry.FetchMetadataAsync(name, version, cancellationToken));

    /// <summary>All versions of a package, from the first enabled registry that has it.</summary>
    /// <inheritdoc cref="FetchMetadataAsync"/>
    public Task<Found<IReadOnlyList<string>>?> ListVersionsAsync(string name, CancellationToken cancellationToken = default) =>
        FirstAsync(registry => registry.ListVersionsAsync(name, cancellationToken));

    /// <summary>Writes a version's tarball to a file, from the first enabled registry that has it.</summary>
    /// <param name="name">The package's full name.</param>
    /// <param name="version">The version.</param>
    /// <param name="destination">The file; replaced when it exists.</param>
    /// <param name="cancellationToken">Ends the download.</param>
    /// <returns>Where it came from; null when no registry has it.</returns>
    /// <exception cref="RegistryException">As in <see cref="FetchMetadataAsync"/>.</exception>
    public async Task<RegistryConfig?> DownloadTarballAsync(string name, string version, string destination, CancellationToken cancellationToken = default) =>
        (await FirstAsync(async registry => await registry.DownloadTarballAsync(name, version, destination, cancellationToken) ? registry.Config : null))?.Registry;

    /// <summary>Asks every enabled registry at once (M46). Of a name several have, the first by priority is kept.</summary>
    /// <param name="query">The query.</param>
    /// <param name="cancellationToken">Ends the search.</param>
    /// <returns>What was found, by priority, and which registries failed: then the answer is a part of what there is.</returns>
    public async Task<SearchAnswer> SearchAsync(string query, CancellationToken cancellationToken = default)
    {
        var asked = _state.Registries.Where(static config => config.Enabled).ToList();
        var answers = await Task.WhenAll(asked.Select(config => SearchOneAsync(config, query, cancellationToken)));
        return new SearchAnswer(
            [.. answers.SelectMany(static answer => answer.Results).DistinctBy(static found => found.Value.Name, StringComparer.Ordinal)],
            [.. answers.Select(static answer => answer.Failure).OfType<RegistryException>()]);
    }

    /// <summary>Ends the connections of all registries it opened.</summary>
    public void Dispose()
    {
        foreach (var registry in _open.Values)
        {
            registry.Dispose();
        }

        _open.Clear();
    }

    /// <summary>What was opened for a registry that is gone or changed is let go, not ended: questions under way are answered.</summary>
    private void Become(State state)
    {
        _state = state;
        foreach (var config in _open.Keys.Except(state.Registries))
        {
            _open.TryRemove(config, out _);
        }
    }

    private async Task<(IReadOnlyList<Found<PackageMetadata>> Results, RegistryException? Failure)> SearchOneAsync(
        RegistryConfig config, string query, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(SearchWithin);
        try
        {
            var results = await OpenRegistry(config).SearchAsync(query, limit.Token);
            return ([.. results.Select(found => new Found<PackageMetadata>(config, found))], null);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return ([], Note(new RegistryException(config.Name, RegistryFailure.TooSlow, "did not answer in time.")));
        }
        catch (RegistryException failure)
        {
            return ([], Note(failure));
        }
    }

    private async Task<Found<T>?> FirstAsync<T>(Func<IPackageRegistry, Task<T?>> ask)
        where T : class
    {
        RegistryException? first = null;
        foreach (var config in _state.Registries.Where(static config => config.Enabled))
        {
            try
            {
                if (await ask(OpenRegistry(config)) is { } found)
                {
                    return new Found<T>(config, found);
                }
            }
            catch (RegistryException failure) when (WhenOneFails == RegistryFailureRule.AskNext)
            {
                first ??= Note(failure);
            }
        }

        return first is null ? null : throw first;
    }

    private RegistryException Note(RegistryException failure)
    {
        Failed?.Invoke(failure);
        return failure;
    }

    private static ImmutableArray<RegistryConfig> Sorted(IEnumerable<RegistryConfig> registries) => [.. registries.OrderBy(static config => config.Priority)]; // stable

    private static bool IsCalled(RegistryConfig config, string name) => IsCalledAlike(config.Name, name);

    private static bool IsCalledAlike(string one, string other) => one.Equals(other, StringComparison.OrdinalIgnoreCase);

    private sealed record State(ImmutableArray<RegistryConfig> Registries, string? Default);
}

/// <summary>What to do when a registry fails before one has answered.</summary>
public enum RegistryFailureRule
{
    /// <summary>Ask the next one: something is found even while a registry is away.</summary>
    AskNext,

    /// <summary>Stop: only an absence moves on, so that no other registry can answer for one that is away (dependency confusion).</summary>
    Stop,
}

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
