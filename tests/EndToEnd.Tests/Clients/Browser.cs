using System.Net;
using System.Text.RegularExpressions;

using AngleSharp;
using AngleSharp.Html.Dom;

using Registry.EndToEnd.Tests.Running;

namespace Registry.EndToEnd.Tests.Clients;

/// <summary>
/// Somebody's browser, beside the terminal: when a client shows the address of a page and waits, they open it, fill in its form and press its
/// button. Where the page refuses that, the client would wait on, and they end it.
/// </summary>
public static partial class Browser
{
    /// <summary>Logs the waiting client in.</summary>
    public static Reply LogIn(string user, string password) => Submit(("name", user), ("password", password));

    /// <summary>Gives the waiting client a second factor.</summary>
    public static Reply Confirm(string code) => Submit(("code", code));

    private static Reply Submit(params (string Field, string Text)[] typed) =>
        new(Address().ToString(), async shown =>
        {
            var status = await SubmitAsync(Address().Matches(shown)[^1].Value, typed);
            status.ShouldBeOneOf(HttpStatusCode.OK, HttpStatusCode.Unauthorized);
            return status == HttpStatusCode.OK ? "" : Reply.CtrlC;
        });

    private static async Task<HttpStatusCode> SubmitAsync(string url, (string Field, string Text)[] typed)
    {
#pragma warning disable RS0030 // keeps cookies, which those of the tests do not
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false });
#pragma warning restore RS0030
        using var pages = BrowsingContext.New(Configuration.Default);
        var html = await http.GetStringAsync(url);
        using var page = await pages.OpenAsync(answer => answer.Content(html).Address(url));
        foreach (var (field, text) in typed)
        {
            page.QuerySelector($"input[name={field}]").ShouldBeAssignableTo<IHtmlInputElement>(html)!.Value = text;
        }

        var sent = page.Forms.ShouldHaveSingleItem().GetSubmission((IHtmlElement)page.QuerySelector("form button")!)!;
        using var request = new HttpRequestMessage(new HttpMethod($"{sent.Method}"), sent.Target.Href) { Content = new StreamContent(sent.Body) };
        request.Content.Headers.ContentType = new(sent.MimeType!);
        using var answer = await http.SendAsync(request);
        return answer.StatusCode;
    }

    [GeneratedRegex(@"https?://[^\s/]+/-/v1/login/[\w-]{43}")]
    private static partial Regex Address();
}
