using Microsoft.AspNetCore.Http;

using Registry.Contracts.Http;
using Registry.Testing;

namespace Registry.Gateway.Tests.Caching;

/// <summary>Answers about packuments at wire level as PackageService does.</summary>
internal static class PackumentPeer
{
    public static async Task AnswerAsync(HttpContext context, int version)
    {
        var name = context.Request.Path.Value!.TrimStart('/');
        var (headers, assertion) = (context.Response.Headers, TestKeys.Codec.Verify(context.Request.Headers[InternalHeaders.Assertion]!, ServiceNames.Packages)!);
        if (HttpMethods.IsPut(context.Request.Method))
        {
            headers[InternalHeaders.Changed] = name == "upstreams" ? InternalHeaders.Upstreams : $"main/{name}";
            await context.Response.WriteAsync("{}");
            return;
        }

        if (assertion.Caller!.Credential == CredentialState.Rejected)
        {
            headers["npm-notice"] = "log in again";
        }

        var isAbbreviated = context.Request.Headers.Accept.ToString().Contains("install-v1", StringComparison.Ordinal);
        var body = $$"""{"name":"{{name}}","form":"{{(isAbbreviated ? "abbreviated" : "all")}}","rev":"{{name}}-{{version}}","url":"{{assertion.Mount!.PublicUrl}}"}""";
        headers.ETag = $"\"{name}-{version}\"";
        headers.Vary = name == "with-vary" ? "Accept, Authorization" : "Accept, Accept-Encoding";
        context.Response.ContentType = isAbbreviated ? "application/vnd.npm.install-v1+json" : "application/json";
        context.Response.StatusCode = name == "missing" ? 404 : 200;
        Allow(headers, name);

        if (name == "with-cookie")
        {
            headers.SetCookie = "a=b";
        }

        headers.ContentEncoding = CodingFor(context.Request.Headers.AcceptEncoding.ToString()); // only the header matters here
        body += name == "large" ? new string(' ', 9 * 1024 * 1024) : "";
        context.Response.ContentLength = name == "chunked" ? null : body.Length;
        await context.Response.WriteAsync(body);
    }

    private static string? CodingFor(string accepted) =>
        accepted.Length == 0 ? null
        : accepted.Contains("br", StringComparison.Ordinal) && !accepted.Contains("br;q=0", StringComparison.Ordinal) ? "br"
        : "gzip";

    private static void Allow(IHeaderDictionary headers, string name)
    {
        if (name != "restricted")
        {
            headers[InternalHeaders.Cacheable] = $"main/{name}";
        }

        if (name.StartsWith("theirs", StringComparison.Ordinal))
        {
            headers[InternalHeaders.CacheableWith] = name.EndsWith("formerly", StringComparison.Ordinal) ? "those before" : "those now";
            headers[InternalHeaders.CacheableFor] = name.EndsWith("briefly", StringComparison.Ordinal) ? "1" : "60";
        }
    }
}
