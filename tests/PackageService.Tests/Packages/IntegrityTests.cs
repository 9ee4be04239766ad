using System.Security.Cryptography;

using Registry.PackageService.Packages;

namespace Registry.PackageService.Tests.Packages;

public sealed class IntegrityTests
{
    private static readonly Integrity Abc = Of("abc"u8);

    [Fact]
    public void Digests_are_spelt_as_the_protocols_spell_them()
    {
        // The test vectors of FIPS 180-2.
        Abc.Shasum.ShouldBe("a9993e364706816aba3e25717850c26c9cd0d89d");
        Abc.Digest.ShouldBe("sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        Abc.Sri.ShouldBe("sha512-3a81oZNherrMQXNJriBBMRLm+k6JqX6iCp7u5ktV05ohkpkqJ0/BqDa6PCOj/uu9RU1EI2Q86A4qmslPpUyknw==");
    }

    [Fact]
    public void The_strongest_algorithm_decides()
    {
        var other = Of("other"u8);
        Abc.Compare(Abc.Sri).ShouldBe(IntegrityMatch.Same);
        Abc.Compare(other.Sri).ShouldBe(IntegrityMatch.Different);
        Abc.Compare($"{other.Sri} {Abc.Sri}").ShouldBe(IntegrityMatch.Same);
        Abc.Compare($"{Abc.Sri}?option sha1-{Convert.ToBase64String(other.Sha1)}").ShouldBe(IntegrityMatch.Same);
        Abc.Compare($"{other.Sri} sha1-{Convert.ToBase64String(Abc.Sha1)}").ShouldBe(IntegrityMatch.Different);
        Abc.Compare($"sha1-{Convert.ToBase64String(Abc.Sha1)}").ShouldBe(IntegrityMatch.Same);
    }

    [Theory]
    [InlineData("")]
    [InlineData("md5-rL0Y20zC+Fzt72VPzMSk2A==")]
    [InlineData("sha512-")]
    [InlineData("sha512-%%%%")]
    [InlineData("sha512-AAAA")]
    [InlineData("nonsense")]
    public void Claims_that_cannot_be_checked_say_so(string claim) => Abc.Compare(claim).ShouldBe(IntegrityMatch.Unreadable);

    [Fact]
    public void A_shasum_is_compared_without_regard_to_case()
    {
        Abc.CompareShasum(Abc.Shasum.ToUpperInvariant()).ShouldBe(IntegrityMatch.Same);
        Abc.CompareShasum(new string('0', 40)).ShouldBe(IntegrityMatch.Different);
        Abc.CompareShasum("a9993e").ShouldBe(IntegrityMatch.Unreadable);
    }

#pragma warning disable CA5350 // the protocol's legacy shasum
    private static Integrity Of(ReadOnlySpan<byte> bytes) => new(SHA512.HashData(bytes), SHA256.HashData(bytes), SHA1.HashData(bytes));
#pragma warning restore CA5350
}
