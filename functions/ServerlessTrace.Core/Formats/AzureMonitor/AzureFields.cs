namespace ServerlessTrace.Core.Formats.AzureMonitor;

/// <summary>
/// The columns' names: of the workspace's tables (learn.microsoft.com/azure/azure-monitor/reference/tables/apprequests, …/appdependencies,
/// …/appexceptions, …/apptraces) and of the classic ones (learn.microsoft.com/azure/azure-monitor/app/convert-classic-resource,
/// "Table schemas"). But for case and underscores most are the same.
/// </summary>
internal static class AzureFields
{
    private static readonly Dictionary<string, AzureField> Names = new()
    {
        ["time"] = AzureField.Time,
        ["timestamp"] = AzureField.Time,
        ["timegenerated"] = AzureField.Time,
        ["operationid"] = AzureField.Operation,
        ["operationname"] = AzureField.OperationName,
        ["parentid"] = AzureField.Parent,
        ["operationparentid"] = AzureField.Parent,
        ["id"] = AzureField.Id,
        ["name"] = AzureField.Name,
        ["durationms"] = AzureField.Duration,
        ["duration"] = AzureField.Duration,
        ["success"] = AzureField.Success,
        ["resultcode"] = AzureField.ResultCode,
        ["url"] = AzureField.Url,
        ["source"] = AzureField.Source,
        ["target"] = AzureField.Target,
        ["dependencytype"] = AzureField.DependencyType,
        ["data"] = AzureField.Data,
        ["approlename"] = AzureField.RoleName,
        ["cloudrolename"] = AzureField.RoleName,
        ["approleinstance"] = AzureField.RoleInstance,
        ["cloudroleinstance"] = AzureField.RoleInstance,
        ["appversion"] = AzureField.Version,
        ["applicationversion"] = AzureField.Version,
        ["resourceid"] = AzureField.ResourceId,
        ["userid"] = AzureField.UserId,
        ["sessionid"] = AzureField.SessionId,
        ["itemcount"] = AzureField.ItemCount,
        ["properties"] = AzureField.Properties,
        ["customdimensions"] = AzureField.Properties,
        ["measurements"] = AzureField.Measurements,
        ["custommeasurements"] = AzureField.Measurements,
        ["message"] = AzureField.Message,
        ["severitylevel"] = AzureField.Severity,
        ["exceptiontype"] = AzureField.ExceptionType,
        ["innermostmessage"] = AzureField.ExceptionMessage,
        ["outermessage"] = AzureField.OuterMessage,
        ["details"] = AzureField.Details,
        ["problemid"] = AzureField.ProblemId,
        ["method"] = AzureField.Method,
    };

    /// <summary>The tags of an SDK's envelope (microsoft/ApplicationInsights-Home, <c>EndpointSpecs/Schemas/Bond/ContextTagKeys.bond</c>).</summary>
    private static readonly Dictionary<string, AzureField> Tags = new()
    {
        ["ai.operation.id"] = AzureField.Operation,
        ["ai.operation.parentId"] = AzureField.Parent,
        ["ai.operation.name"] = AzureField.OperationName,
        ["ai.cloud.role"] = AzureField.RoleName,
        ["ai.cloud.roleInstance"] = AzureField.RoleInstance,
        ["ai.application.ver"] = AzureField.Version,
        ["ai.user.id"] = AzureField.UserId,
        ["ai.session.id"] = AzureField.SessionId,
    };

    /// <summary>What a field of an envelope's item (<c>baseData</c>), or of an item of continuous export, means where a column of that name means something else.</summary>
    private static readonly Dictionary<string, AzureField> Items = new()
    {
        ["name"] = AzureField.ItemName,
        ["responseCode"] = AzureField.ResultCode,
        ["type"] = AzureField.DependencyType,
        ["dependencyTypeName"] = AzureField.DependencyType,
        ["commandName"] = AzureField.Data,
        ["dependencyTarget"] = AzureField.Target,
        ["exceptions"] = AzureField.Exceptions,
        ["messageRaw"] = AzureField.Message,
        ["typeName"] = AzureField.ExceptionType,
        ["outerExceptionMessage"] = AzureField.OuterMessage,
        ["innermostExceptionMessage"] = AzureField.ExceptionMessage,
        ["durationMetric"] = AzureField.DurationTicks,
        ["count"] = AzureField.ItemCount,
    };

    /// <summary>The same of a context's objects.</summary>
    private static readonly Dictionary<string, AzureField> Context = new()
    {
        ["data.eventTime"] = AzureField.Time,
        ["operation.id"] = AzureField.Operation,
        ["operation.parentId"] = AzureField.Parent,
        ["operation.name"] = AzureField.OperationName,
        ["cloud.role"] = AzureField.RoleName,
        ["cloud.roleName"] = AzureField.RoleName,
        ["cloud.roleInstance"] = AzureField.RoleInstance,
        ["device.roleName"] = AzureField.RoleName,
        ["device.roleInstance"] = AzureField.RoleInstance,
        ["application.version"] = AzureField.Version,
        ["user.anonId"] = AzureField.UserId,
        ["session.id"] = AzureField.SessionId,
        ["custom.dimensions"] = AzureField.Dimensions,
    };

    /// <summary>What a field of an envelope's <c>tags</c> means.</summary>
    public static AzureField OfTag(string name) => Tags.GetValueOrDefault(name);

    /// <summary>What a field of an item means.</summary>
    public static AzureField OfItem(string name) => Items.TryGetValue(name, out AzureField field) ? field : Of(name);

    /// <summary>What a field of one of a context's objects means.</summary>
    /// <param name="path">The object's name and the field's, with a point between them.</param>
    public static AzureField OfContext(string path) => Context.GetValueOrDefault(path);

    /// <summary>What a column means.</summary>
    /// <param name="name">Its name.</param>
    public static AzureField Of(string name) => name switch
    {
        "type" => AzureField.ClassicType,
        "Type" or "itemType" or "category" or "baseType" => AzureField.Table,
        "tags" => AzureField.Tags,
        "baseData" => AzureField.Item,
        "context" => AzureField.Context,
        "request" or "RemoteDependency" or "remoteDependency" or "basicException" or "event" => AzureField.Items,
        _ => Names.GetValueOrDefault(name.Replace("_", string.Empty, StringComparison.Ordinal).ToLowerInvariant()),
    };
}
