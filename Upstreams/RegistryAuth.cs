using System.Net.Http.Headers;
using System.Text;

namespace Registry.Upstreams;

/// <summary>What a registry is shown to be let in (M29–M34). Its text never holds the secret, so that it can be logged.</summary>
public abstract record RegistryAuth
{
    private RegistryAuth()
    {
    }

    /// <summary>Nothing is sent.</summary>
    public static RegistryAuth None { get; } = new Nothing();

    /// <summary>What it is called in a configuration.</summary>
    internal abstract string Type { get; }

    /// <summary>Puts it on a request.</summary>
    internal abstract void Apply(HttpRequestHeaders headers);

    /// <summary>The kind, without what is secret.</summary>
    public sealed override string ToString() => Type;

    /// <summary><c>Authorization: Bearer …</c>.</summary>
    /// <param name="Token">The token.</param>
    public sealed record Bearer(string Token) : RegistryAuth
    {
        internal override string Type => "bearer";

        internal override void Apply(HttpRequestHeaders headers) => headers.Authorization = new AuthenticationHeaderValue("Bearer", Token);
    }

    /// <summary><c>Authorization: Basic …</c> (RFC 7617, UTF-8).</summary>
    /// <param name="Username">The user.</param>
    /// <param name="Password">The password, or a token where the server takes one in its place.</param>
    public sealed record Basic(string Username, string Password) : RegistryAuth
    {
        internal override string Type => "basic";

        internal override void Apply(HttpRequestHeaders headers) =>
            headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{Username}:{Password}")));
    }

    /// <summary>The identity token a CI system made, sent as a bearer token (M33).</summary>
    /// <param name="Token">The token.</param>
    public sealed record Oidc(string Token) : RegistryAuth
    {
        internal override string Type => "oidc";

        internal override void Apply(HttpRequestHeaders headers) => headers.Authorization = new AuthenticationHeaderValue("Bearer", Token);
    }

    /// <summary>A header of the server's own, such as <c>X-API-Key</c>.</summary>
    /// <param name="Name">The header.</param>
    /// <param name="Value">What it holds.</param>
    public sealed record Custom(string Name, string Value) : RegistryAuth
    {
        internal override string Type => "custom";

        internal override void Apply(HttpRequestHeaders headers) => headers.TryAddWithoutValidation(Name, Value);
    }

    private sealed record Nothing : RegistryAuth
    {
        internal override string Type => "none";

        internal override void Apply(HttpRequestHeaders headers)
        {
        }
    }
}
