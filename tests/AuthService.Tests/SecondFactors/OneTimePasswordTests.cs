using System.Text;

using Microsoft.Extensions.Options;

using Registry.AuthService.SecondFactors;

namespace Registry.AuthService.Tests.SecondFactors;

public sealed class OneTimePasswordTests
{
    // The secret of RFC 6238's appendix B; its codes have eight digits, of which these are the last six.
    private static readonly byte[] Secret = Encoding.ASCII.GetBytes("12345678901234567890");

    [Theory]
    [InlineData(59, "287082")]
    [InlineData(1111111109, "081804")]
    [InlineData(1111111111, "050471")]
    [InlineData(1234567890, "005924")]
    [InlineData(2000000000, "279037")]
    [InlineData(20000000000, "353130")]
    public void Codes_are_those_of_the_standard(long seconds, string code) => OneTimePassword.CodeAt(seconds / 30, Secret).ShouldBe(code);

    [Theory]
    [InlineData(-2, false)]
    [InlineData(-1, true)]
    [InlineData(0, true)]
    [InlineData(1, true)]
    [InlineData(2, false)]
    public void A_code_is_good_for_a_step_to_either_side(int steps, bool isGood)
    {
        var now = DateTimeOffset.FromUnixTimeSeconds(1_800_000_000);
        var step = (now.ToUnixTimeSeconds() / 30) + steps;

        OneTimePassword.StepOf(OneTimePassword.CodeAt(step, Secret), Secret, now).ShouldBe(isGood ? step : null);
    }

    [Fact]
    public void An_authenticator_is_given_the_secret_in_base_32()
    {
        OneTimePassword.TextOf(Secret).ShouldBe("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"); // as RFC 4648 writes it
        OneTimePassword.AddressOf("packages.example.test", "a b", Secret)
            .ShouldBe("otpauth://totp/packages.example.test:a%20b?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=packages.example.test");
    }

    [Fact]
    public void A_kept_secret_is_read_with_the_same_key_for_the_same_account_and_unaltered()
    {
        var protection = Protection("a key of twenty-four characters");
        var kept = protection.Protect(Secret, "alice");
        var altered = kept.ToArray();
        altered[^1] ^= 1;

        kept.AsSpan().IndexOf(Secret).ShouldBe(-1);
        protection.Protect(Secret, "alice").ShouldNotBe(kept);
        protection.Unprotect(kept, "alice").ShouldBe(Secret);
        protection.Unprotect(kept, "bob").ShouldBeNull();
        protection.Unprotect(altered, "alice").ShouldBeNull();
        protection.Unprotect([1, 2, 3], "alice").ShouldBeNull();
        Protection("another key of some length").Unprotect(kept, "alice").ShouldBeNull();
        Protection(null).IsPossible.ShouldBeFalse();
    }

    private static SecretProtection Protection(string? key) => new(Options.Create(new SecondFactorOptions { Key = key }));
}
