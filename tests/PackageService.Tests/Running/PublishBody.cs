using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

using Registry.PackageService.Tests.Publishing.Tarballs;

namespace Registry.PackageService.Tests.Running;

/// <summary>Bodies of publishes, as the clients send them.</summary>
internal static class PublishBody
{
    /// <summary>npm's publish document; <paramref name="change"/> spoils it.</summary>
    public static JsonObject Npm(string name, string version = "1.0.0", string tag = "latest", byte[]? tarball = null, Action<JsonObject>? change = null)
    {
        var bytes = tarball ?? Tarball.Of(name, version);
        var document = new JsonObject
        {
            ["_id"] = name,
            ["name"] = name,
            ["dist-tags"] = new JsonObject { [tag] = version },
            ["versions"] = new JsonObject
            {
                [version] = new JsonObject
                {
                    ["name"] = name,
                    ["version"] = version,
                    ["_id"] = $"{name}@{version}",
                    ["readme"] = "# Hello",
                    ["readmeFilename"] = "README.md",
                    ["dist"] = new JsonObject { ["integrity"] = $"sha512-{Convert.ToBase64String(SHA512.HashData(bytes))}" },
                },
            },
            ["access"] = "public",
            ["_attachments"] = new JsonObject
            {
                [$"{name}-{version}.tgz"] = new JsonObject
                {
                    ["content_type"] = "application/octet-stream",
                    ["data"] = Convert.ToBase64String(bytes),
                    ["length"] = bytes.Length,
                },
            },
        };
        change?.Invoke(document);
        return document;
    }

    /// <summary>Pantry's multipart body, with the tarball first as its client sends it.</summary>
    public static MultipartFormDataContent PantryParts(string name, string version = "1.0.0")
    {
        var tarball = new ByteArrayContent(Tarball.Of(name, version));
        return new MultipartFormDataContent("----PantryFormBoundary")
        {
            { tarball, "tarball", "package.tgz" },
            { new StringContent(Metadata(name, version).ToJsonString(), Encoding.UTF8, "application/json"), "metadata" },
        };
    }

    /// <summary>Pantry's JSON body.</summary>
    public static JsonObject PantryJson(string name, string version = "1.0.0") => new()
    {
        ["metadata"] = Metadata(name, version),
        ["tarball"] = Convert.ToBase64String(Tarball.Of(name, version)),
    };

    private static JsonObject Metadata(string name, string version) => new()
    {
        ["name"] = name,
        ["version"] = version,
        ["description"] = "A pantry package",
        ["repository"] = new JsonObject { ["type"] = "git", ["url"] = "https://git.example.test/x" },
        ["keywords"] = new JsonArray("one", "two"),
    };
}
