using System.Net;
using System.Security.Cryptography;
using System.Text.Json.Nodes;

using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Registry.Testing.Upstreams;

/// <summary>
/// A server on a loopback port that speaks pantry's REST convention at its root and GitHub's releases API below <c>/github</c>, each over the
/// same packages, as their public documentation describes them.
/// </summary>
public sealed class RestUpstream : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly Dictionary<(string Name, string Version), (JsonObject Manifest, byte[] Tarball)> _packages = [];

    private RestUpstream(WebApplication app)
    {
        _app = app;
        _app.Use((context, next) =>
        {
            if (Authorization is null || context.Request.Headers.Authorization == Authorization)
            {
                return next(context);
            }

            context.Response.StatusCode = StatusCodes.Status401Unauthorized;
            return Task.CompletedTask;
        });
        _app.MapGet("/packages/{name}", (string name) => Latest(Decoded(name)) is { } found ? Results.Json(Describe(found)) : Results.NotFound());
        _app.MapGet("/packages/{name}/versions", (string name) => Results.Json(new JsonObject { ["versions"] = new JsonArray([.. VersionsOf(Decoded(name)).Select(static version => JsonValue.Create(version))]) }));
        _app.MapGet("/packages/{name}/{version}", (string name, string version) => _packages.ContainsKey((Decoded(name), version)) ? Results.Json(Describe((Decoded(name), version))) : Results.NotFound());
        _app.MapGet("/packages/{name}/{version}/tarball", (string name, string version) => Tarball((Decoded(name), version)));
        _app.MapGet("/github/repos/{owner}/{repository}/releases", (string owner, string repository, int? page) =>
            Results.Json(new JsonArray(page > 1 ? [] : [.. VersionsOf($"@{owner}/{repository}").Reverse().Select(version => (JsonNode)Release(owner, repository, version))])));
        _app.MapGet("/github/repos/{owner}/{repository}/releases/latest", (string owner, string repository) =>
            Latest($"@{owner}/{repository}") is var (_, version) ? Results.Json(Release(owner, repository, version)) : Results.NotFound());
        _app.MapGet("/github/repos/{owner}/{repository}/contents/package.json", (string owner, string repository, string @ref) =>
            _packages.TryGetValue(($"@{owner}/{repository}", @ref.TrimStart('v')), out var found) ? Results.Json(found.Manifest) : Results.NotFound());
        _app.MapGet("/github/assets/{owner}/{repository}/{version}", (string owner, string repository, string version) => Tarball(($"@{owner}/{repository}", version)));
    }

    /// <summary>Its URL, without a slash at the end.</summary>
    public Uri Url => new(_app.Urls.Single());

    /// <summary>The header it wants to see with every request; null when it is open to everyone.</summary>
    public string? Authorization { get; set; }

    /// <summary>Starts one.</summary>
    public static async Task<RestUpstream> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(static kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var server = new RestUpstream(builder.Build());
        await server._app.StartAsync();
        return server;
    }

    /// <summary>Puts a version into it.</summary>
    public void Add(string name, string version, byte[] tarball, JsonObject manifest) => _packages[(name, version)] = (manifest, tarball);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _app.DisposeAsync();

    /// <summary>A scoped name is one segment, whose slash routing leaves encoded.</summary>
    private static string Decoded(string name) => Uri.UnescapeDataString(name);

    private string[] VersionsOf(string name) => [.. _packages.Keys.Where(key => key.Name == name).Select(static key => key.Version).Order(StringComparer.Ordinal)];

    private (string Name, string Version)? Latest(string name) => VersionsOf(name) is [.., var last] ? (name, last) : null;

    private IResult Tarball((string Name, string Version) key) =>
        _packages.TryGetValue(key, out var found) ? Results.Bytes(found.Tarball, "application/octet-stream") : Results.NotFound();

    private JsonObject Describe((string Name, string Version) key) =>
        new()
        {
            ["name"] = key.Name,
            ["version"] = key.Version,
            ["description"] = "by the convention",
            ["dependencies"] = _packages[key].Manifest["dependencies"]?.DeepClone(),
            ["tarballUrl"] = $"{Url.GetLeftPart(UriPartial.Authority)}/packages/{Uri.EscapeDataString(key.Name)}/{key.Version}/tarball",
            ["checksum"] = $"sha256:{Convert.ToHexStringLower(SHA256.HashData(_packages[key].Tarball))}",
        };

    private JsonObject Release(string owner, string repository, string version) =>
        new()
        {
            ["tag_name"] = $"v{version}",
            ["draft"] = false,
            ["prerelease"] = false,
            ["published_at"] = "2024-05-06T07:08:09Z",
            ["assets"] = new JsonArray(new JsonObject
            {
                ["name"] = $"{repository}-{version}.tgz",
                ["url"] = $"{Url.GetLeftPart(UriPartial.Authority)}/github/assets/{owner}/{repository}/{version}",
            }),
        };
}
