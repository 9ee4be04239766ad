using Registry.Contracts.Http;
using Registry.Contracts.Http.Packages;
using Registry.ServiceDefaults.Access;

namespace Registry.SearchService.Features.Search;

/// <summary>The reader ids a caller has, as PackageService writes them into documents.</summary>
internal static class CallerReaders
{
    /// <summary>The ids; null for an administrator, who sees everything.</summary>
    public static IReadOnlyList<string>? Of(Caller caller)
    {
        if (!caller.IsSignedIn())
        {
            return [SearchDocumentResponse.Everyone];
        }

        return caller.IsAdministrator
            ? null
            :
            [
                SearchDocumentResponse.Everyone,
                SearchDocumentResponse.SignedIn,
                $"user:{caller.UserId}",
                .. caller.OrganisationIds.Select(id => $"org:{id}"),
                .. caller.TeamIds.Select(id => $"team:{id}"),
            ];
    }
}
