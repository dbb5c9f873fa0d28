// The function app.
@description('Region.')
param location string

@description('Tags.')
param tags object

@description('Makes names unique.')
param token string

@description('Resource id of the app\'s identity.')
param identityId string

@description('Client id of the app\'s identity.')
param identityClientId string

@description('The storage account.')
param storageAccountName string

@description('Container of deployed packages.')
param packagesContainer string

@description('The Application Insights resource.')
param insightsName string

@description('Workspace of the diagnostics.')
param workspaceId string

@description('Instances at most.')
param maximumInstanceCount int

@description('Memory of an instance in MB.')
param instanceMemoryMB int

@description('Instances kept ready for the blob trigger.')
param alwaysReadyBlobInstances int

@description('Instances kept ready for HTTP.')
param alwaysReadyHttpInstances int

@description('Instances kept ready for orchestrations.')
param alwaysReadyDurableInstances int

@description('Subnet that the app reaches storage through; empty for none.')
param subnetId string

@description('Client id of the Entra app registration that callers need a token for; empty for none.')
param apiClientId string

@description('Endpoint of the Durable Task Scheduler; empty where the storage account keeps orchestrations.')
param schedulerEndpoint string

@description('The key vault\'s URI; empty for none.')
param vaultUri string

@description('Secrets\' names by the names of settings.')
param settingsInVault object

@description('Settings that differ from the defaults.')
param settings object

// Every setting that the code reads, with its default: written by the code's own test (ServerlessTrace.Infra.Tests).
var defaults = loadJsonContent('../settings.json')

resource storage 'Microsoft.Storage/storageAccounts@2023-05-01' existing = {
  name: storageAccountName
}

resource insights 'Microsoft.Insights/components@2020-02-02' existing = {
  name: insightsName
}

// The host, the triggers, Durable Functions and the code all connect by these. The queue and table services are named as well
// because the Event Grid blob trigger keeps its work in a queue, and Durable Functions theirs in queues and tables.
var connection = {
  AzureWebJobsStorage__blobServiceUri: storage.properties.primaryEndpoints.blob
  AzureWebJobsStorage__clientId: identityClientId
  AzureWebJobsStorage__credential: 'managedidentity'
  AzureWebJobsStorage__queueServiceUri: storage.properties.primaryEndpoints.queue
  AzureWebJobsStorage__tableServiceUri: storage.properties.primaryEndpoints.table
}

var platform = {
  APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'ClientId=${identityClientId};Authorization=AAD'
  APPLICATIONINSIGHTS_CONNECTION_STRING: insights.properties.ConnectionString
  // With the empty route prefix, the platform's landing page would hide the function at /.
  AzureWebJobsDisableHomepage: 'true'
}

var scheduler = empty(schedulerEndpoint)
  ? {}
  : {
      AzureFunctionsJobHost__extensions__durableTask__hubName: 'default'
      AzureFunctionsJobHost__extensions__durableTask__storageProvider__connectionStringName: 'DURABLE_TASK_SCHEDULER_CONNECTION_STRING'
      AzureFunctionsJobHost__extensions__durableTask__storageProvider__type: 'azureManaged'
      DURABLE_TASK_SCHEDULER_CONNECTION_STRING: 'Endpoint=${schedulerEndpoint};Authentication=ManagedIdentity;ClientID=${identityClientId}'
      TASKHUB_NAME: 'default'
    }

var secrets = toObject(
  items(settingsInVault),
  setting => setting.key,
  setting => '@Microsoft.KeyVault(SecretUri=${vaultUri}secrets/${setting.value})'
)

// The groups of functions that this plan scales together.
var ready = filter(
  [
    { name: 'blob', instanceCount: alwaysReadyBlobInstances }
    { name: 'durable', instanceCount: alwaysReadyDurableInstances }
    { name: 'http', instanceCount: alwaysReadyHttpInstances }
  ],
  group => group.instanceCount > 0
)

resource plan 'Microsoft.Web/serverfarms@2024-04-01' = {
  name: 'plan-${token}'
  location: location
  tags: tags
  kind: 'functionapp'
  sku: {
    name: 'FC1'
    tier: 'FlexConsumption'
  }
  properties: { reserved: true }
}

resource app 'Microsoft.Web/sites@2024-04-01' = {
  name: 'func-${token}'
  location: location
  tags: union(tags, { 'azd-service-name': 'functions' })
  kind: 'functionapp,linux'
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: { '${identityId}': {} }
  }
  properties: {
    serverFarmId: plan.id
    httpsOnly: true
    keyVaultReferenceIdentity: identityId
    virtualNetworkSubnetId: empty(subnetId) ? null : subnetId
    siteConfig: {
      http20Enabled: true
      minTlsVersion: '1.2'
    }
    functionAppConfig: {
      deployment: {
        storage: {
          type: 'blobContainer'
          value: '${storage.properties.primaryEndpoints.blob}${packagesContainer}'
          authentication: {
            type: 'UserAssignedIdentity'
            userAssignedIdentityResourceId: identityId
          }
        }
      }
      runtime: {
        name: 'dotnet-isolated'
        version: '10.0'
      }
      scaleAndConcurrency: {
        alwaysReady: ready
        instanceMemoryMB: instanceMemoryMB
        maximumInstanceCount: maximumInstanceCount
      }
    }
  }

  resource appSettings 'config' = {
    name: 'appsettings'
    properties: union(defaults, settings, secrets, scheduler, platform, connection)
  }

  // Event Grid, health probes and whoever opens a link of an alert bring no token: the first has the system key in its URL, the second needs none, the third a signature.
  resource entra 'config' = if (!empty(apiClientId)) {
    name: 'authsettingsV2'
    properties: {
      platform: { enabled: true }
      globalValidation: {
        requireAuthentication: true
        unauthenticatedClientAction: 'Return401'
        excludedPaths: ['/api/health', '/api/shared/traces/*', '/runtime/webhooks/blobs']
      }
      httpSettings: { requireHttps: true }
      identityProviders: {
        azureActiveDirectory: {
          enabled: true
          registration: {
            clientId: apiClientId
            openIdIssuer: '${environment().authentication.loginEndpoint}${tenant().tenantId}/v2.0'
          }
          validation: { allowedAudiences: [apiClientId, 'api://${apiClientId}'] }
        }
      }
      login: { tokenStore: { enabled: false } }
    }
  }

  // Passwords of the deployment endpoints: the identity of whoever deploys is enough.
  resource noFtpPassword 'basicPublishingCredentialsPolicies' = {
    name: 'ftp'
    properties: { allow: false }
  }

  resource noScmPassword 'basicPublishingCredentialsPolicies' = {
    name: 'scm'
    properties: { allow: false }
  }
}

// Functions' own logs reach Application Insights through OpenTelemetry; here is what only the platform knows.
resource diagnostics 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  scope: app
  name: 'to-workspace'
  properties: {
    workspaceId: workspaceId
    logs: [{ category: 'AppServiceAuthenticationLogs', enabled: true }]
    metrics: [{ category: 'AllMetrics', enabled: true }]
  }
}

output name string = app.name
output url string = 'https://${app.properties.defaultHostName}'
