using System.Security.Cryptography;

using Registry.StorageService.Blobs;

namespace Registry.StorageService.Tests.Blobs;

public sealed class BlobKeyTests
{
    private const string Digits = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    [Fact]
    public void A_key_reads_back_as_it_is_written()
    {
        var key = BlobKey.FromDigest(SHA256.HashData([]));

        key.ToString().ShouldBe($"sha256:{Digits}");
        BlobKey.Parse(key.ToString(), null).ShouldBe(key);
    }

    [Theory]
    [InlineData("")]
    [InlineData("sha256:")]
    [InlineData(Digits)]
    [InlineData("SHA256:" + Digits)]
    [InlineData("sha512:" + Digits)]
    [InlineData("sha256:" + Digits + "0")]
    [InlineData("sha256:E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855")]
    [InlineData("sha256:../../../../../../../../etc/passwd_________________________________")]
    [InlineData("sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b85٣")]
    public void Any_other_spelling_is_no_key(string text)
    {
        BlobKey.TryParse(text, null, out var key).ShouldBeFalse();
        key.ShouldBeNull();
        Should.Throw<FormatException>(() => BlobKey.Parse(text, null));
    }
}
