using System.Security.Cryptography;
using System.Text;
using Azure;
using Microsoft.AspNetCore.Http;

namespace ServerlessTrace.Functions.Api;

/// <summary>Entity tags (RFC 9110) of what is stored in a table's row: strong ones, which a row's own tag is not.</summary>
internal static class EntityTag
{
    private const int Bytes = 9;

    /// <summary>The tag of a row's version, with its quotes.</summary>
    public static string Of(ETag rowVersion) =>
        $"\"{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(rowVersion.ToString())).AsSpan(0, Bytes))}\"";

    /// <summary>Why a request must not change what is there now; null when it may.</summary>
    /// <param name="request">The request, with <c>If-Match</c> or <c>If-None-Match: *</c> or neither.</param>
    /// <param name="current">The version of what is there; null for nothing.</param>
    public static IResult? Check(HttpRequest request, ETag? current)
    {
        if (request.Headers.IfNoneMatch.ToString().Trim() == "*" && current is not null)
        {
            return Problem.PreconditionFailed("It exists already, and 'If-None-Match: *' says to create it only.");
        }

        string match = request.Headers.IfMatch.ToString();
        bool isMatch = match.Length == 0
            || (current is { } version && match.Split(',').Any(tag => tag.Trim() is var given && (given == "*" || given == Of(version))));
        return isMatch ? null : Problem.PreconditionFailed("It is not what 'If-Match' names. Read it again and decide anew.");
    }

    /// <summary>Puts the tag into the answer.</summary>
    public static void Set(HttpRequest request, ETag rowVersion) => request.HttpContext.Response.Headers.ETag = Of(rowVersion);
}
