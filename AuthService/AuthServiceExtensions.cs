using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

using Registry.AuthService.Accounts;
using Registry.AuthService.Data;
using Registry.AuthService.Features.Introspection;
using Registry.AuthService.Features.LoggingIn;
using Registry.AuthService.Features.LoggingOut;
using Registry.AuthService.Features.Maintainers;
using Registry.AuthService.Features.Memberships;
using Registry.AuthService.Features.Operators;
using Registry.AuthService.Features.Organisations;
using Registry.AuthService.Features.Profile;
using Registry.AuthService.Features.Scopes;
using Registry.AuthService.Features.SecondFactors;
using Registry.AuthService.Features.SigningUp;
using Registry.AuthService.Features.Teams;
using Registry.AuthService.Features.Tokens;
using Registry.AuthService.Features.WebLogin;
using Registry.AuthService.Features.WhoAmI;
using Registry.AuthService.Hosting;
using Registry.AuthService.Organisations;
using Registry.AuthService.SecondFactors;
using Registry.AuthService.Throttling;
using Registry.AuthService.WebSessions;
using Registry.Contracts.Http;
using Registry.Messaging;
using Registry.ServiceDefaults.Databases;

namespace Registry.AuthService;

/// <summary>The service's parts and routes.</summary>
internal static class AuthServiceExtensions
{
    public static void AddAuth(this WebApplicationBuilder builder)
    {
        builder.AddServiceDatabase<AuthDbContext>(ServiceNames.Auth);
        var services = builder.Services;
        services.AddSingleton<ThrottleCounters>();
        services.AddSingleton<ForgetOldRows>();
        services.AddHostedService(provider => provider.GetRequiredService<ForgetOldRows>());
        services.AddOptions<AccountsOptions>().BindConfiguration(AccountsOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<IValidateOptions<AccountsOptions>, AccountsOptionsValidator>();
        services.AddOptions<ThrottleOptions>().BindConfiguration(ThrottleOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.AddOptions<SecondFactorOptions>().BindConfiguration(SecondFactorOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<SecretProtection>();
        services.AddSingleton<IHttpContextFactory, HiddenSecretContextFactory>();
        services.TryAddSingleton<OutboxSignal>();
        services.AddSingleton<AttemptThrottle>();
        services.AddSingleton<PasswordHashing>();
        services.AddSingleton<PasswordVerifier>();
        services.AddScoped<AccessTokens>();
        services.AddScoped<ApproveWebSession>();
        services.AddScoped<Authenticate>();
        services.AddScoped<ChangeProfile>();
        services.AddScoped<ChangeSecondFactor>();
        services.AddScoped<CheckCode>();
        services.AddScoped<CheckPassword>();
        services.AddScoped<CollectWebSession>();
        services.AddScoped<CreateAccount>();
        services.AddScoped<CreateToken>();
        services.AddScoped<Credentials>();
        services.AddScoped<IntrospectCredential>();
        services.AddScoped<LogIn>();
        services.AddScoped<OpenWebSession>();
        services.AddScoped<SecondFactorGround>();
        services.AddScoped<SignUp>();
        services.AddScoped<ChangeAccount>();
        services.AddScoped<OrganisationAccess>().AddScoped<OrganisationTransaction>();
        services.AddScoped<FoundOrganisation>().AddScoped<ChangeMembers>().AddScoped<ChangeTeams>();
    }

    public static void MapAuth(this IEndpointRouteBuilder routes)
    {
        var npm = routes.MapGroup(Dialects.Npm);
        npm.MapNpmUsers();
        npm.MapLogout();
        npm.MapNpmWhoAmI();
        npm.MapNpmOrganisations();
        npm.MapNpmTeams();
        npm.MapNpmTokens();
        npm.MapNpmProfile();
        npm.MapWebLogin();
        npm.Map("/-/{**rest}", AuthProblems.NotSupported); // whatever the method: 405 tells clients of something that is there

        var api = routes.MapGroup($"{Dialects.Native}/api/v1");
        api.MapSignUp();
        api.MapNativeWhoAmI();
        api.MapNativeOrganisations();

        routes.MapIntrospection();
        routes.MapSecondFactors();
        routes.MapScopes();
        routes.MapMemberships();
        routes.MapMaintainers();
        routes.MapSetup();
        routes.MapAccounts();
        routes.MapTokens();
    }
}
