using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;

using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;

namespace Registry.Testing.Upstreams;

/// <summary>
/// A registry of npm's protocol on a loopback port, that holds what a test puts into it, counts what it is asked, and fails as it is told.
/// </summary>
public sealed class NpmUpstream : IAsyncDisposable
{
    private const string Abbreviated = "application/vnd.npm.install-v1+json";
    private readonly ConcurrentDictionary<string, SortedDictionary<string, (JsonObject Manifest, byte[] Tarball)>> _packages = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<string> _requests = [];
    private readonly X509Certificate2? _certificate;
    private WebApplication? _app;
    private int _port;
    private int _confirmations;

    private NpmUpstream(X509Certificate2? certificate) => _certificate = certificate;

    /// <summary>Its URL, without a slash at the end.</summary>
    public Uri Url => new($"{(_certificate is null ? "http" : "https")}://127.0.0.1:{_port}");

    /// <summary>What it was asked, in order: method and target as sent; whether it answers is not asked here.</summary>
    public IReadOnlyList<string> Requests => [.. _requests.Where(static request => !request.EndsWith("/-/ping", StringComparison.Ordinal))];

    /// <summary>How often it answered that nothing has changed.</summary>
    public int Confirmations => Volatile.Read(ref _confirmations);

    /// <summary>Answers in place of it when it returns true.</summary>
    public Func<HttpContext, Task<bool>>? Fault { get; set; }

    /// <summary>Changes a packument before it is sent.</summary>
    public Action<JsonObject>? Edit { get; set; }

    /// <summary>Starts one.</summary>
    /// <param name="certificate">What it proves with who it is; it speaks no TLS without.</param>
    public static async Task<NpmUpstream> StartAsync(X509Certificate2? certificate = null)
    {
        var upstream = new NpmUpstream(certificate);
        await upstream.OpenAsync();
        return upstream;
    }

    /// <summary>Listens, where it listened before if it did.</summary>
    public async Task OpenAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Limits.MinResponseDataRate = null;
            kestrel.Listen(IPAddress.Loopback, _port, Secure);
        });
        _app = builder.Build();
        _app.Run(AnswerAsync);
        await _app.StartAsync();
        _port = new Uri(_app.Urls.Single()).Port;
    }

    /// <summary>Listens no more, and breaks off what is under way.</summary>
    public async Task CloseAsync()
    {
        if (_app is not null)
        {
            using var now = new CancellationTokenSource();
            await now.CancelAsync();
            await _app.StopAsync(now.Token);
            await _app.DisposeAsync();
            _app = null;
        }
    }

    /// <summary>Puts a version into it.</summary>
    /// <param name="name">The package.</param>
    /// <param name="version">The version.</param>
    /// <param name="tarball">Its bytes; made up when null.</param>
    /// <param name="manifest">More members of its manifest.</param>
    public byte[] Add(string name, string version, byte[]? tarball = null, JsonObject? manifest = null)
    {
        var bytes = tarball ?? Encoding.UTF8.GetBytes($"the bytes of {name}@{version}");
        var all = manifest?.DeepClone().AsObject() ?? [];
        all["name"] = name;
        all["version"] = version;
        all["dist"] = new JsonObject
        {
            ["tarball"] = $"{{url}}/{name}/-/{name.Split('/')[^1]}-{version}.tgz",
            ["integrity"] = $"sha512-{Convert.ToBase64String(SHA512.HashData(bytes))}",
#pragma warning disable CA5350 // the protocol's legacy shasum
            ["shasum"] = Convert.ToHexStringLower(SHA1.HashData(bytes)),
#pragma warning restore CA5350
        };
        var versions = _packages.GetOrAdd(name, static _ => new SortedDictionary<string, (JsonObject, byte[])>(StringComparer.Ordinal));
        lock (versions)
        {
            versions[version] = (all, bytes);
        }

        return bytes;
    }

    /// <summary>Takes a package out.</summary>
    public void Remove(string name) => _packages.TryRemove(name, out _);

    /// <summary>How often it was asked for a target.</summary>
    public int CountOf(string target) => _requests.Count(request => request == $"GET {target}");

    /// <summary>Forgets what it was asked.</summary>
    public void ForgetRequests() => _requests.Clear();

    /// <inheritdoc/>
    public async ValueTask DisposeAsync() => await CloseAsync();

    private void Secure(ListenOptions listen)
    {
        if (_certificate is not null)
        {
            listen.UseHttps(_certificate);
        }
    }

    private async Task AnswerAsync(HttpContext context)
    {
        var target = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        _requests.Enqueue($"{context.Request.Method} {target}");
        if (Fault is { } fault && await fault(context))
        {
            return;
        }

        var path = Uri.UnescapeDataString(target.Split('?')[0]).TrimStart('/');
        await (path == "-/ping" ? context.Response.WriteAsync("{}")
            : path == "-/v1/search" ? SearchAsync(context)
            : path.Contains("/-/", StringComparison.Ordinal) ? SendTarballAsync(context, path)
            : SendPackumentAsync(context, path));
    }

    private async Task SendTarballAsync(HttpContext context, string path)
    {
        var (name, file) = (path[..path.IndexOf("/-/", StringComparison.Ordinal)], path[(path.IndexOf("/-/", StringComparison.Ordinal) + 3)..]);
        var found = _packages.GetValueOrDefault(name)?.FirstOrDefault(version => file == $"{name.Split('/')[^1]}-{version.Key}.tgz").Value.Tarball;
        if (found is null)
        {
            context.Response.StatusCode = 404;
            return;
        }

        context.Response.ContentType = "application/octet-stream";
        context.Response.ContentLength = found.Length;
        await context.Response.Body.WriteAsync(found, context.RequestAborted);
    }

    private async Task SendPackumentAsync(HttpContext context, string name)
    {
        if (PackumentOf(name) is not { } packument)
        {
            context.Response.StatusCode = 404;
            await context.Response.WriteAsJsonAsync(new JsonObject { ["error"] = "Not found" });
            return;
        }

        var isAbbreviated = context.Request.Headers.Accept.ToString().Contains(Abbreviated, StringComparison.Ordinal);
        Edit?.Invoke(packument);
        var body = Encoding.UTF8.GetBytes(packument.ToJsonString().Replace("{url}", Url.GetLeftPart(UriPartial.Authority), StringComparison.Ordinal));
        var etag = $"\"{Convert.ToHexStringLower(SHA256.HashData(body).AsSpan(0, 8))}{(isAbbreviated ? "a" : "f")}\"";
        context.Response.Headers.ETag = etag;
        if (context.Request.Headers.IfNoneMatch == etag)
        {
            Interlocked.Increment(ref _confirmations);
            context.Response.StatusCode = 304;
            return;
        }

        context.Response.ContentType = isAbbreviated ? Abbreviated : "application/json";
        context.Response.ContentLength = body.Length;
        await context.Response.Body.WriteAsync(body, context.RequestAborted);
    }

    private JsonObject? PackumentOf(string name)
    {
        if (_packages.GetValueOrDefault(name) is not { } versions)
        {
            return null;
        }

        lock (versions)
        {
            return new JsonObject
            {
                ["_id"] = name,
                ["name"] = name,
                ["dist-tags"] = new JsonObject { ["latest"] = versions.Keys.Last() },
                ["versions"] = new JsonObject([.. versions.Select(static version => KeyValuePair.Create(version.Key, (JsonNode?)version.Value.Manifest.DeepClone()))]),
                ["time"] = new JsonObject([.. versions.Select(static version => KeyValuePair.Create(version.Key, (JsonNode?)JsonValue.Create("2020-01-02T03:04:05.000Z")))]),
            };
        }
    }

    private Task SearchAsync(HttpContext context)
    {
        var text = context.Request.Query["text"].ToString();
        var hits = _packages.Where(package => package.Key.Contains(text, StringComparison.OrdinalIgnoreCase)).OrderBy(static package => package.Key, StringComparer.Ordinal)
            .Select(static package => (JsonNode)new JsonObject
            {
                ["package"] = new JsonObject
                {
                    ["name"] = package.Key,
                    ["version"] = package.Value.Keys.Last(),
                    ["description"] = package.Value.Values.Last().Manifest["description"]?.DeepClone(),
                },
            });
        return context.Response.WriteAsJsonAsync(new JsonObject { ["objects"] = new JsonArray([.. hits]), ["total"] = _packages.Count });
    }
}
