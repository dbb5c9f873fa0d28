using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.Azure.Functions.Worker;
using ServerlessTrace.Infra.Tests.Bicep;
using ServerlessTrace.Infra.Tests.Code;
using ServerlessTrace.Storage;

namespace ServerlessTrace.Infra.Tests;

/// <summary>What the compiled templates say, and that they compile.</summary>
public sealed partial class TemplateTests
{
    private static IEnumerable<ArmResource> Resources => ArmResource.In(BicepCompiler.Main);

    private static ArmResource Only(string type) => Assert.Single(Resources, resource => resource.Type == type);

    private static ArmResource Config(string name) =>
        Assert.Single(Resources, resource => resource.Type == "Microsoft.Web/sites/config" && NameOf(resource).Contains($"'{name}'", StringComparison.Ordinal));

    private static string NameOf(ArmResource resource) => resource.Json.GetProperty("name").GetString()!;

    [BicepFact]
    public void The_templates_compile_without_a_word()
    {
        Assert.NotEmpty(Resources);
        Assert.NotEmpty(ArmResource.In(BicepCompiler.Compile("blob-subscription.bicep")));
    }

    [BicepFact]
    public void The_linter_has_nothing_to_say()
    {
        Assert.Empty(BicepCompiler.Lint("main.bicep"));
        Assert.Empty(BicepCompiler.Lint("blob-subscription.bicep"));
    }

    [Fact]
    public void No_module_is_fetched_from_elsewhere() => Assert.All(
        Directory.EnumerateFiles(InfraFolder.Path, "*.bicep", SearchOption.AllDirectories),
        file => Assert.DoesNotMatch(@"module\s+\w+\s+'(br|ts)[:/]", File.ReadAllText(file)));

    [BicepFact]
    public void Storage_takes_no_shared_key_no_anonymous_reader_and_no_old_encryption()
    {
        ArmResource account = Only("Microsoft.Storage/storageAccounts");

        Assert.Equal("False", account.Text("allowSharedKeyAccess"));
        Assert.Equal("False", account.Text("allowBlobPublicAccess"));
        Assert.Equal("False", account.Text("allowCrossTenantReplication"));
        Assert.Equal("True", account.Text("supportsHttpsTrafficOnly"));
        Assert.Equal("TLS1_2", account.Text("minimumTlsVersion"));
        Assert.Equal("[if(parameters('isPrivate'), 'Deny', 'Allow')]", account.Text("networkAcls.defaultAction"));
        Assert.Equal("None", Only("Microsoft.Storage/storageAccounts/blobServices/containers").Text("publicAccess"));
    }

    [BicepFact]
    public void No_template_asks_for_a_key_but_the_one_of_the_event_subscription()
    {
        Assert.DoesNotContain("listKeys", BicepCompiler.Main.GetRawText(), StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("AccountKey", BicepCompiler.Main.GetRawText(), StringComparison.OrdinalIgnoreCase);
        Assert.Single(ListKeys().Matches(BicepCompiler.Compile("blob-subscription.bicep").GetRawText()));
    }

    [BicepFact]
    public void Identities_have_exactly_the_roles_that_are_used()
    {
        RoleAssignment[] expected =
        [
            new("app", "Durable Task Data Contributor", "Microsoft.DurableTask/schedulers"),
            new("app", "Key Vault Secrets User", "Microsoft.KeyVault/vaults"),
            new("app", "Monitoring Metrics Publisher", "Microsoft.Insights/components"),
            new("app", "Storage Blob Data Owner", "Microsoft.Storage/storageAccounts"),
            new("app", "Storage Queue Data Contributor", "Microsoft.Storage/storageAccounts"),
            new("app", "Storage Table Data Contributor", "Microsoft.Storage/storageAccounts"),
            new("person", "Durable Task Data Contributor", "Microsoft.DurableTask/schedulers"),
            new("person", "Key Vault Secrets Officer", "Microsoft.KeyVault/vaults"),
            new("person", "Storage Blob Data Contributor", "Microsoft.Storage/storageAccounts"),
            new("person", "Storage Queue Data Contributor", "Microsoft.Storage/storageAccounts"),
            new("person", "Storage Table Data Contributor", "Microsoft.Storage/storageAccounts"),
            new("topic", "Storage Blob Data Contributor", "Microsoft.Storage/storageAccounts/blobServices/containers"),
        ];
        IEnumerable<RoleAssignment> found = Resources
            .Where(resource => resource.Type == "Microsoft.Authorization/roleAssignments")
            .SelectMany(RoleAssignment.Of);

        Assert.Equal(expected, found.OrderBy(role => role.Principal, StringComparer.Ordinal).ThenBy(role => role.Role, StringComparer.Ordinal));
    }

    [BicepFact]
    public void The_app_runs_dotnet_10_isolated_on_flex_consumption_with_its_identity()
    {
        ArmResource app = Only("Microsoft.Web/sites");

        Assert.Equal("FC1", Only("Microsoft.Web/serverfarms").Json.GetProperty("sku").GetProperty("name").GetString());
        Assert.Equal("dotnet-isolated", app.Text("functionAppConfig.runtime.name"));
        Assert.Equal("10.0", app.Text("functionAppConfig.runtime.version"));
        Assert.Equal("UserAssignedIdentity", app.Text("functionAppConfig.deployment.storage.authentication.type"));
        Assert.Equal("UserAssigned", app.Json.GetProperty("identity").GetProperty("type").GetString());
        Assert.Equal("True", app.Text("httpsOnly"));
        Assert.Equal("1.2", app.Text("siteConfig.minTlsVersion"));
        Assert.All(
            Resources.Where(resource => resource.Type == "Microsoft.Web/sites/basicPublishingCredentialsPolicies"),
            policy => Assert.Equal("False", policy.Text("allow")));
        Assert.Equal("True", Only("Microsoft.Insights/components").Text("DisableLocalAuth"));
    }

    [BicepFact]
    public void Every_setting_that_anything_reads_is_set()
    {
        ArmResource settings = Config("appsettings");
        string text = settings.Json.GetProperty("properties").GetString()!;
        JsonElement fromCode = settings.Variables.GetProperty("$fxv#0");

        Assert.Equal(CodeSettings.Read().Keys, fromCode.EnumerateObject().Select(setting => setting.Name));
        Assert.All(
            [
                "AzureWebJobsDisableHomepage", "APPLICATIONINSIGHTS_CONNECTION_STRING", "APPLICATIONINSIGHTS_AUTHENTICATION_STRING",
                .. SettingsOfTheWorker(),
            ],
            name => Assert.Contains($"'{name}', ", text, StringComparison.Ordinal));

        // Operators' own settings win over defaults, and the connection over everything.
        Assert.StartsWith("[union(variables('defaults'), parameters('settings'), variables('secrets'), ", text, StringComparison.Ordinal);
    }

    /// <summary>
    /// What Flex Consumption takes from functionAppConfig, or does not know at all: "Flex Consumption plan deprecations" in Microsoft's "App settings reference
    /// for Azure Functions". Some of it breaks a deployment.
    /// </summary>
    [BicepFact]
    public void No_setting_is_set_that_Flex_Consumption_refuses()
    {
        string[] refused =
        [
            "AzureWebJobsStorage", "ENABLE_ORYX_BUILD", "FUNCTIONS_EXTENSION_VERSION", "FUNCTIONS_MAX_HTTP_CONCURRENCY", "FUNCTIONS_WORKER_PROCESS_COUNT",
            "FUNCTIONS_WORKER_RUNTIME", "FUNCTIONS_WORKER_RUNTIME_VERSION", "SCM_DO_BUILD_DURING_DEPLOYMENT", "TZ",
        ];
        ArmResource settings = Config("appsettings");
        string[] set =
        [
            .. settings.Variables.GetProperty("$fxv#0").EnumerateObject().Select(setting => setting.Name),
            .. Quoted().Matches(settings.Json.GetProperty("properties").GetString()!).Select(match => match.Groups[1].Value),
        ];

        Assert.Contains("AzureWebJobsStorage__credential", set);
        Assert.Empty(set.Intersect(refused, StringComparer.OrdinalIgnoreCase));
        Assert.DoesNotContain(set, name => name.StartsWith("WEBSITE_", StringComparison.OrdinalIgnoreCase));
    }

    [BicepFact]
    public void Instances_are_kept_ready_for_the_groups_that_the_plan_has_and_have_sizes_that_it_has()
    {
        string ready = Only("Microsoft.Web/sites").Text("functionAppConfig.scaleAndConcurrency.alwaysReady") + Variable("app", "ready");

        Assert.Equal(["blob", "durable", "http"], Group().Matches(ready).Select(match => match.Groups[1].Value));
        Assert.Equal([512, 2048, 4096], BicepCompiler.Main.GetProperty("parameters").GetProperty("instanceMemoryMB").GetProperty("allowedValues").EnumerateArray().Select(size => size.GetInt32()));
    }

    [BicepFact]
    public void The_blob_trigger_is_subscribed_by_its_name_to_its_container()
    {
        JsonElement template = BicepCompiler.Compile("blob-subscription.bicep");
        ArmResource subscription = Assert.Single(ArmResource.In(template), resource => resource.Type.EndsWith("/eventSubscriptions", StringComparison.Ordinal));
        JsonElement parameters = template.GetProperty("parameters");
        (string function, BlobTriggerAttribute trigger) = Assert.Single(CodeStorage.Triggers<BlobTriggerAttribute>());

        Assert.Equal(function, parameters.GetProperty("functionName").GetProperty("defaultValue").GetString());
        Assert.StartsWith(parameters.GetProperty("spanLogsContainer").GetProperty("defaultValue").GetString() + "/", trigger.BlobPath, StringComparison.Ordinal);
        Assert.Contains("/runtime/webhooks/blobs?functionName=Host.Functions.", subscription.Text("destination.properties.endpointUrl"), StringComparison.Ordinal);
        Assert.Equal("EventGridSchema", subscription.Text("eventDeliverySchema"));
        Assert.Equal("Microsoft.Storage.BlobCreated", Assert.Single(subscription.Properties.GetProperty("filter").GetProperty("includedEventTypes").EnumerateArray()).GetString());
        Assert.Equal("[format('/blobServices/default/containers/{0}/', parameters('spanLogsContainer'))]", subscription.Text("filter.subjectBeginsWith"));
        Assert.Equal("SystemAssigned", subscription.Text("deadLetterWithResourceIdentity.identity.type"));
        Assert.Equal(StorageNames.SpanLogs, Variable("storage", "spanLogs"));
    }

    [BicepFact]
    public void Raw_logs_go_by_age_and_nothing_else_does()
    {
        JsonElement rule = Only("Microsoft.Storage/storageAccounts/managementPolicies").Properties.GetProperty("policy").GetProperty("rules")[0];
        string[] prefixes = [.. rule.GetProperty("definition").GetProperty("filters").GetProperty("prefixMatch").EnumerateArray().Select(prefix => prefix.GetString()!)];

        Assert.Equal(["[format('{0}/', variables('spanLogs'))]", "rejected/", "[format('{0}/', variables('undelivered'))]"], prefixes);
        Assert.Contains(
            "rawLogRetentionDays",
            rule.GetProperty("definition").GetProperty("actions").GetProperty("baseBlob").GetProperty("delete").GetProperty("daysAfterModificationGreaterThan").GetString(),
            StringComparison.Ordinal);
    }

    [BicepFact]
    public void With_a_private_network_each_service_of_storage_has_an_endpoint_and_a_name()
    {
        Assert.Equal(["blob", "queue", "table"], Resources.First(resource => resource.Module == "private-storage").Variables.GetProperty("services").EnumerateArray().Select(item => item.GetString()));
        Assert.Equal("Microsoft.App/environments", Only("Microsoft.Network/virtualNetworks").Properties.GetProperty("subnets")[0].GetProperty("properties").GetProperty("delegations")[0].GetProperty("properties").GetProperty("serviceName").GetString());
        Only("Microsoft.Network/privateEndpoints");
        Only("Microsoft.Network/privateDnsZones/virtualNetworkLinks");
        Assert.Contains("subnetId", Only("Microsoft.Web/sites").Text("virtualNetworkSubnetId"), StringComparison.Ordinal);
        Assert.All(
            ["hooks/preprovision.sh", "hooks/preprovision.ps1"],
            hook => Assert.Contains("az provider register --namespace Microsoft.App ", InfraFolder.Read(hook), StringComparison.Ordinal));
    }

    [BicepFact]
    public void With_an_app_registration_a_token_is_needed_everywhere_but_where_none_can_be()
    {
        ArmResource entra = Config("authsettingsV2");

        Assert.Equal("True", entra.Text("globalValidation.requireAuthentication"));
        Assert.Equal(["/api/health", "/api/shared/traces/*", "/runtime/webhooks/blobs"], ExcludedPaths(entra));
        Assert.Contains("apiClientId", entra.Json.GetProperty("condition").GetString(), StringComparison.Ordinal);
    }

    [BicepFact]
    public void Every_function_that_opens_without_a_key_opens_without_a_token_too()
    {
        string[] excluded = [.. ExcludedPaths(Config("authsettingsV2"))];
        string[] anonymous = [.. CodeStorage.Triggers<HttpTriggerAttribute>().Where(item => item.Trigger.AuthLevel == AuthorizationLevel.Anonymous).Select(item => "/" + item.Trigger.Route)];

        Assert.Equal(2, anonymous.Length);
        Assert.All(anonymous, route => Assert.Contains(excluded, path => path.EndsWith('*') ? route.StartsWith(path[..^1], StringComparison.Ordinal) : route == path));
        Assert.DoesNotContain(excluded, path => "/api/traces/id".StartsWith(path.TrimEnd('*'), StringComparison.Ordinal));
    }

    private static IEnumerable<string> ExcludedPaths(ArmResource entra) =>
        entra.Properties.GetProperty("globalValidation").GetProperty("excludedPaths").EnumerateArray().Select(path => path.GetString()!);

    [BicepFact]
    public void What_the_platform_knows_is_sent_to_the_workspace() => Assert.Equal(
        ["app", "events", "storage", "storage", "storage", "vault"],
        Resources.Where(resource => resource.Type == "Microsoft.Insights/diagnosticSettings").Select(resource => resource.Module).Order(StringComparer.Ordinal));

    [BicepFact]
    public void A_budget_writes_before_it_is_spent()
    {
        ArmResource budget = Only("Microsoft.Consumption/budgets");

        Assert.Contains("'Forecasted'", budget.Text("notifications.forecast"), StringComparison.Ordinal);
        Assert.Contains("'Actual'", budget.Text("notifications.spent"), StringComparison.Ordinal);
    }

    [BicepFact]
    public void Every_parameter_is_described_and_bounded()
    {
        Assert.All(BicepCompiler.Main.GetProperty("parameters").EnumerateObject(), parameter =>
        {
            Assert.True(parameter.Value.GetProperty("metadata").TryGetProperty("description", out _), parameter.Name);
            bool isNumber = parameter.Value.GetProperty("type").GetString() == "int";
            bool isBounded = (parameter.Value.TryGetProperty("minValue", out _) && parameter.Value.TryGetProperty("maxValue", out _))
                || parameter.Value.TryGetProperty("allowedValues", out _);
            Assert.True(!isNumber || isBounded, $"{parameter.Name} has no bounds");
        });
    }

    [BicepFact]
    public void The_parameters_file_and_the_hooks_name_what_the_template_has()
    {
        using JsonDocument file = JsonDocument.Parse(InfraFolder.Read("main.parameters.json"));
        string[] parameters = [.. BicepCompiler.Main.GetProperty("parameters").EnumerateObject().Select(parameter => parameter.Name)];
        string[] outputs = [.. BicepCompiler.Main.GetProperty("outputs").EnumerateObject().Select(output => output.Name)];

        Assert.Empty(file.RootElement.GetProperty("parameters").EnumerateObject().Select(parameter => parameter.Name).Except(parameters));
        Assert.Empty(Needed().Matches(InfraFolder.Read("hooks/postdeploy.sh")).Select(match => match.Groups[1].Value).Except(outputs));
        Assert.Empty(PowerShellVariable().Matches(InfraFolder.Read("hooks/postdeploy.ps1")).Select(match => match.Groups[1].Value).Except(outputs));
        Assert.All(
            HookFile().Matches(InfraFolder.ReadOfRepository("azure.yaml")).Select(match => match.Groups[1].Value),
            hook => Assert.True(File.Exists(Path.Combine(InfraFolder.Path, hook)), hook));
    }

    private static string Variable(string module, string name) =>
        Resources.First(resource => resource.Module == module).Variables.GetProperty(name).GetString()!;

    /// <summary>Settings of the connection that the worker reads, from its source.</summary>
    private static IEnumerable<string> SettingsOfTheWorker()
    {
        string source = InfraFolder.ReadOfRepository("functions/ServerlessTrace.Functions/Hosting/StorageAccount.cs");
        string[] services = [.. ServiceRead().Matches(source).Select(match => $"AzureWebJobsStorage__{match.Groups[1].Value}ServiceUri")];
        Assert.Equal(3, services.Length);
        return [.. services, "AzureWebJobsStorage__clientId", "AzureWebJobsStorage__credential"];
    }

    [GeneratedRegex(@"'([A-Za-z_]\w*)'")]
    private static partial Regex Quoted();

    [GeneratedRegex(@"'name', '(\w+)', 'instanceCount'")]
    private static partial Regex Group();

    [GeneratedRegex(@"listKeys\(", RegexOptions.IgnoreCase)]
    private static partial Regex ListKeys();

    [GeneratedRegex(@"^: ""\$\{(\w+):\?", RegexOptions.Multiline)]
    private static partial Regex Needed();

    [GeneratedRegex(@"\$env:(\w+)")]
    private static partial Regex PowerShellVariable();

    [GeneratedRegex(@"run: \./infra/(\S+)")]
    private static partial Regex HookFile();

    [GeneratedRegex(@"Endpoint\(account, ""(\w+)""\)")]
    private static partial Regex ServiceRead();
}
