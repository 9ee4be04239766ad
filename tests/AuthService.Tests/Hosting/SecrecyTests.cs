using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text;

using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

using Npgsql;

using Registry.Contracts.Http.Auth;
using Registry.Testing;

namespace Registry.AuthService.Tests.Hosting;

public sealed class SecrecyTests
{
    private const string Password = "a password nobody may read";

    [Fact]
    public async Task Tokens_and_passwords_are_neither_logged_nor_traced_nor_stored()
    {
        await using var host = await AuthHost.StartAsync(("Logging:LogLevel:Default", "Trace"), ("Logging:LogLevel:MassTransit", "Trace"), ("Logging:Console:LogLevel:Default", "None"));
        using var log = new RecordingLog();
        host.Services.GetRequiredService<ILoggerFactory>().AddProvider(log);
        using var spans = RecordingSpans(log);

        var token = await host.SignUpAsync("alice", Password);
        (await host.LogInAsync("alice", Password + "!")).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        var caller = (await host.IntrospectAsync(token)).Caller;
        await host.IntrospectAsync(Password, "alice");
        using var invitation = await host.SendInternalAsync(HttpMethod.Post, AuthRoutes.Invitations, new CreateInvitationRequest(1));
        var code = (await AuthHost.JsonOf(invitation)).GetProperty("code").GetString()!;
        var stored = await DumpAsync(host.ConnectionString);
        using var logout = await host.SendAsync(HttpMethod.Delete, $"/-/user/token/{token}", caller: caller);

        logout.StatusCode.ShouldBe(HttpStatusCode.OK);
        // It did record requests, scopes and spans; a request's span ends after its answer has gone out.
        await Eventually.ShouldHoldAsync(
            () => log.Text.Contains("[url.path, /-/user/token/hidden]", StringComparison.Ordinal), "the request was traced without its token");
        log.Text.ShouldContain("org.couchdb.user:alice");
        foreach (var secret in new[] { token[8..], Password, code })
        {
            log.Text.ShouldNotContain(secret);
            stored.ShouldNotContain(secret);
        }

        stored.ShouldContain("alice");
    }

    private static ActivityListener RecordingSpans(RecordingLog log)
    {
        var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name is "Microsoft.AspNetCore" or "Npgsql", // not the test's own client
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = activity => log.Add($"{activity.DisplayName} {string.Join(' ', activity.TagObjects)}"),
        };
        ActivitySource.AddActivityListener(listener);
        return listener;
    }

    private static async Task<string> DumpAsync(string connectionString)
    {
        var dump = new StringBuilder();
        await using var database = NpgsqlDataSource.Create(connectionString);
        foreach (var table in new[] { "accounts", "access_tokens", "invitations", "throttles", "scopes", "outbox" })
        {
#pragma warning disable CA2100 // names of our tables
            await using var command = database.CreateCommand($"SELECT t::text FROM {table} t");
#pragma warning restore CA2100
            await using var rows = await command.ExecuteReaderAsync();
            while (await rows.ReadAsync())
            {
                dump.AppendLine(rows.GetString(0));
            }
        }

        return dump.ToString();
    }

    /// <summary>Keeps whatever is logged, scopes too.</summary>
    private sealed class RecordingLog : ILoggerProvider, ISupportExternalScope
    {
        private readonly ConcurrentQueue<string> _lines = new();
        private IExternalScopeProvider _scopes = new LoggerExternalScopeProvider();

        public string Text => string.Join('\n', _lines);

        public void Add(string line) => _lines.Enqueue(line);

        public ILogger CreateLogger(string categoryName) => new Logger(this);

        public void SetScopeProvider(IExternalScopeProvider scopeProvider) => _scopes = scopeProvider;

        public void Dispose()
        {
        }

        private sealed class Logger(RecordingLog log) : ILogger
        {
            public IDisposable? BeginScope<TState>(TState state)
                where TState : notnull => log._scopes.Push(state);

            public bool IsEnabled(LogLevel logLevel) => true;

            public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
            {
                log.Add(string.Create(CultureInfo.InvariantCulture, $"{formatter(state, exception)} {exception}"));
                log._scopes.ForEachScope((scope, lines) => lines.Add($"{scope}"), log);
                if (state is IEnumerable<KeyValuePair<string, object?>> properties)
                {
                    log.Add(string.Join(' ', properties));
                }
            }
        }
    }
}
