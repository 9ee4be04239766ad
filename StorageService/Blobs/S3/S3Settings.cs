using System.Data.Common;
using System.Globalization;

namespace Registry.StorageService.Blobs.S3;

/// <summary>
/// Where an S3 store is and who we are to it: <c>Endpoint=https://host:port;Bucket=registry;AccessKey=…;SecretKey=…;Region=us-east-1</c>.
/// <c>AccessKeyFile</c> and <c>SecretKeyFile</c> name files that hold the keys instead; without any key the SDK looks for them where it
/// always does: the environment, a profile, the machine's role. Not a record: its text would hold the secret.
/// </summary>
internal sealed class S3Settings
{
    /// <summary>Name of the connection string.</summary>
    public const string ConnectionName = "s3";

    private const string Shape = "Endpoint, Bucket, Region, AccessKey, SecretKey, AccessKeyFile and SecretKeyFile";

    private static readonly string[] Known = ["Endpoint", "Bucket", "Region", "AccessKey", "SecretKey", "AccessKeyFile", "SecretKeyFile"];

    private S3Settings(DbConnectionStringBuilder parts)
    {
        Endpoint = ReadEndpoint(parts);
        Bucket = ReadBucket(parts);
        Region = Value(parts, "Region") ?? "us-east-1"; // what servers that know no regions expect in a signature
        AccessKey = ReadKey(parts, "AccessKey");
        SecretKey = ReadKey(parts, "SecretKey");
        if (AccessKey is null != SecretKey is null)
        {
            throw Wrong($"{(AccessKey is null ? "AccessKey" : "SecretKey")} is missing: give both keys, or neither to use the environment's");
        }
    }

    /// <summary>The server, without a path.</summary>
    public Uri Endpoint { get; }

    /// <summary>The bucket, which belongs to the registry alone.</summary>
    public string Bucket { get; }

    /// <summary>The region that requests are signed for.</summary>
    public string Region { get; }

    /// <summary>The public half of the credentials; null for the SDK's own search.</summary>
    public string? AccessKey { get; }

    /// <summary>The secret half.</summary>
    public string? SecretKey { get; }

    /// <summary>Reads a connection string.</summary>
    /// <exception cref="InvalidOperationException">It is not one; the sentence names the key at fault and repeats no value.</exception>
    public static S3Settings Parse(string text)
    {
        var parts = new DbConnectionStringBuilder();
        try
        {
            parts.ConnectionString = text;
        }
        catch (ArgumentException)
        {
            throw Wrong("it must be Key=Value pairs separated by semicolons; a value that holds a semicolon stands in double quotes");
        }

        // An unknown key is not repeated: it may be the rest of a secret that held a semicolon.
        return parts.Keys.Cast<string>().All(key => Known.Contains(key, StringComparer.OrdinalIgnoreCase))
            ? new S3Settings(parts)
            : throw Wrong($"it holds a key that is not known; the keys are {Shape}");
    }

    private static InvalidOperationException Wrong(string fault) =>
        new(string.Create(CultureInfo.InvariantCulture, $"ConnectionStrings:{ConnectionName} is not valid: {fault}."));

    private static string? Value(DbConnectionStringBuilder parts, string key) =>
        parts.TryGetValue(key, out var value) && value is string { Length: > 0 } text ? text : null;

    private static Uri ReadEndpoint(DbConnectionStringBuilder parts)
    {
        var text = Value(parts, "Endpoint") ?? throw Wrong("Endpoint is missing");
        return Uri.TryCreate(text, UriKind.Absolute, out var endpoint) && endpoint.Scheme is "http" or "https"
            && endpoint is { AbsolutePath: "/", Query: "", Fragment: "", UserInfo: "" }
            ? endpoint
            : throw Wrong("Endpoint must be http:// or https:// with a host, a port if need be, and nothing behind it");
    }

    private static string ReadBucket(DbConnectionStringBuilder parts)
    {
        var bucket = Value(parts, "Bucket") ?? throw Wrong("Bucket is missing");
        return bucket.Length is >= 3 and <= 63 && bucket.All(static letter => char.IsAsciiLetterLower(letter) || char.IsAsciiDigit(letter) || letter is '-' or '.')
            ? bucket
            : throw Wrong("Bucket must be 3 to 63 lower-case letters, digits, hyphens and dots");
    }

    private static string? ReadKey(DbConnectionStringBuilder parts, string key)
    {
        var file = Value(parts, $"{key}File");
        if (file is null)
        {
            return Value(parts, key);
        }

        if (Value(parts, key) is not null)
        {
            throw Wrong($"{key} and {key}File are both given");
        }

        try
        {
            return File.ReadAllText(file).Trim() is { Length: > 0 } text ? text : throw Wrong($"the file of {key}File is empty");
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw Wrong($"the file of {key}File cannot be read: {failure.Message}");
        }
    }
}
