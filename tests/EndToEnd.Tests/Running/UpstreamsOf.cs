using System.Net;
using System.Text.Json.Nodes;

using Registry.Testing;
using Registry.Testing.Upstreams;

namespace Registry.EndToEnd.Tests.Running;

/// <summary>Gives a running registry upstreams through its file, and takes them away again.</summary>
public sealed class UpstreamsOf : IAsyncDisposable
{
    private const string Mark = "is-the-file-in-use";
    private readonly RegistryProcess _registry;
    private readonly NpmUpstream _marks;

    private UpstreamsOf(RegistryProcess registry, NpmUpstream marks)
    {
        _registry = registry;
        _marks = marks;
    }

    /// <summary>Writes the file, and waits until every replica reads by it.</summary>
    public static async Task<UpstreamsOf> SetAsync(RegistryProcess registry, params JsonObject[] entries)
    {
        var marks = await NpmUpstream.StartAsync();
        var mark = $"{Mark}-{Guid.CreateVersion7():n}";
        marks.Add(mark, "1.0.0");
        Write(registry, [.. entries, new JsonObject { ["name"] = $"marks-{mark[^8..]}", ["type"] = "npm", ["url"] = marks.Url.ToString(), ["priority"] = 1, ["allow"] = new JsonArray($"{Mark}-*") }]);
        using var client = RegistryProcess.NewClient();
        await Eventually.ShouldHoldAsync(
            async () =>
            {
                for (var i = 0; i < 8; i++) // replicas take turns, and what the Gateway remembers says nothing about them
                {
                    using var request = new HttpRequestMessage(HttpMethod.Get, $"{registry.Npm}/{mark}") { Headers = { { "Cache-Control", "no-cache" } } };
                    using var answer = await client.SendAsync(request);
                    if (answer.StatusCode != HttpStatusCode.OK)
                    {
                        return false;
                    }
                }

                return true;
            },
            "the file of upstreams is in use");
        return new UpstreamsOf(registry, marks);
    }

    /// <summary>An entry for a loopback upstream.</summary>
    public static JsonObject Entry(Uri url, string type = "npm", string? name = null) =>
        new() { ["name"] = name ?? $"up-{Guid.CreateVersion7():n}", ["type"] = type, ["url"] = url.ToString(), ["timeoutSeconds"] = 20 };

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        Write(_registry, []);
        await _marks.DisposeAsync();
    }

    private static void Write(RegistryProcess registry, JsonObject[] entries)
    {
        var file = Path.Combine(registry.Data, "pantry.json");
        File.WriteAllText($"{file}.new", new JsonObject { ["registries"] = new JsonArray([.. entries]) }.ToJsonString());
        File.Move($"{file}.new", file, overwrite: true);
    }
}
