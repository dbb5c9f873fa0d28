// The source of the blob trigger's events. The subscription needs a key of the running app: blob-subscription.bicep makes it
// after the deployment.
@description('Region.')
param location string

@description('Tags.')
param tags object

@description('Makes names unique.')
param token string

@description('The storage account that reports its blobs.')
param storageAccountName string

@description('Container that events which could not be delivered are put into.')
param undeliveredContainer string

@description('Workspace of the diagnostics.')
param workspaceId string

var blobDataContributor = 'ba92f5b4-2d11-453d-a403-e96b0029c9fe'

resource storage 'Microsoft.Storage/storageAccounts@2023-05-01' existing = {
  name: storageAccountName

  resource blobs 'blobServices' existing = {
    name: 'default'

    resource undelivered 'containers' existing = {
      name: undeliveredContainer
    }
  }
}

resource topic 'Microsoft.EventGrid/systemTopics@2022-06-15' = {
  name: 'evgt-${token}'
  location: location
  tags: tags
  identity: { type: 'SystemAssigned' }
  properties: {
    source: storage.id
    topicType: 'Microsoft.Storage.StorageAccounts'
  }
}

resource topicMayPutAside 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: storage::blobs::undelivered
  name: guid(storage::blobs::undelivered.id, topic.id, blobDataContributor)
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', blobDataContributor)
    principalId: topic.identity.principalId
    principalType: 'ServicePrincipal'
  }
}

resource diagnostics 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  scope: topic
  name: 'to-workspace'
  properties: {
    workspaceId: workspaceId
    logs: [{ category: 'DeliveryFailures', enabled: true }]
    metrics: [{ category: 'AllMetrics', enabled: true }]
  }
}

output topicName string = topic.name
