using System.Text;

namespace ServerlessTrace.Generation;

/// <summary>An error as services log it.</summary>
internal sealed class Failure(string code, string message, string stackTrace, int httpStatus)
{
    public byte[] Code { get; } = Encoding.UTF8.GetBytes(code);

    public byte[] Message { get; } = Encoding.UTF8.GetBytes(message);

    public byte[] StackTrace { get; } = Encoding.UTF8.GetBytes(stackTrace);

    public int HttpStatus { get; } = httpStatus;
}
