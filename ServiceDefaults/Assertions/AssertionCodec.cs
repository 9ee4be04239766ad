using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

using Microsoft.Extensions.Options;

using Registry.Contracts.Http;

namespace Registry.ServiceDefaults.Assertions;

/// <summary>
/// Signs and checks assertions: compact JWS (RFC 7515) with the algorithm fixed to ES256 and two known keys, so that
/// nothing about trust is read from the text itself beyond which of the two signed.
/// </summary>
public sealed class AssertionCodec : IDisposable
{
    /// <summary>How long an assertion lives.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(60);

    private const int MostVerified = 1000;
    private const string GatewayKeyId = "gateway";
    private const string ServicesKeyId = "services";
    private static readonly TimeSpan Skew = TimeSpan.FromSeconds(5);

    private readonly ECDsa _gateway;
    private readonly ECDsa _services;
    private readonly TimeProvider _clock;
    private readonly ConcurrentDictionary<(string Issuer, string Audience), (long Until, string Text)> _serviceAssertions = new();
    private readonly ConcurrentDictionary<string, (Assertion Assertion, string KeyId)> _verified = new(StringComparer.Ordinal);

    /// <summary>Reads the keys.</summary>
    /// <exception cref="CryptographicException">A key is not the PEM of a P-256 key.</exception>
    public AssertionCodec(IOptions<AssertionOptions> options, TimeProvider clock)
    {
        _gateway = AssertionOptions.Import(options.Value.GatewayKey);
        _services = AssertionOptions.Import(options.Value.ServicesKey);
        _clock = clock;
    }

    /// <summary>An assertion for a user, signed by the Gateway.</summary>
    public string SignUser(IReadOnlyList<string> audience, Caller caller, MountContext mount, string? clientAddress)
    {
        var now = _clock.GetUtcNow().ToUnixTimeSeconds();
        return Sign(_gateway, GatewayKeyId, new Assertion
        {
            Issuer = ServiceNames.Gateway,
            Audience = audience,
            Kind = AssertionKind.User,
            IssuedAt = now,
            ExpiresAt = now + (long)Lifetime.TotalSeconds,
            Caller = caller,
            Mount = mount,
            ClientAddress = clientAddress,
        });
    }

    /// <summary>An assertion of a service for a call of its own; reused for half its lifetime.</summary>
    public string SignService(string issuer, string audience)
    {
        var now = _clock.GetUtcNow().ToUnixTimeSeconds();
        if (_serviceAssertions.TryGetValue((issuer, audience), out var kept) && kept.Until > now)
        {
            return kept.Text;
        }

        var (key, id) = issuer == ServiceNames.Gateway ? (_gateway, GatewayKeyId) : (_services, ServicesKeyId);
        var text = Sign(key, id, new Assertion
        {
            Issuer = issuer,
            Audience = [audience],
            Kind = AssertionKind.Service,
            IssuedAt = now,
            ExpiresAt = now + (long)Lifetime.TotalSeconds,
        });
        _serviceAssertions[(issuer, audience)] = (now + ((long)Lifetime.TotalSeconds / 2), text);
        return text;
    }

    /// <summary>Checks signature, lifetime and audience.</summary>
    /// <returns>The assertion, or null when any of them does not hold.</returns>
    public Assertion? Verify(string text, string audience)
    {
        var (assertion, keyId) = ReadSigned(text);
        return assertion is not null
            && IsWithinLifetime(assertion, _clock.GetUtcNow().ToUnixTimeSeconds())
            && assertion.Audience.Contains(audience)
            && MaySay(keyId, assertion)
            ? assertion
            : null;
    }

    /// <summary>What a key of ours signed. Senders use an assertion for many requests, and a signature stays valid: it is computed once.</summary>
    private (Assertion? Assertion, string KeyId) ReadSigned(string text)
    {
        if (_verified.TryGetValue(text, out var known))
        {
            return known;
        }

        var parts = text.Split('.');
        if (parts.Length != 3 || KeyOf(parts[0]) is not { } key || !HasValidSignature(key.Key, parts) || Read<Assertion>(parts[1]) is not { } assertion)
        {
            return (null, "");
        }

        if (_verified.Count >= MostVerified)
        {
            _verified.Clear(); // most of them are over
        }

        _verified[text] = (assertion, key.Id);
        return (assertion, key.Id);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _gateway.Dispose();
        _services.Dispose();
    }

    private static bool IsWithinLifetime(Assertion assertion, long now) =>
        assertion.ExpiresAt > now
        && assertion.IssuedAt <= now + (long)Skew.TotalSeconds
        && assertion.ExpiresAt - assertion.IssuedAt <= (long)Lifetime.TotalSeconds;

    private static bool MaySay(string keyId, Assertion assertion) =>
        assertion.Kind switch
        {
            AssertionKind.User => keyId == GatewayKeyId && assertion is { Caller: not null, Mount: not null },
            AssertionKind.Service => keyId == GatewayKeyId == (assertion.Issuer == ServiceNames.Gateway),
            _ => false,
        };

    private static bool HasValidSignature(ECDsa key, string[] parts)
    {
        try
        {
            return key.VerifyData(
                Encoding.ASCII.GetBytes($"{parts[0]}.{parts[1]}"),
                Base64Url.DecodeFromChars(parts[2]),
                HashAlgorithmName.SHA256,
                DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
        }
        catch (FormatException)
        {
            return false;
        }
    }

    private static string Sign(ECDsa key, string keyId, Assertion assertion)
    {
        var header = Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(new JwsHeader("ES256", keyId), RegistryJson.Options));
        var body = Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(assertion, RegistryJson.Options));
        var signature = key.SignData(
            Encoding.ASCII.GetBytes($"{header}.{body}"),
            HashAlgorithmName.SHA256,
            DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
        return $"{header}.{body}.{Base64Url.EncodeToString(signature)}";
    }

    private static T? Read<T>(string part)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize<T>(Base64Url.DecodeFromChars(part), RegistryJson.Options);
        }
        catch (Exception unreadable) when (unreadable is FormatException or JsonException)
        {
            return null;
        }
    }

    private (ECDsa Key, string Id)? KeyOf(string header) =>
        Read<JwsHeader>(header) switch
        {
            { Alg: "ES256", Kid: GatewayKeyId } => (_gateway, GatewayKeyId),
            { Alg: "ES256", Kid: ServicesKeyId } => (_services, ServicesKeyId),
            _ => null,
        };

    private sealed record JwsHeader(string Alg, string Kid);
}
