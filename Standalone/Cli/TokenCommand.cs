using System.CommandLine;
using System.Text.Json;

using Registry.Contracts.Http.Auth;
using Registry.ServiceDefaults;

using Spectre.Console;

namespace Registry.Standalone.Cli;

/// <summary><c>token</c>: access tokens, on the operator's word.</summary>
internal static class TokenCommand
{
    /// <summary>The command.</summary>
    public static Command Create() => new("token", "Access tokens.") { CreateNew(), CreateList(), CreateRevoke() };

    private static Command CreateNew()
    {
        var user = new Argument<string>("USER") { Description = "The account it acts for" };
        var name = new Option<string?>("--name") { Description = "What to call it", HelpName = "TEXT" };
        var readOnly = new Option<bool>("--read-only") { Description = "It cannot publish" };
        var days = new Option<int?>("--expires-in-days") { Description = "Days until it expires (default: never)", HelpName = "N" };
        var packages = Many("--package", "A package it is limited to; may be repeated", "NAME");
        var scopes = Many("--scope", "A scope it is limited to; may be repeated", "SCOPE");
        var networks = Many("--cidr", "An address range it is limited to; may be repeated", "RANGE");
        var command = new Command("create", "Create a token and show it.") { user, name, readOnly, days, packages, scopes, networks };
        command.SetAction(async (line, cancellationToken) =>
        {
            using var client = UserCommand.ClientFor(line);
            var request = new CreateTokenRequest(
                line.GetRequiredValue(user), line.GetValue(name), line.GetValue(readOnly), line.GetValue(days), Given(line, packages), Given(line, scopes), Given(line, networks));
            var created = await client.SendAsync<CreateTokenResponse>(HttpMethod.Post, AuthRoutes.Tokens, request, cancellationToken);

            // The secret alone on standard output, so that a script can keep it.
            await Console.Error.WriteLineAsync($"Token {created.Token.Id} for {created.Token.User}; it is not shown again:");
            await Console.Out.WriteLineAsync(created.Secret);
            return 0;
        });
        return command;
    }

    private static Command CreateList()
    {
        var user = new Argument<string?>("USER") { Description = "Only this account's", Arity = ArgumentArity.ZeroOrOne };
        var json = new Option<bool>("--json") { Description = "As JSON" };
        var command = new Command("list", "List tokens.") { user, json };
        command.SetAction(async (line, cancellationToken) =>
        {
            using var client = UserCommand.ClientFor(line);
            var tokens = await ListAsync(client, line.GetValue(user), cancellationToken);
            if (line.GetValue(json))
            {
                await Console.Out.WriteLineAsync(JsonSerializer.Serialize(tokens, RegistryJson.Options));
                return 0;
            }

            Print(tokens);
            return 0;
        });
        return command;
    }

    private static Command CreateRevoke()
    {
        var id = new Argument<string>("ID") { Description = "The token's id, from ./registry token list" };
        var command = new Command("revoke", "Revoke a token at once.") { id };
        command.SetAction(async (line, cancellationToken) =>
        {
            using var client = UserCommand.ClientFor(line);
            var path = AuthRoutes.Token.Replace("{id}", Uri.EscapeDataString(line.GetRequiredValue(id)), StringComparison.Ordinal);
            await client.SendAsync(HttpMethod.Delete, path, cancellationToken);
            await Console.Out.WriteLineAsync("Revoked.");
            return 0;
        });
        return command;
    }

    /// <summary>One account's tokens, or those of every account, one after the other: AuthService lists them by account.</summary>
    private static async Task<List<TokenResponse>> ListAsync(OperatorClient client, string? user, CancellationToken cancellationToken)
    {
        var users = user is not null
            ? [user]
            : (await client.GetAsync<List<AccountResponse>>(AuthRoutes.Accounts, cancellationToken)).ConvertAll(static account => account.Name);
        var tokens = new List<TokenResponse>();
        foreach (var name in users)
        {
            tokens.AddRange(await client.GetAsync<List<TokenResponse>>($"{AuthRoutes.Tokens}?user={Uri.EscapeDataString(name)}", cancellationToken));
        }

        return tokens;
    }

    private static void Print(List<TokenResponse> tokens)
    {
        var table = Tables.New("id", "user", "name", "begins", "may", "limited to", "last used", "expires");
        foreach (var token in tokens)
        {
            var limits = string.Join(' ', [.. token.Packages ?? [], .. token.Scopes?.Select(static scope => $"@{scope}") ?? [], .. token.Cidrs ?? []]);
            table.AddRow(Tables.Cells(
                token.Id, token.User, token.Name, token.Hint, token.ReadOnly ? "read" : "read, publish", limits, UserCommand.Say(token.LastUsedAt), token.ExpiresAt is null ? "never" : UserCommand.Say(token.ExpiresAt)));
        }

        Tables.Show(table);
    }

    private static Option<string[]> Many(string name, string description, string value) =>
        new(name) { Description = description, HelpName = value, AllowMultipleArgumentsPerToken = false };

    private static string[]? Given(ParseResult line, Option<string[]> option) =>
        line.GetValue(option) is { Length: > 0 } values ? values : null;
}
