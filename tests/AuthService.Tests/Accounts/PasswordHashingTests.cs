using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;

using Registry.AuthService.Accounts;

namespace Registry.AuthService.Tests.Accounts;

/// <summary>The pool has one thread per processor to begin with: who keeps it keeps everybody waiting.</summary>
public sealed class PasswordHashingTests : IDisposable
{
    private readonly PasswordHashing _hashing = new(Options.Create(new AccountsOptions { PasswordIterations = 2_000_000 })); // a second and more

    [Fact]
    public async Task The_thread_that_asks_is_free_before_the_hash_is_there()
    {
        var hashing = _hashing.HashAsync("correct horse battery", TestContext.Current.CancellationToken);
        hashing.IsCompleted.ShouldBeFalse();
        var hash = await hashing;

        var verifying = _hashing.VerifyAsync(hash, "correct horse battery", TestContext.Current.CancellationToken);
        verifying.IsCompleted.ShouldBeFalse();
        (await verifying).ShouldBe(PasswordVerificationResult.Success);
    }

    public void Dispose() => _hashing.Dispose();
}
