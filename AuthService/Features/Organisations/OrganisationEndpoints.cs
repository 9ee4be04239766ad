using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

using Registry.AuthService.Accounts;
using Registry.AuthService.Data;
using Registry.AuthService.Hosting;
using Registry.AuthService.Organisations;
using Registry.ServiceDefaults.Access;
using Registry.ServiceDefaults.Routing;

namespace Registry.AuthService.Features.Organisations;

/// <summary><c>npm org</c> (protocol 3.7), and founding an organisation by our own interface.</summary>
internal static class OrganisationEndpoints
{
    public static void MapNpmOrganisations(this IEndpointRouteBuilder npm)
    {
        var members = npm.MapGroup("/-/org/{scope}/user").RequireSignedIn();
        members.MapMethods("", Methods.Read, ListAsync);
        members.MapPut("", SetAsync).WithSmallBody();
        members.MapDelete("", RemoveAsync).WithSmallBody();
    }

    public static void MapNativeOrganisations(this IEndpointRouteBuilder api) =>
        api.MapPost("/organisations", FoundAsync).RequireSignedIn().WithSmallBody();

    private static async Task<Results<Ok<Dictionary<string, string>>, ProblemHttpResult>> ListAsync(
        string scope, HttpContext context, OrganisationAccess access, AuthDbContext db, CancellationToken cancellationToken)
    {
        var (known, refusal) = await access.FindAsync(TargetPath.Unescape(scope), context.GetCaller(), cancellationToken);
        if (known is null)
        {
            return refusal!.ToProblem();
        }

        context.Response.Headers.CacheControl = "no-store";
        var members = await (
            from member in db.OrganisationMembers
            join account in db.Accounts on member.AccountId equals account.Id
            where member.OrganisationId == known.Organisation.Id
            orderby account.Name
            select new { account.Name, member.Role }).ToListAsync(cancellationToken);
        return TypedResults.Ok(members.ToDictionary(member => member.Name, member => member.Role.ToWord(), StringComparer.Ordinal));
    }

    private static async Task<Results<Created<MemberSetDocument>, ProblemHttpResult>> SetAsync(
        string scope, HttpContext context, ChangeMembers members, CancellationToken cancellationToken)
    {
        if (await JsonBody.ReadAsync<MemberDocument>(context.Request, cancellationToken) is not { } document)
        {
            return AuthProblems.NotJson();
        }

        var role = OrganisationRoles.Parse(document.Role);
        if (document.Role is not null && role is null)
        {
            return AuthProblems.Invalid(OrganisationRoles.Rule);
        }

        if (MemberIn(document, scope, context, out var problem) is not { } member)
        {
            return problem;
        }

        return await members.SetAsync(member, role, cancellationToken) switch
        {
            OrganisationOutcome.MemberSet set => TypedResults.Created((string?)null, DocumentOf(set)),
            OrganisationOutcome.Refused(var refusal) => refusal.ToProblem(),
            _ => throw new InvalidOperationException("Unknown outcome."),
        };
    }

    private static async Task<Results<Ok<DoneDocument>, ProblemHttpResult>> RemoveAsync(
        string scope, HttpContext context, ChangeMembers members, CancellationToken cancellationToken)
    {
        if (await JsonBody.ReadAsync<MemberDocument>(context.Request, cancellationToken) is not { } document)
        {
            return AuthProblems.NotJson();
        }

        if (MemberIn(document, scope, context, out var problem) is not { } member)
        {
            return problem;
        }

        return await members.RemoveAsync(member, cancellationToken) is OrganisationOutcome.Refused(var refusal)
            ? refusal.ToProblem()
            : TypedResults.Ok(new DoneDocument(true));
    }

    private static async Task<Results<Created<FoundedDocument>, ProblemHttpResult>> FoundAsync(
        HttpContext context, FoundOrganisation found, CancellationToken cancellationToken)
    {
        if (await JsonBody.ReadAsync<FoundDocument>(context.Request, cancellationToken) is not { } document)
        {
            return AuthProblems.NotJson();
        }

        if (ScopeName.Parse(document.Name) is not { } scope)
        {
            return AuthProblems.Invalid("The member name must be the scope without @");
        }

        return await found.ExecuteAsync(scope, context.GetCaller(), cancellationToken) switch
        {
            OrganisationOutcome.MemberSet set => TypedResults.Created((string?)null, new FoundedDocument(set.Scope, set.Role.ToWord())),
            OrganisationOutcome.Refused(var refusal) => refusal.ToProblem(),
            _ => throw new InvalidOperationException("Unknown outcome."),
        };
    }

    private static NamedMember? MemberIn(MemberDocument document, string scope, HttpContext context, out ProblemHttpResult problem)
    {
        problem = AuthProblems.Invalid("The member user must be the name of an account");
        if (AccountName.Parse(document.User) is not { } user)
        {
            return null;
        }

        problem = Refusal.OrganisationNotFound(scope).ToProblem();
        return ScopeName.Parse(TargetPath.Unescape(scope)) is { } name ? new NamedMember(name, user, context.GetCaller()) : null;
    }

    private static MemberSetDocument DocumentOf(OrganisationOutcome.MemberSet set) => new(new SizeDocument(set.Scope, set.Size), set.User, set.Role.ToWord());

    internal sealed record MemberDocument(string? User, string? Role);

    internal sealed record MemberSetDocument(SizeDocument Org, string User, string Role);

    internal sealed record SizeDocument(string Name, int Size);

    internal sealed record FoundDocument(string? Name);

    internal sealed record FoundedDocument(string Name, string Role);

    internal sealed record DoneDocument(bool Ok);
}
