using ServerlessTrace.Core.Formats.Json;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Core.Formats.AzureMonitor;

/// <summary>The names that an export of Application Insights uses, and the attributes that its columns become.</summary>
internal sealed class AzureKeys(ReadLimits limits, JsonScanner json) : FieldKeys<AzureField>(limits, json)
{
    /// <summary>The place of columns.</summary>
    public const int Columns = 0;

    /// <summary>The place of custom properties and measurements.</summary>
    public const int Properties = 1;

    /// <summary>The place of an envelope's tags.</summary>
    public const int Tags = 2;

    /// <summary>The place of the fields of an envelope's item, or of an item of continuous export.</summary>
    public const int Item = 3;

    /// <summary>The place of the objects in a context.</summary>
    public const int Context = 4;

    /// <summary>The place of a measured value's fields.</summary>
    public const int Metric = 5;

    /// <summary>The places of what is in the objects in a context, in the order of <see cref="ContextObjects"/>.</summary>
    public const int InContext = 6;

    /// <summary>The objects in a context that tell something of a trace.</summary>
    private static readonly string[] ContextObjects = ["data", "operation", "cloud", "device", "application", "user", "session", "custom"];

    public AttributeKey Instance => field ??= Attribute("service.instance.id", AttributeScope.Resource);

    public AttributeKey Version => field ??= Attribute("service.version", AttributeScope.Resource);

    public AttributeKey CloudResource => field ??= Attribute("cloud.resource_id", AttributeScope.Resource);

    public AttributeKey User => field ??= Attribute("user.id");

    public AttributeKey Session => field ??= Attribute("session.id");

    public AttributeKey ItemCount => field ??= Attribute("azure.item_count");

    public AttributeKey Url => field ??= Attribute("url.full");

    public AttributeKey Source => field ??= Attribute("azure.source");

    public AttributeKey DependencyType => field ??= Attribute("azure.dependency_type");

    public AttributeKey QueryText => field ??= Attribute("db.query.text");

    public AttributeKey Data => field ??= Attribute("azure.data");

    public AttributeKey DatabaseSystem => field ??= Attribute("db.system");

    public AttributeKey ServerAddress => field ??= Attribute("server.address");

    public AttributeKey DatabaseNamespace => field ??= Attribute("db.namespace");

    public AttributeKey Level => field ??= Attribute("level");

    public AttributeKey ExceptionType => field ??= Attribute("exception.type");

    public AttributeKey ExceptionMessage => field ??= Attribute("exception.message");

    public AttributeKey ExceptionStackTrace => field ??= Attribute("exception.stacktrace");

    public AttributeKey ProblemId => field ??= Attribute("azure.problem_id");

    public AttributeKey Method => field ??= Attribute("azure.method");

    public AttributeKey StatusCode => field ??= Attribute("http.response.status_code");

    public AttributeKey ResultCode => field ??= Attribute("azure.result_code");

    public AttributeKey UnreadableProperties => field ??= Attribute("Properties");

    /// <inheritdoc/>
    protected override FieldMeaning<AzureField> Classify(string name, int place) => new(
        place switch
        {
            Properties or Context => AzureField.Other,
            Columns => AzureFields.Of(name),
            Tags => AzureFields.OfTag(name),
            Item => AzureFields.OfItem(name),
            Metric => name == "value" ? AzureField.DurationTicks : AzureField.Other,
            _ => AzureFields.OfContext($"{ContextObjects[place - InContext]}.{name}"),
        },
        name);

    /// <summary>The place of what is in an object in a context; -1 for one that tells nothing.</summary>
    public static int PlaceOf(ReadOnlySpan<byte> contextObject)
    {
        for (int i = 0; i < ContextObjects.Length; i++)
        {
            if (System.Text.Ascii.Equals(contextObject, ContextObjects[i]))
            {
                return InContext + i;
            }
        }

        return -1;
    }
}
