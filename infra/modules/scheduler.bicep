// A Durable Task Scheduler instead of the storage account, for orchestrations.
@description('Region. It must offer the Durable Task Scheduler.')
param location string

@description('Tags.')
param tags object

@description('Makes names unique.')
param token string

@description('Object id of the app\'s identity.')
param appPrincipalId string

@description('Object id of a person who may see the dashboard; empty for none.')
param personPrincipalId string

var durableTaskDataContributor = '0ad04412-c4d5-4796-b79c-f76d14c8d402'

resource scheduler 'Microsoft.DurableTask/schedulers@2025-11-01' = {
  name: 'dts-${token}'
  location: location
  tags: tags
  properties: {
    // An empty list would let nobody in. Identities with the role only, from wherever they come.
    ipAllowlist: ['0.0.0.0/0']
    sku: { name: 'Consumption' }
  }

  resource hub 'taskHubs' = {
    name: 'default'
  }
}

resource appMayUse 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: scheduler
  name: guid(scheduler.id, appPrincipalId, durableTaskDataContributor)
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', durableTaskDataContributor)
    principalId: appPrincipalId
    principalType: 'ServicePrincipal'
  }
}

// No type: whoever deploys may be a pipeline.
resource personMayUse 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (!empty(personPrincipalId)) {
  scope: scheduler
  name: guid(scheduler.id, personPrincipalId, durableTaskDataContributor)
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', durableTaskDataContributor)
    principalId: personPrincipalId
  }
}

output endpoint string = scheduler.properties.endpoint
