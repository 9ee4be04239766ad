using System.CommandLine;
using System.Globalization;
using System.Text.Json;

using Registry.Contracts.Http.Auth;
using Registry.ServiceDefaults;
using Registry.Standalone.Folder;

using Spectre.Console;

namespace Registry.Standalone.Cli;

/// <summary><c>user</c>: accounts, on the operator's word.</summary>
internal static class UserCommand
{
    private static readonly Argument<string> Name = new("NAME") { Description = "The account's name" };
    private static readonly Option<bool> PasswordFromInput = new("--password-stdin") { Description = "Read the password from standard input; without it one is made and shown" };
    private static readonly Option<bool> Json = new("--json") { Description = "As JSON" };

    /// <summary>The command.</summary>
    public static Command Create() =>
        new("user", "Accounts.") { CreateAdd(), CreateInvite(), CreateList(), CreateSetPassword(), CreateDisableSecondFactor() };

    /// <summary>The client of the registry a command line means.</summary>
    public static OperatorClient ClientFor(ParseResult line) =>
        OperatorClient.For(DataFolder.Choose(line.GetValue(RegistryCommand.Data), out _));

    /// <summary>A moment as tables show it.</summary>
    public static string Say(DateTimeOffset? moment) =>
        moment?.ToUniversalTime().ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture) ?? "";

    private static Command CreateAdd()
    {
        var admin = new Option<bool>("--admin") { Description = "May read and change everything" };
        var email = new Option<string?>("--email") { Description = "The e-mail address", HelpName = "E" };
        var command = new Command("add", "Create an account.") { Name, admin, email, PasswordFromInput };
        command.SetAction(async (line, cancellationToken) =>
        {
            using var client = ClientFor(line);
            var request = new CreateAccountRequest(line.GetRequiredValue(Name), await ReadPasswordAsync(line, cancellationToken), line.GetValue(email), line.GetValue(admin));
            var created = await client.SendAsync<CreateAccountResponse>(HttpMethod.Post, AuthRoutes.Accounts, request, cancellationToken);
            await Console.Out.WriteLineAsync($"{(created.Account.IsAdministrator ? "Administrator" : "Account")} {created.Account.Name} is created.");
            await ShowPasswordAsync(created.Password);
            return 0;
        });
        return command;
    }

    private static Command CreateInvite()
    {
        var days = new Option<int>("--expires-in-days") { Description = "Days until it lapses, 1 to 30", DefaultValueFactory = static _ => 7, HelpName = "N" };
        var command = new Command("invite", "Make an invitation that signs up one account.") { days };
        command.SetAction(async (line, cancellationToken) =>
        {
            using var client = ClientFor(line);
            var invitation = await client.SendAsync<InvitationResponse>(
                HttpMethod.Post, AuthRoutes.Invitations, new CreateInvitationRequest(line.GetValue(days)), cancellationToken);
            await Console.Out.WriteLineAsync($"{invitation.Code}{Environment.NewLine}Valid until {Say(invitation.ExpiresAt)} UTC; it is not shown again.");
            return 0;
        });
        return command;
    }

    private static Command CreateList()
    {
        var command = new Command("list", "List accounts.") { Json };
        command.SetAction(async (line, cancellationToken) =>
        {
            using var client = ClientFor(line);
            var accounts = await client.GetAsync<List<AccountResponse>>(AuthRoutes.Accounts, cancellationToken);
            if (line.GetValue(Json))
            {
                await Console.Out.WriteLineAsync(JsonSerializer.Serialize(accounts, RegistryJson.Options));
                return 0;
            }

            var table = Tables.New("name", "e-mail", "administrator", "created (UTC)");
            foreach (var account in accounts)
            {
                table.AddRow(Tables.Cells(account.Name, account.Email, account.IsAdministrator ? "yes" : "", Say(account.CreatedAt)));
            }

            Tables.Show(table);
            return 0;
        });
        return command;
    }

    private static Command CreateSetPassword()
    {
        var command = new Command("passwd", "Set an account's password.") { Name, PasswordFromInput };
        command.SetAction(async (line, cancellationToken) =>
        {
            using var client = ClientFor(line);
            var path = AuthRoutes.AccountPassword.Replace("{name}", Uri.EscapeDataString(line.GetRequiredValue(Name)), StringComparison.Ordinal);
            var set = await client.SendAsync<SetPasswordResponse>(HttpMethod.Put, path, new SetPasswordRequest(await ReadPasswordAsync(line, cancellationToken)), cancellationToken);
            await Console.Out.WriteLineAsync($"The password of {line.GetRequiredValue(Name)} is set.");
            await ShowPasswordAsync(set.Password);
            return 0;
        });
        return command;
    }

    private static Command CreateDisableSecondFactor()
    {
        var command = new Command("disable-2fa", "Take the second factor away from an account whose owner has lost it.") { Name };
        command.SetAction(async (line, cancellationToken) =>
        {
            using var client = ClientFor(line);
            var path = AuthRoutes.AccountSecondFactor.Replace("{name}", Uri.EscapeDataString(line.GetRequiredValue(Name)), StringComparison.Ordinal);
            await client.SendAsync(HttpMethod.Delete, path, cancellationToken);
            await Console.Out.WriteLineAsync($"{line.GetRequiredValue(Name)} has no second factor any more.");
            return 0;
        });
        return command;
    }

    private static async Task<string?> ReadPasswordAsync(ParseResult line, CancellationToken cancellationToken)
    {
        if (!line.GetValue(PasswordFromInput))
        {
            return null;
        }

        return await Console.In.ReadLineAsync(cancellationToken) is { Length: > 0 } password
            ? password
            : throw new RefusedException("There is no password on standard input.");
    }

    private static Task ShowPasswordAsync(string? password) =>
        password is null ? Task.CompletedTask : Console.Out.WriteLineAsync($"Its password, which is not shown again: {password}");
}
