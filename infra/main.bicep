// Everything that ServerlessTrace runs on: a Flex Consumption app and one storage account, reached by the app's identity alone.
targetScope = 'subscription'

@minLength(1)
@maxLength(40)
@description('Name of the azd environment; names and tags derive from it.')
param environmentName string

@minLength(1)
@description('Region of all resources. It must offer Flex Consumption.')
param location string

@description('Object id of the person who deploys, to read and drop blobs with their own login. Empty for none.')
param principalId string = ''

@minValue(1)
@maxValue(1000)
@description('Instances at most, for each group of functions that scales on its own.')
param maximumInstanceCount int = 40

@allowed([512, 2048, 4096])
@description('Memory of an instance in MB.')
param instanceMemoryMB int = 2048

var tags = { 'azd-env-name': environmentName }

resource group 'Microsoft.Resources/resourceGroups@2024-03-01' = {
  name: 'rg-${environmentName}'
  location: location
  tags: tags
}

module serverlessTrace 'serverlesstrace.bicep' = {
  name: 'serverlesstrace'
  scope: group
  params: {
    location: location
    tags: tags
    token: toLower(uniqueString(subscription().id, environmentName, location))
    principalId: principalId
    maximumInstanceCount: maximumInstanceCount
    instanceMemoryMB: instanceMemoryMB
  }
}

output AZURE_LOCATION string = location
output AZURE_RESOURCE_GROUP string = group.name
output AZURE_FUNCTION_APP_NAME string = serverlessTrace.outputs.functionAppName
output AZURE_STORAGE_ACCOUNT_NAME string = serverlessTrace.outputs.storageAccountName
output AZURE_EVENT_GRID_TOPIC_NAME string = serverlessTrace.outputs.eventGridTopicName
output SPAN_LOGS_CONTAINER string = serverlessTrace.outputs.spanLogsContainer
output SERVERLESSTRACE_URL string = serverlessTrace.outputs.url
