using Registry.StorageService.Blobs.S3;

namespace Registry.StorageService.Tests.Blobs.S3;

public sealed class S3SettingsTests : IDisposable
{
    private readonly string _file = Path.GetTempFileName();

    public void Dispose() => File.Delete(_file);

    [Fact]
    public void A_connection_string_is_read()
    {
        var settings = S3Settings.Parse("Endpoint=https://s3.example.test:9000;Bucket=registry;AccessKey=us;SecretKey=a+b/c==;Region=eu-central-1");

        (settings.Endpoint, settings.Bucket, settings.Region).ShouldBe((new Uri("https://s3.example.test:9000"), "registry", "eu-central-1"));
        (settings.AccessKey, settings.SecretKey).ShouldBe(("us", "a+b/c=="));
    }

    [Fact]
    public void Without_keys_the_sdk_looks_for_them_and_the_region_has_a_default()
    {
        var settings = S3Settings.Parse("endpoint=http://127.0.0.1:9000/;bucket=registry");

        (settings.AccessKey, settings.SecretKey, settings.Region).ShouldBe((null, null, "us-east-1"));
    }

    [Fact]
    public void Keys_can_come_from_files()
    {
        File.WriteAllText(_file, "from-a-file\n");

        S3Settings.Parse($"Endpoint=http://s3.example.test;Bucket=registry;AccessKey=us;SecretKeyFile={_file}").SecretKey.ShouldBe("from-a-file");
    }

    [Theory]
    [InlineData("Bucket=registry", "Endpoint is missing")]
    [InlineData("Endpoint=s3.example.test;Bucket=registry", "Endpoint must be")]
    [InlineData("Endpoint=http://s3.example.test/path;Bucket=registry", "Endpoint must be")]
    [InlineData("Endpoint=http://us:hidden@s3.example.test;Bucket=registry", "Endpoint must be")]
    [InlineData("Endpoint=http://s3.example.test", "Bucket is missing")]
    [InlineData("Endpoint=http://s3.example.test;Bucket=../x", "Bucket must be")]
    [InlineData("Endpoint=http://s3.example.test;Bucket=registry;AccessKey=us", "SecretKey is missing")]
    [InlineData("Endpoint=http://s3.example.test;Bucket=registry;SecretKey=hidden", "AccessKey is missing")]
    [InlineData("Endpoint=http://s3.example.test;Bucket=registry;AccessKey=us;SecretKey=a;hidden=b", "key that is not known")]
    [InlineData("Endpoint=http://s3.example.test;Bucket=registry;AccessKey=us;SecretKey=a;hidden", "Key=Value")]
    [InlineData("Endpoint=http://s3.example.test;Bucket=registry;AccessKey=us;SecretKey=hidden;SecretKeyFile=x", "both given")]
    [InlineData("Endpoint=http://s3.example.test;Bucket=registry;AccessKey=us;SecretKeyFile=/nowhere/at/all", "SecretKeyFile cannot be read")]
    public void What_is_wrong_is_named_and_no_secret_repeated(string text, string fault)
    {
        var failure = Should.Throw<InvalidOperationException>(() => S3Settings.Parse(text));

        failure.Message.ShouldContain(fault);
        failure.Message.ShouldContain("ConnectionStrings:s3");
        failure.ToString().ShouldNotContain("hidden");
    }
}
