using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;

using Microsoft.AspNetCore.Http.HttpResults;

using Registry.AuthService.WebSessions;

namespace Registry.AuthService.Features.WebLogin;

/// <summary>A page with a form.</summary>
/// <param name="Kind">What it is for.</param>
/// <param name="ClientAddress">Where the waiting client is.</param>
/// <param name="Client">What it calls itself.</param>
/// <param name="AskedAt">When it asked.</param>
internal sealed record FormPage(WebSessionKind Kind, string ClientAddress, string? Client, DateTimeOffset AskedAt)
{
    public bool OffersSignUp { get; init; }

    /// <summary>Whose second factor is asked for.</summary>
    public string? Account { get; init; }

    /// <summary>The browser's address is another than the client's.</summary>
    public bool IsFromElsewhere { get; init; }

    public string? Error { get; init; }

    public string Name { get; init; } = "";

    public string Email { get; init; } = "";
}

/// <summary>The page after all went well.</summary>
internal sealed record DonePage(WebSessionKind Kind, string Account);

/// <summary>The page of a link that is not good any more.</summary>
internal sealed record ExpiredPage;

/// <summary>
/// Writes the pages: whole in one document, with a style of its own that looks like Web's, and no script. What is not ours is encoded.
/// </summary>
internal static class Html
{
    private static readonly string Policy =
        $"default-src 'none'; style-src 'sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(Style.Text)))}'; "
        + "form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

    public static ContentHttpResult Page(HttpContext context, int status, FormPage page) =>
        Answer(context, status, page.Kind == WebSessionKind.LogIn ? "Log in" : "Confirm it is you", FormBody(page));

    public static ContentHttpResult Page(HttpContext context, int status, DonePage page) =>
        Answer(
            context,
            status,
            page.Kind == WebSessionKind.LogIn ? "You are logged in" : "Confirmed",
            $"<p role=\"status\">Your command goes on as <strong>{Encode(page.Account)}</strong>. You can close this page.</p>");

    public static ContentHttpResult Page(HttpContext context, int status, ExpiredPage _) =>
        Answer(
            context, status, "This link does not work any more", "<p>It was used, or five minutes have passed. Run the command again: it shows a new link.</p>");

    private static ContentHttpResult Answer(HttpContext context, int status, string title, string body)
    {
        var headers = context.Response.Headers;
        headers.Remove("npm-notice");
        headers.CacheControl = "no-store";
        headers.ContentSecurityPolicy = Policy;
        headers.XContentTypeOptions = "nosniff";
        headers.XFrameOptions = "DENY";
        headers["Referrer-Policy"] = "no-referrer"; // the address is a secret
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        return TypedResults.Content(
            $"""
            <!DOCTYPE html>
            <html lang="en">
            <head>
              <meta charset="utf-8">
              <meta name="viewport" content="width=device-width, initial-scale=1">
              <meta name="color-scheme" content="light dark">
              <title>{title} · Registry</title>
              <style>{Style.Text}</style>
            </head>
            <body>
              <header><p class="brand">Registry</p></header>
              <main>
                <h1>{title}</h1>
                {body}
              </main>
            </body>
            </html>
            """,
            "text/html; charset=utf-8",
            Encoding.UTF8,
            status);
    }

    private static string FormBody(FormPage page) =>
        $"""
        {Asking(page)}
        {Error(page)}
        <form method="post" autocomplete="on">
        {(page.Kind == WebSessionKind.LogIn ? LogInFields(page) : CodeField("One-time code, or a recovery code", isRequired: true))}
          <div class="actions">
            <button name="action" value="login">{(page.Kind == WebSessionKind.LogIn ? "Log in" : "Confirm")}</button>
            {(page.OffersSignUp ? "<button name=\"action\" value=\"create\" class=\"second\">Create account</button>" : "")}
          </div>
        </form>
        """;

    private static string Error(FormPage page) => page.Error is null ? "" : $"<p class=\"error\" role=\"alert\">{Encode(page.Error)}.</p>";

    private static string Purpose(FormPage page) =>
        page.Kind == WebSessionKind.LogIn
            ? "A command asks to be logged in as you. Whoever runs it will be able to do what you may."
            : $"A command that runs as <strong>{Encode(page.Account ?? "")}</strong> asks for your second factor.";

    private static string Asking(FormPage page) =>
        $"""
        <p>{Purpose(page)}</p>
        <dl>
          <div><dt>Asked</dt><dd>{page.AskedAt.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture)} UTC</dd></div>
          <div><dt>From</dt><dd>{Encode(page.ClientAddress)}</dd></div>
          {(page.Client is null ? "" : $"<div><dt>Client</dt><dd>{Encode(page.Client)}</dd></div>")}
        </dl>
        <p class="{(page.IsFromElsewhere ? "warning" : "muted")}">{(page.IsFromElsewhere ? "That is not the address this page was opened from. " : "")}If you did not just run it yourself, close this page.</p>
        """;

    private static string LogInFields(FormPage page) =>
        $"""
          <label for="name">Name</label>
          <input id="name" name="name" value="{Encode(page.Name)}" autocomplete="username" autocapitalize="none" spellcheck="false" maxlength="64" required autofocus>
          <label for="password">Password</label>
          <input id="password" name="password" type="password" autocomplete="current-password" maxlength="1024" required>
        {CodeField("One-time code, if your account has a second factor", isRequired: false)}
          {(page.OffersSignUp ? EmailField(page) : "")}
        """;

    private static string EmailField(FormPage page) =>
        $"""
          <label for="email">E-mail, for a new account <span class="muted">(others can see it)</span></label>
          <input id="email" name="email" type="email" value="{Encode(page.Email)}" autocomplete="email" maxlength="254">
        """;

    private static string CodeField(string label, bool isRequired) =>
        $"""
          <label for="code">{label}</label>
          <input id="code" name="code" autocomplete="one-time-code" autocapitalize="none" spellcheck="false" maxlength="200"{(isRequired ? " required autofocus" : "")}>
        """;

    private static string Encode(string text) => HtmlEncoder.Default.Encode(text);
}
