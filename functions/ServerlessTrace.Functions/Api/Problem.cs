using Microsoft.AspNetCore.Http;

namespace ServerlessTrace.Functions.Api;

/// <summary>Errors as problem details (RFC 9457).</summary>
internal static class Problem
{
    public static IResult BadRequest(string detail) => Results.Problem(detail, statusCode: StatusCodes.Status400BadRequest, title: "The request is not valid.");

    public static IResult NotFound(string detail) => Results.Problem(detail, statusCode: StatusCodes.Status404NotFound, title: "There is no such thing here.");

    public static IResult Conflict(string detail) => Results.Problem(detail, statusCode: StatusCodes.Status409Conflict, title: "That is not possible now.");

    public static IResult PreconditionFailed(string detail) =>
        Results.Problem(detail, statusCode: StatusCodes.Status412PreconditionFailed, title: "It was changed meanwhile.");

    public static IResult NotAcceptable(string detail) =>
        Results.Problem(detail, statusCode: StatusCodes.Status406NotAcceptable, title: "That representation is not offered.");
}
