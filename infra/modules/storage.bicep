// The one storage account. Nobody has a key to it: identities with roles only.
@description('Region.')
param location string

@description('Tags.')
param tags object

@minLength(8)
@maxLength(22)
@description('Makes names unique.')
param token string

@description('Days after which dropped files are deleted.')
param rawLogRetentionDays int

@description('Workspace of the diagnostics.')
param workspaceId string

@description('Whether every request is logged.')
param logRequests bool

@description('Whether only private endpoints, and trusted services of Azure, may connect.')
param isPrivate bool

@description('Object id of the app\'s identity.')
param appPrincipalId string

@description('Object id of a person who may read and write the data; empty for none.')
param personPrincipalId string

// What the code uses, written by its own test (ServerlessTrace.Infra.Tests): tables, containers, queues.
var names = loadJsonContent('../storage.json')

var spanLogs = 'span-logs'
var packages = 'app-package'
var undelivered = 'undelivered-events'
var containers = concat(names.containers, [packages, undelivered])

// The Functions host takes leases and makes containers and queues of its own (azure-webjobs-*), as Durable Functions do: hence the
// whole account, and Owner for blobs, which the blob trigger is documented to need.
var blobDataOwner = 'b7e6dc6d-f1e8-4753-8033-0f276bb0955b'
var queueDataContributor = '974c5e8b-45b9-4653-ba55-5f855dd0fb88'
var tableDataContributor = '0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3'
var appRoles = [blobDataOwner, queueDataContributor, tableDataContributor]

// A person drops files and messages, and looks at tables.
var blobDataContributor = 'ba92f5b4-2d11-453d-a403-e96b0029c9fe'
var personRoles = [blobDataContributor, queueDataContributor, tableDataContributor]

resource storage 'Microsoft.Storage/storageAccounts@2023-05-01' = {
  name: 'st${token}'
  location: location
  tags: tags
  kind: 'StorageV2'
  sku: { name: 'Standard_LRS' }
  properties: {
    accessTier: 'Hot'
    allowBlobPublicAccess: false
    allowCrossTenantReplication: false
    allowSharedKeyAccess: false
    defaultToOAuthAuthentication: true
    minimumTlsVersion: 'TLS1_2'
    networkAcls: {
      bypass: 'AzureServices'
      defaultAction: isPrivate ? 'Deny' : 'Allow'
    }
    supportsHttpsTrafficOnly: true
  }

  resource blobs 'blobServices' = {
    name: 'default'

    resource container 'containers' = [
      for name in containers: {
        name: name
        properties: { publicAccess: 'None' }
      }
    ]
  }

  resource queueService 'queueServices' = {
    name: 'default'

    resource queue 'queues' = [for name in names.queues: { name: name }]
  }

  resource tableService 'tableServices' = {
    name: 'default'

    resource table 'tables' = [for name in names.tables: { name: name }]
  }

  // Deleting by age costs nothing here; the app would pay for listing and deleting.
  resource lifecycle 'managementPolicies' = {
    name: 'default'
    properties: {
      policy: {
        rules: [
          {
            name: 'delete-raw-logs'
            type: 'Lifecycle'
            definition: {
              filters: {
                blobTypes: ['blockBlob', 'appendBlob']
                prefixMatch: ['${spanLogs}/', 'rejected/', '${undelivered}/']
              }
              actions: { baseBlob: { delete: { daysAfterModificationGreaterThan: rawLogRetentionDays } } }
            }
          }
        ]
      }
    }
    dependsOn: [blobs]
  }
}

resource appMayUseData 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for role in appRoles: {
    scope: storage
    name: guid(storage.id, appPrincipalId, role)
    properties: {
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', role)
      principalId: appPrincipalId
      principalType: 'ServicePrincipal'
    }
  }
]

resource personMayUseData 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for role in personRoles: if (!empty(personPrincipalId)) {
    scope: storage
    name: guid(storage.id, personPrincipalId, role)
    properties: {
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', role)
      principalId: personPrincipalId
    }
  }
]

var requestLogs = logRequests
  ? [
      { category: 'StorageRead', enabled: true }
      { category: 'StorageWrite', enabled: true }
      { category: 'StorageDelete', enabled: true }
    ]
  : []
var requestMetrics = [{ category: 'Transaction', enabled: true }]

resource blobDiagnostics 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  scope: storage::blobs
  name: 'to-workspace'
  properties: { workspaceId: workspaceId, logs: requestLogs, metrics: requestMetrics }
}

resource queueDiagnostics 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  scope: storage::queueService
  name: 'to-workspace'
  properties: { workspaceId: workspaceId, logs: requestLogs, metrics: requestMetrics }
}

resource tableDiagnostics 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  scope: storage::tableService
  name: 'to-workspace'
  properties: { workspaceId: workspaceId, logs: requestLogs, metrics: requestMetrics }
}

output name string = storage.name
output spanLogsContainer string = spanLogs
output packagesContainer string = packages
output undeliveredContainer string = undelivered
