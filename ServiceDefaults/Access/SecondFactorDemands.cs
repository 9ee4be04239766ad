using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

using Registry.Contracts.Http;

namespace Registry.ServiceDefaults.Access;

/// <summary>Marks a write that needs no second factor, or an endpoint that decides once it knows what is asked.</summary>
public sealed record SecondFactorNotRequired;

/// <summary>Marks an endpoint that is about the account itself: whoever has a second factor gives it here, whatever it is needed for otherwise.</summary>
public sealed record SecondFactorRequired;

/// <summary>
/// The one way to demand a second factor (npm protocol 5). Every write that needs an account demands it of callers whose second factor is
/// for writes, unless it is marked; nothing else has to be done. The Gateway has the code checked and puts the outcome into the assertion.
/// </summary>
public static class SecondFactorDemands
{
    /// <summary>Stars, dist-tags other than <c>latest</c> and logging out need none. An endpoint that knows only later asks <see cref="RefuseWithoutSecondFactor(HttpContext)"/> itself.</summary>
    public static TBuilder WithoutSecondFactor<TBuilder>(this TBuilder builder)
        where TBuilder : IEndpointConventionBuilder =>
        builder.WithMetadata(new SecondFactorNotRequired());

    /// <summary>The account itself is concerned.</summary>
    public static TBuilder RequireSecondFactor<TBuilder>(this TBuilder builder)
        where TBuilder : IEndpointConventionBuilder =>
        builder.WithMetadata(new SecondFactorRequired());

    /// <summary>401 when the caller has to give a second factor for a write and did not; null when the write may go on.</summary>
    public static ProblemHttpResult? RefuseWithoutSecondFactor(this HttpContext context) =>
        context.GetCaller().SecondFactor is { Need: SecondFactorNeed.Writes or SecondFactorNeed.Everything, Answer: not SecondFactorAnswer.Accepted } factor
            ? Challenge(factor.Answer)
            : null;

    /// <summary>The same for what concerns the account itself, in every mode.</summary>
    public static ProblemHttpResult? RefuseAccountWithoutSecondFactor(this HttpContext context) =>
        context.GetCaller().SecondFactor is { Answer: not SecondFactorAnswer.Accepted } factor ? Challenge(factor.Answer) : null;

    /// <summary>401 in the form that makes clients ask for a code: npm and berry by the header, which goes with these codes, others by the words "one-time pass".</summary>
    public static ProblemHttpResult Challenge(SecondFactorAnswer answer)
    {
        var (code, message) = WordsFor(answer);
        return RegistryProblem.Create(401, code, message);
    }

    /// <summary>Code and sentence of the demand, for those who do not answer themselves.</summary>
    public static (string Code, string Message) WordsFor(SecondFactorAnswer answer) =>
        answer == SecondFactorAnswer.Refused
            ? ("second_factor_refused", "This one-time password is not right, or was used before: give the next one of your authenticator")
            : ("second_factor_required", "You must provide a one-time password of your authenticator to do this (npm: --otp=123456)");

    /// <summary>What the endpoint demands of this request before it is looked into; null when it may go on.</summary>
    internal static ProblemHttpResult? RefuseAtOnce(HttpContext context, Endpoint endpoint, SecondFactor? factor)
    {
        if (factor is null or { Answer: SecondFactorAnswer.Accepted })
        {
            return null;
        }

        var isRead = HttpMethods.IsGet(context.Request.Method) || HttpMethods.IsHead(context.Request.Method);
        return endpoint.Metadata.GetMetadata<SecondFactorRequired>() is not null ? Challenge(factor.Answer)
            : isRead || endpoint.Metadata.GetMetadata<SecondFactorNotRequired>() is not null ? null
            : RefuseWithoutSecondFactor(context);
    }
}
