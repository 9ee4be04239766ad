using System.Globalization;
using System.IO.Compression;
using System.Text;

namespace Registry.EndToEnd.Tests.Running;

/// <summary>A request made wrong in one to three places, the same one for the same number.</summary>
public sealed class Mutation
{
    private static readonly string[] Methods = ["GET", "HEAD", "PUT", "POST", "DELETE", "PATCH", "OPTIONS", "TRACE", "FOO"];

    private static readonly string[] Pieces =
    [
        "%", "%00", "%zz", "%c0%ae", "..", "%2e%2e", "/", "//", "\\", "%2f", "%252f", "@", "@@", "@a/", "?", "#", "+", ";", "'", "\"", "<script>", "~", "!", "*", "(", ":", "%0d%0a", "%20",
        "%e2%80%ae", "%f0%9f%98%80", "%ff", "node_modules", "__proto__", "undefined", "-rev", "-", "_", ".", "1.0.0", "latest", "^1", "00000", "99999999999999999999", "-1", new('a', 300), new('a', 5000),
    ];

    private static readonly string[] Queries =
    [
        "write=true", "write=true&write=false", "explain=1", "format=cli", "size=-1", "size=99999999999999", "from=2147483647", "limit=0", "limit=1e9", "since=abc", "since=-5", "text=", "text=%00",
        "q=%ff", "perPage=0&page=-1", "after=x", "key=x", "key=%22", "user=%22", "feed=continuous", "include_docs=true", "=&=&&=", new('q', 3000),
    ];

    private static readonly string[] Headers =
    [
        "Accept: application/vnd.npm.install-v1+json; q=nan, */*;;;", "Accept: \u0001", "Accept-Encoding: br;q=0, gzip;q=2, *", "Authorization: Bearer", "Authorization: Bearer reg_" + new string('x', 9000),
        "Authorization: Basic !!!!", "Authorization: Basic Og==", "Authorization: Digest a=b", "If-None-Match: \"", "If-None-Match: W/\"x\", *", "If-Modified-Since: yesterday", "If-Modified-Since: Thu, 01 Jan 1970 00:00:00 GMT",
        "Range: bytes=5-1", "Range: bytes=0-0,2-2,4-4", "Range: bytes=-99999999999999999999", "Content-Encoding: gzip", "Content-Encoding: br", "Content-Encoding: gzip, gzip", "Content-Type: text/plain",
        "Content-Type: multipart/form-data", "Content-Type: multipart/form-data; boundary=\"\"", "Content-Type: ;;;=", "npm-session: " + new string('s', 2000), "npm-otp: 000000", "npm-otp: " + new string('9', 500),
        "npm-auth-type: web", "npm-command: \u00e9", "X-Registry-Assertion: e30.e30.e30", "X-Registry-Blob: sha256:00", "X-Forwarded-For: 1.2.3.4", "X-Forwarded-Host: evil.example.test", "X-Forwarded-Proto: gopher",
        "traceparent: 00-zz-zz-zz", "Cache-Control: no-cache", "Expect: 100-continue", "User-Agent: pnpm/11.0.0", "User-Agent: npm/6.0.0", "Cookie: a=b; c", "Connection: Upgrade", "Upgrade: websocket", "X-Long: " + new string('x', 12000),
    ];

    private static readonly string[] Values =
    [
        "null", "true", "[]", "{}", "\"\"", "0", "-1", "1e999", "99999999999999999999999999", "\"\\u0000\"", "\"\\ud800\"", "\"__proto__\"", "\"1.0.0\"", "[[[[[[[[]]]]]]]]", "{\"a\":{\"a\":{}}}", "\"../../etc/passwd\"",
        "[null]", "\"" + new string('z', 70_000) + "\"", new string('[', 3000) + new string(']', 3000),
    ];

    private readonly Dice _dice;
    private readonly RequestSeed _seed;
    private readonly List<string> _headers = [];
    private string _method;
    private string _target;
    private byte[]? _body;

    private Mutation(int number, string token)
    {
        _dice = new Dice(number);
        _seed = RequestSeed.All[number % RequestSeed.All.Count]; // every route as often as every other
        (_method, _target, _body) = (_seed.Method, _seed.Target, _seed.Body is { } body ? Encoding.UTF8.GetBytes(body) : null);
        if (_dice.Next(4) > 0)
        {
            _headers.Add($"Authorization: Bearer {token}");
        }

        if (_body is not null)
        {
            _headers.Add($"Content-Type: {_seed.ContentType}");
        }
    }

    /// <summary>It goes to the listener of the web pages.</summary>
    public bool IsNative => _seed.IsNative;

    /// <summary>It ends before it is whole: there may be no answer.</summary>
    public bool IsTruncated { get; private set; }

    /// <summary>The request as it is sent.</summary>
    public byte[] Bytes { get; private set; } = [];

    /// <summary>What to look for when its answer is wrong.</summary>
    public string Description => $"{_method} {_target[..Math.Min(200, _target.Length)]} [{string.Join(" | ", _headers.Select(static header => header[..Math.Min(60, header.Length)]))}] {Beginning}";

    private string Beginning => _body is null ? "" : Encoding.Latin1.GetString(_body.AsSpan(0, Math.Min(300, _body.Length)));

    /// <summary>The mutation of this number.</summary>
    /// <param name="number">Which.</param>
    /// <param name="token">The credential most of them carry.</param>
    public static Mutation Of(int number, string token)
    {
        var mutation = new Mutation(number, token);
        for (var i = mutation._dice.Next(3); i >= 0; i--)
        {
            mutation.Apply();
        }

        mutation.Write();
        return mutation;
    }

    private void Apply()
    {
        switch (_dice.Next(_body is null ? 6 : 12))
        {
            case 0:
                _method = _dice.Of(Methods);
                break;
            case 1 or 2:
                MutateTarget();
                break;
            case 3:
                _target += (_target.Contains('?', StringComparison.Ordinal) ? '&' : '?') + _dice.Of(Queries);
                break;
            case 4 or 5:
                _headers.Add(_dice.Of(Headers));
                break;
            default:
                MutateBody();
                break;
        }
    }

    /// <summary>Puts a piece in, takes one out, or puts one in another's place; what cannot stand in a request line is left out.</summary>
    private void MutateTarget()
    {
        var at = 1 + _dice.Next(_target.Length);
        var cut = Math.Min(_target.Length - at, _dice.Next(3) == 0 ? _dice.Next(8) : 0);
        _target = _target[..at] + _dice.Of(Pieces) + _target[(at + cut)..];
    }

    private void MutateBody()
    {
        var body = _body!;
        var at = _dice.Next(body.Length + 1);
        _body = _dice.Next(9) switch
        {
            0 => [],
            1 => body[..at],
            2 => [.. body, .. "trailing"u8],
            3 => [.. body[..at], (byte)_dice.Next(256), .. body[Math.Min(body.Length, at + 1)..]],
            4 => Encoding.UTF8.GetBytes(_dice.Of(Values)),
            5 => Compress(new byte[8 << 20]),
            6 => Compress(body),
            _ => ReplaceValue(body),
        };
    }

    /// <summary>Puts something else behind one of the colons.</summary>
    private byte[] ReplaceValue(byte[] body)
    {
        var text = Encoding.UTF8.GetString(body);
        var colons = Enumerable.Range(0, text.Length).Where(i => text[i] == ':').ToList();
        if (colons.Count == 0)
        {
            return Encoding.UTF8.GetBytes(_dice.Of(Values));
        }

        var from = colons[_dice.Next(colons.Count)] + 1;
        var to = text.AsSpan(from).IndexOfAny(',', '}');
        return Encoding.UTF8.GetBytes(text[..from] + _dice.Of(Values) + (to < 0 ? "" : text[(from + to)..]));
    }

    private byte[] Compress(byte[] bytes)
    {
        _headers.Add("Content-Encoding: gzip");
        using var compressed = new MemoryStream();
        using (var gzip = new GZipStream(compressed, CompressionLevel.Fastest))
        {
            gzip.Write(bytes);
        }

        return compressed.ToArray();
    }

    private void Write()
    {
        var head = new StringBuilder().Append(CultureInfo.InvariantCulture, $"{_method} {_target} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n");
        _headers.ForEach(header => head.Append(header).Append("\r\n"));
        var missing = _body is { Length: > 0 } && _dice.Next(20) == 0 ? 1 + _dice.Next(1000) : 0;
        IsTruncated = missing > 0;
        if (_body is not null)
        {
            head.Append(CultureInfo.InvariantCulture, $"Content-Length: {_body.Length + missing}\r\n");
        }

        Bytes = [.. Encoding.Latin1.GetBytes(head.Append("\r\n").ToString()), .. _body ?? []];
    }

    /// <summary>Numbers that follow from a number (SplitMix64): every run asks the same.</summary>
    private sealed class Dice(int seed)
    {
        private ulong _state = (ulong)seed * 0x9E3779B97F4A7C15;

        public int Next(int below)
        {
            var z = _state += 0x9E3779B97F4A7C15;
            z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
            z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
            return (int)((z ^ (z >> 31)) % (ulong)below);
        }

        public string Of(string[] all) => all[Next(all.Length)];
    }
}
