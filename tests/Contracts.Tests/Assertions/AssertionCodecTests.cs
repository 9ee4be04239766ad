using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

using Microsoft.Extensions.Options;

using Registry.Contracts.Http;
using Registry.ServiceDefaults;
using Registry.ServiceDefaults.Assertions;
using Registry.Testing;

namespace Registry.Contracts.Tests.Assertions;

public sealed class AssertionCodecTests : IDisposable
{
    private static readonly Caller Ada = TestKeys.User("ada");
    private static readonly MountContext Npm = TestKeys.Mount(Dialects.Npm);

    private readonly SetClock _clock = new();
    private readonly AssertionCodec _codec;

    public AssertionCodecTests() =>
        _codec = new AssertionCodec(
            Options.Create(new AssertionOptions { GatewayKey = TestKeys.Gateway, ServicesKey = TestKeys.Services }), _clock);

    public void Dispose() => _codec.Dispose();

    [Fact]
    public void A_users_assertion_says_who_asks_through_which_mount_from_where()
    {
        var text = _codec.SignUser([ServiceNames.Packages], Ada, Npm, "192.0.2.7");

        var assertion = _codec.Verify(text, ServiceNames.Packages).ShouldNotBeNull();

        assertion.Kind.ShouldBe(AssertionKind.User);
        assertion.Issuer.ShouldBe(ServiceNames.Gateway);
        assertion.Caller.ShouldNotBeNull().UserName.ShouldBe("ada");
        assertion.Mount.ShouldBe(Npm);
        assertion.ClientAddress.ShouldBe("192.0.2.7");
    }

    [Fact]
    public void Keys_may_be_on_one_line_as_files_of_variables_have_them()
    {
        var options = new AssertionOptions { GatewayKey = TestKeys.Gateway.ReplaceLineEndings(""), ServicesKey = TestKeys.Services.ReplaceLineEndings("") };
        using var other = new AssertionCodec(Options.Create(options), _clock);

        other.Verify(_codec.SignUser([ServiceNames.Packages], Ada, Npm, null), ServiceNames.Packages).ShouldNotBeNull();
    }

    [Fact]
    public void An_assertion_for_another_service_is_refused() =>
        _codec.Verify(_codec.SignUser([ServiceNames.Packages], Ada, Npm, null), ServiceNames.Storage).ShouldBeNull();

    [Fact]
    public void An_assertion_expires_after_a_minute()
    {
        var text = _codec.SignUser([ServiceNames.Packages], Ada, Npm, null);

        _clock.Now += TimeSpan.FromSeconds(59);
        _codec.Verify(text, ServiceNames.Packages).ShouldNotBeNull();
        _clock.Now += TimeSpan.FromSeconds(1);
        _codec.Verify(text, ServiceNames.Packages).ShouldBeNull();
    }

    [Fact]
    public void An_assertion_from_the_future_is_refused_beyond_a_small_skew()
    {
        var text = _codec.SignUser([ServiceNames.Packages], Ada, Npm, null);

        _clock.Now -= TimeSpan.FromSeconds(5);
        _codec.Verify(text, ServiceNames.Packages).ShouldNotBeNull();
        _clock.Now -= TimeSpan.FromSeconds(1);
        _codec.Verify(text, ServiceNames.Packages).ShouldBeNull();
    }

    [Fact]
    public void A_longer_lifetime_than_a_minute_is_refused_even_when_signed()
    {
        var assertion = UserAssertion() with { ExpiresAt = _clock.Seconds + 61 };

        _codec.Verify(Forge(TestKeys.Gateway, "gateway", assertion with { ExpiresAt = _clock.Seconds + 60 }), ServiceNames.Packages).ShouldNotBeNull();
        _codec.Verify(Forge(TestKeys.Gateway, "gateway", assertion), ServiceNames.Packages).ShouldBeNull();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void Changing_a_single_character_of_any_part_breaks_it(int part)
    {
        var parts = _codec.SignUser([ServiceNames.Packages], Ada, Npm, null).Split('.');
        for (var i = 0; i < parts[part].Length - 1; i++) // the last character may carry unused bits
        {
            var tampered = parts.ToArray();
            tampered[part] = Replace(parts[part], i);

            _codec.Verify(string.Join('.', tampered), ServiceNames.Packages).ShouldBeNull($"part {part}, character {i}");
        }
    }

    [Fact]
    public void The_services_key_does_not_speak_for_a_user()
    {
        _codec.Verify(Forge(TestKeys.Services, "services", UserAssertion()), ServiceNames.Packages).ShouldBeNull();
        _codec.Verify(Forge(TestKeys.Services, "gateway", UserAssertion()), ServiceNames.Packages).ShouldBeNull();
    }

    [Fact]
    public void The_services_key_does_not_speak_for_the_gateway()
    {
        var assertion = ServiceAssertion(ServiceNames.Gateway);

        _codec.Verify(Forge(TestKeys.Gateway, "gateway", assertion), ServiceNames.Packages).ShouldNotBeNull();
        _codec.Verify(Forge(TestKeys.Services, "services", assertion), ServiceNames.Packages).ShouldBeNull();
    }

    [Fact]
    public void The_gateways_key_does_not_speak_for_a_service() =>
        _codec.Verify(Forge(TestKeys.Gateway, "gateway", ServiceAssertion(ServiceNames.Search)), ServiceNames.Packages).ShouldBeNull();

    [Fact]
    public void A_users_assertion_needs_a_caller_and_a_mount()
    {
        _codec.Verify(Forge(TestKeys.Gateway, "gateway", UserAssertion() with { Caller = null }), ServiceNames.Packages).ShouldBeNull();
        _codec.Verify(Forge(TestKeys.Gateway, "gateway", UserAssertion() with { Mount = null }), ServiceNames.Packages).ShouldBeNull();
    }

    [Theory]
    [InlineData("none")]
    [InlineData("HS256")]
    [InlineData("ES384")]
    [InlineData("es256")]
    public void Any_algorithm_but_ES256_is_refused(string algorithm)
    {
        var parts = Forge(TestKeys.Gateway, "gateway", UserAssertion(), algorithm).Split('.');

        _codec.Verify(string.Join('.', parts), ServiceNames.Packages).ShouldBeNull();
        _codec.Verify($"{parts[0]}.{parts[1]}.", ServiceNames.Packages).ShouldBeNull();
    }

    [Theory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("..")]
    [InlineData("a.b.c")]
    [InlineData("!.!.!")]
    [InlineData("bnVsbA.bnVsbA.bnVsbA")] // base64url of null
    [InlineData("a.b.c.d")]
    public void A_text_that_is_no_assertion_is_refused_quietly(string text) =>
        _codec.Verify(text, ServiceNames.Packages).ShouldBeNull();

    [Fact]
    public void A_service_reuses_its_assertion_for_half_its_life_only()
    {
        var first = _codec.SignService(ServiceNames.Search, ServiceNames.Packages);
        _clock.Now += TimeSpan.FromSeconds(29);
        _codec.SignService(ServiceNames.Search, ServiceNames.Packages).ShouldBe(first);
        _codec.SignService(ServiceNames.Search, ServiceNames.Storage).ShouldNotBe(first);

        _clock.Now += TimeSpan.FromSeconds(1);
        var second = _codec.SignService(ServiceNames.Search, ServiceNames.Packages);

        second.ShouldNotBe(first);
        _codec.Verify(second, ServiceNames.Packages).ShouldNotBeNull().Kind.ShouldBe(AssertionKind.Service);
    }

    [Fact]
    public void The_public_half_of_the_gateways_key_checks_but_cannot_sign()
    {
        using var gateway = ECDsa.Create();
        gateway.ImportFromPem(TestKeys.Gateway);
        using var service = new AssertionCodec(
            Options.Create(new AssertionOptions { GatewayKey = gateway.ExportSubjectPublicKeyInfoPem(), ServicesKey = TestKeys.Services }), _clock);

        service.Verify(_codec.SignUser([ServiceNames.Packages], Ada, Npm, null), ServiceNames.Packages).ShouldNotBeNull();
        Should.Throw<CryptographicException>(() => service.SignUser([ServiceNames.Packages], Ada, Npm, null));
    }

    [Fact]
    public void A_key_on_another_curve_is_refused_at_start()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        var options = Options.Create(new AssertionOptions { GatewayKey = key.ExportPkcs8PrivateKeyPem(), ServicesKey = TestKeys.Services });

        Should.Throw<CryptographicException>(() => new AssertionCodec(options, _clock));
    }

    private static string Replace(string text, int index) =>
        string.Concat(text.AsSpan(0, index), text[index] == 'A' ? "B" : "A", text.AsSpan(index + 1));

    private static string Forge(string pem, string keyId, Assertion assertion, string algorithm = "ES256")
    {
        using var key = ECDsa.Create();
        key.ImportFromPem(pem);
        var header = Base64Url.EncodeToString(Encoding.UTF8.GetBytes($$"""{"alg":"{{algorithm}}","kid":"{{keyId}}"}"""));
        var body = Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(assertion, RegistryJson.Options));
        var signature = key.SignData(
            Encoding.ASCII.GetBytes($"{header}.{body}"), HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
        return $"{header}.{body}.{Base64Url.EncodeToString(signature)}";
    }

    private Assertion UserAssertion() => new()
    {
        Issuer = ServiceNames.Gateway,
        Audience = [ServiceNames.Packages],
        Kind = AssertionKind.User,
        IssuedAt = _clock.Seconds,
        ExpiresAt = _clock.Seconds + 60,
        Caller = Ada,
        Mount = Npm,
    };

    private Assertion ServiceAssertion(string issuer) => new()
    {
        Issuer = issuer,
        Audience = [ServiceNames.Packages],
        Kind = AssertionKind.Service,
        IssuedAt = _clock.Seconds,
        ExpiresAt = _clock.Seconds + 60,
    };

    private sealed class SetClock : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = new(2026, 3, 14, 15, 9, 26, TimeSpan.Zero);

        public long Seconds => Now.ToUnixTimeSeconds();

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
