[assembly: AssemblyFixture(typeof(Registry.EndToEnd.Tests.Running.RegistryFixture))]

// What shares a registry is one collection, and what has its own is another: two at a time, as machines with two cores can do.
[assembly: CollectionBehavior(CollectionBehavior.CollectionPerAssembly, MaxParallelThreads = 2)]

namespace Registry.EndToEnd.Tests.Running;

/// <summary>Tests that start, stop and break registries of their own, one after the other.</summary>
[CollectionDefinition(nameof(OwnRegistries))]
public sealed class OwnRegistries;

/// <summary>One registry for the tests that leave it whole; each uses names of its own.</summary>
public sealed class RegistryFixture : IAsyncLifetime
{
    private RegistryProcess? _registry;

    /// <summary>The running registry.</summary>
    public RegistryProcess Registry => _registry!;

    /// <inheritdoc/>
    public async ValueTask InitializeAsync() => _registry = await RegistryProcess.StartAsync();

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_registry is not null)
        {
            await _registry.DisposeAsync();
        }
    }

    /// <summary>A new client of the npm listener, signed up under a name of its own.</summary>
    public async Task<NpmClient> SignedUpAsync(string user)
    {
        var client = new NpmClient($"{Registry.Npm}/");
        (await client.LoginAsync(user, "correct horse battery")).ShouldSucceed();
        client.Token.ShouldNotBeNullOrEmpty();
        return client;
    }

    /// <summary>A plain HTTP client that sends this npm user's token.</summary>
    public static HttpClient HttpFor(NpmClient user)
    {
        var client = RegistryProcess.NewClient();
        client.DefaultRequestHeaders.Authorization = new("Bearer", user.Token);
        return client;
    }
}
