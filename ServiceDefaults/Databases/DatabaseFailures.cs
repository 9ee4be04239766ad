using System.Net.Sockets;

using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

using Npgsql;

namespace Registry.ServiceDefaults.Databases;

/// <summary>
/// Answers 503 with <c>Retry-After</c> when the database cannot be reached, is full, or gave up on a lock, and 400 when the request holds the one
/// character that no text in it can.
/// </summary>
public sealed partial class DatabaseFailures(ILogger<DatabaseFailures> logger) : IExceptionHandler
{
    private const string IdleInTransactionTimeout = "25P03";

    /// <summary>The failure is the database's or the wire's, and may pass.</summary>
    public static bool IsUnreachable(Exception failure)
    {
        for (var cause = failure; cause is not null; cause = cause.InnerException)
        {
            if (cause is PostgresException refused)
            {
                return refused.IsTransient || refused.SqlState is PostgresErrorCodes.QueryCanceled or IdleInTransactionTimeout;
            }

            if (cause is NpgsqlException or SocketException or TimeoutException)
            {
                return true;
            }
        }

        return false;
    }

    /// <inheritdoc/>
    public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        if (exception.GetBaseException() is PostgresException { SqlState: PostgresErrorCodes.CharacterNotInRepertoire })
        {
            await RegistryProblem.WriteAsync(httpContext, 400, "invalid_text", "The request contains the character \\u0000, which cannot be part of any text here");
            return true;
        }

        // Other services fail with these: the common hook answers them, without blaming the database.
        if (exception is HttpRequestException or TimeoutException || !IsUnreachable(exception))
        {
            return false;
        }

        LogUnreachable(exception, httpContext.Request.Method);
        httpContext.Response.Headers.RetryAfter = "2";
        await RegistryProblem.WriteAsync(
            httpContext, 503, "database_unreachable", "The registry's database is not reachable right now; try again in a moment");
        return true;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "A {Method} request failed because the database was not reachable")]
    private partial void LogUnreachable(Exception exception, string method);
}
