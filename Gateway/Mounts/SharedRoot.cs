using Microsoft.Extensions.Primitives;

using Registry.Contracts.Http;
using Registry.ServiceDefaults.Routing;

namespace Registry.Gateway.Mounts;

/// <summary>
/// Decides between pantry and npm where both live at one root (K23). Pantry's documented paths are reserved words
/// there, but a request that shows npm's fingerprint means the package of that name.
/// </summary>
internal static class SharedRoot
{
    private static readonly string[] NpmAgents = ["npm/", "pnpm/", "yarn/", "Bun/"];

    /// <summary>Media type of the abbreviated packument, which only package managers ask for.</summary>
    public const string AbbreviatedType = "application/vnd.npm.install-v1+json";

    public static string DialectOf(HttpRequest request, string target) =>
        !HasNpmFingerprint(request.Headers) && IsPantrys(request.Method, target) ? Dialects.Pantry : Dialects.Npm;

    public static bool HasNpmFingerprint(IHeaderDictionary headers) =>
        headers.ContainsKey("npm-command")
        || headers.Accept.ToString().Contains(AbbreviatedType, StringComparison.OrdinalIgnoreCase)
        || IsNpmAgent(headers.UserAgent);

    private static bool IsNpmAgent(StringValues agent)
    {
        var text = agent.Count == 1 ? agent.ToString() : "";
        foreach (var known in NpmAgents)
        {
            if (text.StartsWith(known, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsPantrys(string method, string target)
    {
        if (TargetPath.Normalise(target) is not { } path || !IsReserved(path))
        {
            return false;
        }

        var segments = path[1..].Split('/');
        return HttpMethods.IsPost(method) ? IsPantrysWrite(segments)
            : HttpMethods.IsGet(method) || HttpMethods.IsHead(method) ? IsPantrysRead(segments)
            : HttpMethods.IsOptions(method) && (IsPantrysWrite(segments) || IsPantrysRead(segments));
    }

    private static bool IsReserved(string path)
    {
        var rest = path.AsSpan(1);
        var end = rest.IndexOf('/');
        return (end < 0 ? rest : rest[..end]) is "publish" or "packages" or "search" or "health";
    }

    private static bool IsPantrysWrite(string[] segments) => segments is ["publish"] or ["packages"] or ["packages", "publish"];

    // No package is called "-": that is a tarball of the npm package "packages".
    private static bool IsPantrysRead(string[] segments) =>
        segments switch
        {
            ["search"] or ["health"] => true,
            ["packages", "-" or "", ..] => false,
            ["packages", _] or ["packages", _, not ""] or ["packages", _, not "", "tarball"] => true,
            _ => false,
        };
}
