using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;

using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

using Registry.Contracts.Events;
using Registry.Contracts.Http.Packages;
using Registry.ServiceDefaults;

namespace Registry.SearchService.Tests.Indexing;

/// <summary>PackageService's internal answers on a loopback address, as JSON texts that are replayed. Nothing of its rules is in here.</summary>
internal sealed class PackagesOnTheWire : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentDictionary<string, string> _documents = new();
    private readonly ConcurrentQueue<string> _read = new();
    private readonly Lock _gate = new();
    private readonly List<Change> _changes = [];
    private Guid _epoch = Guid.CreateVersion7();

    private PackagesOnTheWire()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        builder.Services.ConfigureHttpJsonOptions(json => RegistryJson.Configure(json.SerializerOptions));
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _app = builder.Build();
        _app.MapGet(PackageRoutes.Changes, (long? after, int? limit) => Results.Text(PageAfter(after ?? long.MaxValue, limit ?? 0), "application/json"));
        _app.MapPost(PackageRoutes.SearchDocuments, Documents);
        _app.MapPost(PackageRoutes.RevisionDigest, (RevisionDigestRequest request) => Results.Text(DigestAt(request), "application/json"));
        _app.MapGet(PackageRoutes.Revisions, (long position, string? afterRepository, string? afterPackage) =>
            Results.Text(JsonSerializer.Serialize(new RevisionsPage(afterRepository is { Length: > 0 } ? [] : RevisionsAt(position)), RegistryJson.Options), "application/json"));
    }

    public string Address => _app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();

    /// <summary>Packages whose documents were asked for, in order.</summary>
    public IReadOnlyCollection<string> Read => _read;

    public static async Task<PackagesOnTheWire> StartAsync()
    {
        var server = new PackagesOnTheWire();
        await server._app.StartAsync();
        return server;
    }

    /// <summary>Appends a change of a package, and answers this document for it from now on.</summary>
    public long Change(string package, Func<long, SearchDocumentResponse> document)
    {
        lock (_gate)
        {
            var position = Append(package);
            _documents[package] = JsonSerializer.Serialize(document(position), RegistryJson.Options);
            return position;
        }
    }

    /// <summary>Appends a change of a package that has no document, as one that never existed.</summary>
    public long Vanish(string package)
    {
        lock (_gate)
        {
            _documents.TryRemove(package, out _);
            return Append(package);
        }
    }

    /// <summary>Appends a change of a package whose document is answered with this text, or this status when it is a number.</summary>
    public long Break(string package, string answer)
    {
        lock (_gate)
        {
            _documents[package] = answer;
            return Append(package);
        }
    }

    /// <summary>The feed begins anew, as after a restored database.</summary>
    public void Restore()
    {
        lock (_gate)
        {
            _epoch = Guid.CreateVersion7();
            _changes.Clear();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }

    private long Append(string package)
    {
        var position = _changes.Count + 1;
        _changes.Add(new Change(position, TimeProvider.System.GetUtcNow(), "main", package, PackageChangeKind.Published, "1.2.3"));
        return position;
    }

    private string PageAfter(long after, int limit)
    {
        lock (_gate)
        {
            var changes = _changes.Where(change => change.Position > after).Take(limit).ToList();
            var position = changes.Count > 0 ? changes[^1].Position : Math.Min(after, _changes.Count);
            return JsonSerializer.Serialize(new ChangesPage(_epoch, position, _changes.Count, changes), RegistryJson.Options);
        }
    }

    private string DigestAt(RevisionDigestRequest request)
    {
        var digest = new RevisionDigest();
        foreach (var entry in RevisionsAt(request.Position).Where(entry => !request.Except.Contains(new PackageKey(entry.Repository, entry.Package))))
        {
            digest.Add(entry.Repository, entry.Package, entry.Revision);
        }

        return JsonSerializer.Serialize(new RevisionDigestResponse(_epoch, digest.Packages, digest.Value), RegistryJson.Options);
    }

    private List<RevisionEntry> RevisionsAt(long position)
    {
        lock (_gate)
        {
            return [.. _changes.Where(change => change.Position <= position)
                .GroupBy(change => change.Package)
                .Select(package => new RevisionEntry("main", package.Key, package.Max(change => change.Position)))
                .OrderBy(entry => entry.Package, StringComparer.Ordinal)];
        }
    }

    private IResult Documents(SearchDocumentsRequest request)
    {
        var answers = new List<string>();
        foreach (var (repository, package) in request.Packages)
        {
            _read.Enqueue(package);
            if (repository == "main" && _documents.TryGetValue(package, out var answer))
            {
                answers.Add(answer);
            }
        }

        var status = answers.Select(answer => int.TryParse(answer, CultureInfo.InvariantCulture, out var number) ? number : 200).FirstOrDefault(number => number != 200, 200);
        return status == 200 ? Results.Text($"{{\"documents\":[{string.Join(',', answers)}]}}", "application/json") : Results.StatusCode(status);
    }
}
