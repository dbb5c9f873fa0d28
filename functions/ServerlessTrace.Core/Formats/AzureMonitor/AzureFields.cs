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

    /// <summary>What a column means.</summary>
    /// <param name="name">Its name.</param>
    public static AzureField Of(string name) => name switch
    {
        "type" => AzureField.ClassicType,
        "Type" or "itemType" or "category" => AzureField.Table,
        _ => Names.GetValueOrDefault(name.Replace("_", string.Empty, StringComparison.Ordinal).ToLowerInvariant()),
    };
}
