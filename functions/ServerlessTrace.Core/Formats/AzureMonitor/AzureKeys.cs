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
    protected override FieldMeaning<AzureField> Classify(string name, int place) => new(place == Properties ? AzureField.Other : AzureFields.Of(name), name);
}
