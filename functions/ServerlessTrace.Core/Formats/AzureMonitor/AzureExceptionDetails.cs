using System.Text;
using System.Text.Json;
using ServerlessTrace.Core.Formats.Json;

namespace ServerlessTrace.Core.Formats.AzureMonitor;

/// <summary>
/// An exception's <c>Details</c>: <c>[{"type", "message", "rawStack", "parsedStack": [{"method", "fileName", "line"}]}]</c>, the outer exception first, as
/// JSON or as text that is JSON; <c>typeName</c> and <c>stack</c> in an SDK's envelope.
/// </summary>
internal sealed class AzureExceptionDetails(int maximumDepth)
{
    private const int MostFrames = 200;

    private readonly JsonText _text = new();
    private byte[] _type = [];
    private byte[] _message = [];
    private byte[] _stack = [];

    /// <summary>The outer exception's type.</summary>
    public ReadOnlySpan<byte> Type => _type;

    /// <summary>The outer exception's message.</summary>
    public ReadOnlySpan<byte> Message => _message;

    /// <summary>The outer exception's stack trace, a frame a line.</summary>
    public ReadOnlySpan<byte> Stack => _stack;

    /// <summary>Reads the column's text.</summary>
    public void Read(ReadOnlySpan<byte> details)
    {
        _type = [];
        _message = [];
        _stack = [];
        try
        {
            Utf8JsonReader json = new(details, new JsonReaderOptions { MaxDepth = maximumDepth });
            if (details.IsEmpty || !json.Read() || (json.TokenType == JsonTokenType.StartArray && !json.Read()) || json.TokenType != JsonTokenType.StartObject)
            {
                return;
            }

            while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
            {
                ReadField(ref json);
            }
        }
        catch (Exception broken) when (broken is JsonException or InvalidOperationException)
        {
            // Details are cut by some exports: what came before is right.
        }
    }

    private void ReadField(ref Utf8JsonReader json)
    {
        bool isMessage = json.ValueTextEquals("message"u8);
        bool isRaw = json.ValueTextEquals("rawStack"u8) || json.ValueTextEquals("stack"u8);
        bool isType = json.ValueTextEquals("type"u8) || json.ValueTextEquals("typeName"u8);
        bool isParsed = json.ValueTextEquals("parsedStack"u8);
        json.Read();
        if (isType)
        {
            _type = Raw(ref json).ToArray();
        }
        else if (isMessage)
        {
            _message = Raw(ref json).ToArray();
        }
        else if (isRaw && json.TokenType == JsonTokenType.String)
        {
            _stack = Raw(ref json).ToArray();
        }
        else if (isParsed && json.TokenType == JsonTokenType.StartArray && _stack.Length == 0)
        {
            _stack = ReadFrames(ref json);
        }

        json.Skip();
    }

    private byte[] ReadFrames(ref Utf8JsonReader json)
    {
        StringBuilder stack = new();
        int frames = 0;
        while (json.Read() && json.TokenType != JsonTokenType.EndArray)
        {
            string method = string.Empty;
            string file = string.Empty;
            string line = string.Empty;
            bool isFrame = json.TokenType == JsonTokenType.StartObject;
            while (isFrame && json.Read() && json.TokenType == JsonTokenType.PropertyName)
            {
                bool isMethod = json.ValueTextEquals("method"u8);
                bool isFile = json.ValueTextEquals("fileName"u8);
                bool isLine = json.ValueTextEquals("line"u8);
                json.Read();
                string text = Encoding.UTF8.GetString(Raw(ref json));
                method = isMethod ? text : method;
                file = isFile ? text : file;
                line = isLine ? text : line;
                json.Skip();
            }

            json.Skip();
            if (method.Length > 0 && frames++ < MostFrames)
            {
                stack.Append(stack.Length > 0 ? "\n" : string.Empty).Append("at ").Append(method);
                stack.Append(file.Length > 0 ? $" in {file}:{line}" : string.Empty);
            }
        }

        return Encoding.UTF8.GetBytes(stack.ToString());
    }

    private ReadOnlySpan<byte> Raw(ref Utf8JsonReader json) => json.TokenType is JsonTokenType.String or JsonTokenType.Number ? _text.Of(ref json) : default;
}
