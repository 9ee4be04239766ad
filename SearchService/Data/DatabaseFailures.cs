using Microsoft.AspNetCore.Diagnostics;

using Npgsql;

using Registry.ServiceDefaults;

namespace Registry.SearchService.Data;

/// <summary>Answers 503 with <c>Retry-After</c> when the database cannot be reached.</summary>
internal sealed class DatabaseFailures : IExceptionHandler
{
    public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        if (exception is not (NpgsqlException or TimeoutException))
        {
            return false;
        }

        httpContext.Response.Headers.RetryAfter = "2";
        await RegistryProblem.WriteAsync(
            httpContext, 503, "database_unreachable", "The registry's database is not reachable right now; try again in a moment");
        return true;
    }
}
