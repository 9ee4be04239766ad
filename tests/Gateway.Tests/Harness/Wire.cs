using System.Net.Sockets;
using System.Text;

namespace Registry.Gateway.Tests.Harness;

/// <summary>Requests written to a socket as they stand: no client library tidies them up.</summary>
public static class Wire
{
    /// <summary>Sends a request without a body and reads the whole answer.</summary>
    public static Task<WireAnswer> SendAsync(Uri address, string method, string target, params string[] headers)
    {
        var hasHost = headers.Any(header => header.StartsWith("Host:", StringComparison.OrdinalIgnoreCase));
        string[] all = hasHost ? headers : [$"Host: {address.Authority}", .. headers];
        return SendTextAsync(address, $"{method} {target} HTTP/1.1\r\n{string.Join("\r\n", all)}\r\nConnection: close\r\n\r\n");
    }

    public static async Task<WireAnswer> SendTextAsync(Uri address, string text)
    {
        using var client = await ConnectAsync(address);
        await using var stream = client.GetStream();
        await stream.WriteAsync(Encoding.Latin1.GetBytes(text));
        using var reader = new StreamReader(stream, Encoding.Latin1);
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        return WireAnswer.Parse(await reader.ReadToEndAsync(deadline.Token));
    }

    public static async Task<TcpClient> ConnectAsync(Uri address)
    {
        var client = new TcpClient();
        await client.ConnectAsync(address.Host, address.Port);
        return client;
    }
}

/// <summary>An answer as it came.</summary>
public sealed record WireAnswer(int Status, string Head, string Body)
{
    public static WireAnswer Parse(string text)
    {
        var end = text.IndexOf("\r\n\r\n", StringComparison.Ordinal);
        var head = end < 0 ? text : text[..end];
        var body = end < 0 ? "" : text[(end + 4)..];
        var isChunked = head.Contains("Transfer-Encoding: chunked", StringComparison.OrdinalIgnoreCase);
        return new WireAnswer(head.Length > 12 ? int.Parse(head.AsSpan(9, 3), null) : 0, head, isChunked ? Join(body) : body);
    }

    private static string Join(string chunks)
    {
        var (body, at) = (new StringBuilder(), 0);
        while (chunks.IndexOf("\r\n", at, StringComparison.Ordinal) is var end and >= 0)
        {
            var length = Convert.ToInt32(chunks[at..end], 16);
            if (length == 0)
            {
                break;
            }

            body.Append(chunks, end + 2, length);
            at = end + 2 + length + 2;
        }

        return body.ToString();
    }
}
