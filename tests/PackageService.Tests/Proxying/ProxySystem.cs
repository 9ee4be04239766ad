using System.Net.Http.Json;
using System.Text.Json.Nodes;

using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

using Registry.Contracts.Http;
using Registry.PackageService.Data;
using Registry.PackageService.Tests.Running;
using Registry.Testing;
using Registry.Testing.Upstreams;

namespace Registry.PackageService.Tests.Proxying;

/// <summary>A PackageService with upstreams of its own, on the database all tests share: names of upstreams are unique, so tests do not meet.</summary>
internal sealed class ProxySystem : IAsyncDisposable
{
    private readonly PackageSystem _system;
    private readonly string _file;
    private readonly List<ServiceHost> _hosts = [];

    private ProxySystem(PackageSystem system, string file)
    {
        _system = system;
        _file = file;
    }

    /// <summary>The first of its processes.</summary>
    public ServiceHost Host => _hosts[0];

    /// <summary>Starts one whose file names these upstreams.</summary>
    public static async Task<ProxySystem> StartAsync(PackageSystem system, params JsonObject[] registries)
    {
        var proxy = new ProxySystem(system, Path.Combine(Directory.CreateTempSubdirectory("registry-upstreams-").FullName, "pantry.json"));
        proxy.Write(registries);
        await proxy.AddHostAsync();
        return proxy;
    }

    /// <summary>An entry of the file.</summary>
    public static JsonObject Entry(NpmUpstream upstream, string? name = null, Action<JsonObject>? edit = null) =>
        Entry(upstream.Url, "npm", name, edit);

    /// <inheritdoc cref="Entry(NpmUpstream, string?, Action{JsonObject}?)"/>
    public static JsonObject Entry(Uri url, string type, string? name = null, Action<JsonObject>? edit = null)
    {
        var entry = new JsonObject { ["name"] = name ?? PackageSystem.NewName("up"), ["type"] = type, ["url"] = url.ToString(), ["timeoutSeconds"] = 15 }; // tests of hanging set their own
        edit?.Invoke(entry);
        return entry;
    }

    /// <summary>Writes the file.</summary>
    public void Write(params JsonObject[] registries) =>
        File.WriteAllText(_file, new JsonObject { ["registries"] = new JsonArray([.. registries.Select(static entry => entry.DeepClone())]) }.ToJsonString());

    /// <summary>One more process beside the others.</summary>
    public async Task<ServiceHost> AddHostAsync(params (string Key, string? Value)[] settings)
    {
        var host = await _system.StartAsync([("Upstreams:File", _file), .. settings]);
        _hosts.Add(host);
        return host;
    }

    public HttpClient Npm(Caller? caller = null, ServiceHost? host = null) =>
        (host ?? Host).ClientFor(caller ?? Caller.Anonymous, TestKeys.Mount(Contracts.Http.Dialects.Npm));

    public HttpClient Pantry(Caller? caller = null) => Host.ClientFor(caller ?? Caller.Anonymous, TestKeys.Mount(Contracts.Http.Dialects.Pantry));

    public HttpClient Native(Caller? caller = null, ServiceHost? host = null) =>
        (host ?? Host).ClientFor(caller ?? Caller.Anonymous, TestKeys.Mount(Contracts.Http.Dialects.Native));

    /// <summary>Asks npm's dialect anonymously.</summary>
    public async Task<HttpResponseMessage> GetAsync(string path, ServiceHost? host = null, params (string Name, string Value)[] headers)
    {
        using var client = Npm(host: host);
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(client.BaseAddress + path.TrimStart('/'), new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true }));
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return await client.SendAsync(request);
    }

    /// <summary>What became of a read that is expected to fail: status, code and sentence.</summary>
    public async Task<(int Status, string Code, string Error, TimeSpan? RetryAfter)> FailureAsync(string path, ServiceHost? host = null)
    {
        using var answer = await GetAsync(path, host);
        answer.IsSuccessStatusCode.ShouldBeFalse();
        var problem = (await answer.Content.ReadFromJsonAsync<JsonObject>())!;
        return ((int)answer.StatusCode, problem["code"]!.GetValue<string>(), problem["error"]!.GetValue<string>(), answer.Headers.RetryAfter?.Delta);
    }

    /// <summary>The versions in a package's packument.</summary>
    public async Task<string[]> VersionsAsync(string name, ServiceHost? host = null, params (string Name, string Value)[] headers)
    {
        using var answer = await GetAsync($"/{name}", host, headers);
        answer.StatusCode.ShouldBe(System.Net.HttpStatusCode.OK);
        return [.. (await answer.Content.ReadFromJsonAsync<JsonObject>())!["versions"]!.AsObject().Select(static version => version.Key)];
    }

    /// <summary>Looks into the database.</summary>
    public async Task<T> ReadAsync<T>(Func<PackageDbContext, Task<T>> read)
    {
        await using var scope = Host.Services.CreateAsyncScope();
        return await read(scope.ServiceProvider.GetRequiredService<PackageDbContext>());
    }

    /// <summary>What is kept of a package's tarballs.</summary>
    public Task<List<UpstreamTarballRow>> TarballsAsync(string name) =>
        ReadAsync(db => db.UpstreamTarballs.AsNoTracking().Where(tarball => tarball.Name == name).ToListAsync());

    /// <summary>The packument of a package.</summary>
    public async Task<JsonObject> PackumentAsync(string name, ServiceHost? host = null)
    {
        using var answer = await GetAsync($"/{name}", host);
        answer.StatusCode.ShouldBe(System.Net.HttpStatusCode.OK);
        return (await answer.Content.ReadFromJsonAsync<JsonObject>())!;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var host in _hosts)
        {
            await host.DisposeAsync();
        }

        Directory.Delete(Path.GetDirectoryName(_file)!, recursive: true);
    }
}
