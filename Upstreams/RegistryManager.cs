using System.Collections.Immutable;

using Registry.Upstreams.Configuration;
using Registry.Upstreams.Types;

namespace Registry.Upstreams;

/// <summary>
/// The registries there are, in the order they are asked in, and the ways to ask them (M36–M39, M45–M49). Safe to use and to change
/// from several threads: a question under way is answered by the registries it began with.
/// </summary>
public sealed partial class RegistryManager : IDisposable
{
    private readonly Lock _changing = new();
    private readonly Func<string, string?> _environment;
    private volatile State _state = new([], null);
    private volatile bool _isDisposed;

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
    public IReadOnlyList<RegistryConfig> Registries => [.. _state.Entries.Select(static entry => entry.Config)];

    /// <summary>Adds a registry at the place its priority gives it.</summary>
    /// <exception cref="ArgumentException">It cannot be used, or its name is taken.</exception>
    public void AddRegistry(RegistryConfig config)
    {
        RegistryConfigRules.Check(config);
        lock (_changing)
        {
            if (_state.Find(config.Name) is not null)
            {
                throw new ArgumentException($"There is a registry '{config.Name}' already.", nameof(config));
            }

            _state = _state with { Entries = Sorted([.. _state.Entries, new Entry(config)]) };
        }
    }

    /// <summary>Removes a registry.</summary>
    /// <returns>False when there is none of that name.</returns>
    public bool RemoveRegistry(string name)
    {
        lock (_changing)
        {
            var left = _state.Entries.RemoveAll(entry => IsCalled(entry.Config, name));
            var isGone = left.Length < _state.Entries.Length;
            _state = new State(left, IsAlike(_state.Default, name) ? null : _state.Default);
            return isGone;
        }
    }

    /// <summary>Switches a registry on or off (M06).</summary>
    /// <returns>False when there is none of that name.</returns>
    public bool SetEnabled(string name, bool enabled)
    {
        lock (_changing)
        {
            if (_state.Find(name) is not { } entry)
            {
                return false;
            }

            _state = _state with { Entries = _state.Entries.Replace(entry, new Entry(entry.Config with { Enabled = enabled })) };
            return true;
        }
    }

    /// <summary>The registry of a name; null when there is none.</summary>
    public RegistryConfig? GetRegistry(string name) => _state.Find(name)?.Config;

    /// <summary>The first enabled registry of a type (M39); null when there is none.</summary>
    public RegistryConfig? GetRegistryByType(RegistryType type) => Registries.FirstOrDefault(config => config.Enabled && config.Type == type);

    /// <summary>The one set by name, enabled or not (M37), else the first that is enabled; null when there is none.</summary>
    public RegistryConfig? GetDefaultRegistry()
    {
        var state = _state;
        return state.Default is { } chosen ? state.Find(chosen)?.Config : state.Enabled.FirstOrDefault()?.Config;
    }

    /// <summary>Makes a registry the default.</summary>
    /// <exception cref="ArgumentException">There is none of that name.</exception>
    public void SetDefaultRegistry(string name)
    {
        lock (_changing)
        {
            _state = _state.Find(name) is not null
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
            var read = RegistryConfigReader.Read(json, source, Registries, _environment);
            var kept = _state.Entries.Select(entry => read.FirstOrDefault(changed => IsCalled(changed, entry.Config.Name)) is { } changed ? new Entry(changed) : entry);
            var added = read.Where(config => _state.Find(config.Name) is null).Select(static config => new Entry(config));
            _state = _state with { Entries = Sorted([.. kept, .. added]) };
        }
    }

    /// <summary>Takes over the registries of a file (<see cref="LoadFromConfig"/>).</summary>
    /// <param name="path">The file.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="IOException">It cannot be read.</exception>
    /// <exception cref="RegistryConfigException">It cannot be used.</exception>
    public async Task LoadFromFileAsync(string path, CancellationToken cancellationToken = default) =>
        LoadFromConfig(await File.ReadAllTextAsync(path, cancellationToken), Path.GetFileName(path));

    /// <summary>The registry of a name, to ask it alone, whatever its rules say. It belongs to this manager.</summary>
    /// <exception cref="ArgumentException">There is none of that name.</exception>
    public IPackageRegistry OpenRegistry(string name) =>
        Open(_state.Find(name) ?? throw new ArgumentException($"There is no registry '{name}'.", nameof(name)));

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

    /// <summary>Ends the connections of its registries; what is under way fails.</summary>
    public void Dispose()
    {
        _isDisposed = true;
        foreach (var entry in _state.Entries)
        {
            entry.Close();
        }
    }

    private PackageRegistry Open(Entry entry)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        return entry.Open();
    }

    private static ImmutableArray<Entry> Sorted(IEnumerable<Entry> entries) => [.. entries.OrderBy(static entry => entry.Config.Priority)]; // stable

    private static bool IsCalled(RegistryConfig config, string name) => IsAlike(config.Name, name);

    private static bool IsAlike(string? one, string other) => other.Equals(one, StringComparison.OrdinalIgnoreCase);

    private sealed record State(ImmutableArray<Entry> Entries, string? Default)
    {
        public IEnumerable<Entry> Enabled => Entries.Where(static entry => entry.Config.Enabled);

        public Entry? Find(string name) => Entries.FirstOrDefault(entry => IsCalled(entry.Config, name));
    }

    /// <summary>
    /// A registry and, once it was asked, its connections. One that is changed or removed is let go, not ended: questions that began
    /// with it are answered.
    /// </summary>
    private sealed class Entry(RegistryConfig config)
    {
        private readonly Lazy<PackageRegistry> _registry = new(() => Create(config));

        public RegistryConfig Config => config;

        public PackageRegistry Open() => _registry.Value;

        public void Close()
        {
            if (_registry.IsValueCreated)
            {
                _registry.Value.Dispose();
            }
        }
    }
}
