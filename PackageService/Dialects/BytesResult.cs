namespace Registry.PackageService.Dialects;

/// <summary>Sends a finished document; to HEAD only its headers.</summary>
internal sealed class BytesResult(ReadOnlyMemory<byte> body, string contentType) : IResult
{
    public async Task ExecuteAsync(HttpContext httpContext)
    {
        httpContext.Response.ContentType = contentType;
        httpContext.Response.ContentLength = body.Length;
        if (!HttpMethods.IsHead(httpContext.Request.Method))
        {
            await httpContext.Response.Body.WriteAsync(body, httpContext.RequestAborted);
        }
    }
}
