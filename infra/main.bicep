// Everything that ServerlessTrace runs on: a Flex Consumption app and one storage account, reached by the app's identity alone.
targetScope = 'subscription'

@minLength(1)
@maxLength(40)
@description('Name of the azd environment; names and tags derive from it.')
param environmentName string

@minLength(1)
@description('Region of all resources. It must offer Flex Consumption with .NET 10: az functionapp list-flexconsumption-locations.')
param location string

@maxLength(36)
@description('Object id of the person who deploys, to read and drop data with their own login. Empty for none.')
param principalId string = ''

@minValue(1)
@maxValue(1000)
@description('Instances at most, for each group of functions that scales on its own. It bounds the bill as well as the throughput. A subscription has 250 cores a region for all its apps, unless more are asked for.')
param maximumInstanceCount int = 40

@allowed([512, 2048, 4096])
@description('Memory of an instance in MB. Ingest of a big file needs about 300 MB and sealing up to 750 MB, so 512 is for small loads only.')
param instanceMemoryMB int = 2048

@minValue(0)
@maxValue(20)
@description('Instances kept ready for the blob trigger. 0 scales to zero: the first blob after a pause waits for a cold start, and Event Grid may have to deliver twice.')
param alwaysReadyBlobInstances int = 0

@minValue(0)
@maxValue(20)
@description('Instances kept ready for HTTP. 0 scales to zero.')
param alwaysReadyHttpInstances int = 0

@minValue(0)
@maxValue(20)
@description('Instances kept ready for orchestrations. 0 scales to zero: the first window after a pause waits for a cold start before it is sealed. Microsoft recommends 1 for Durable Functions on this plan.')
param alwaysReadyDurableInstances int = 0

@minValue(1)
@maxValue(3650)
@description('Days after which dropped log files are deleted. Traces have a retention of their own, among the settings.')
param rawLogRetentionDays int = 30

@minValue(30)
@maxValue(730)
@description('Days for which the workspace keeps telemetry of the service itself.')
param telemetryRetentionDays int = 30

@minValue(1)
@maxValue(100)
@description('Gigabytes of telemetry of the service itself that the workspace takes a day; what exceeds them is dropped, never billed.')
param telemetryDailyCapGB int = 1

@description('Whether every request to storage is logged. Costs more than the storage itself: for investigations only.')
param logStorageRequests bool = false

@minValue(0)
@maxValue(1000000)
@description('A month\'s budget in the currency of the subscription; mail is sent at 80 % and when 100 % are forecast. 0 for no budget.')
param monthlyBudget int = 50

@maxLength(254)
@description('Who gets the budget\'s mail besides the owners of the resource group. Empty for nobody.')
param budgetContact string = ''

@description('First day of the month in which the budget begins. It cannot be changed later; the hook before provisioning sets it once.')
param budgetStartDate string = ''

@description('The current month, for a budget without a start. Not to be set.')
param currentMonth string = utcNow('yyyy-MM-01')

@description('Whether storage answers to a virtual network only, through private endpoints. Files can then be dropped from that network alone.')
param usePrivateNetwork bool = false

@maxLength(36)
@description('Client id of an Entra app registration: callers of the HTTP API then need a token for it, besides the function\'s key. Empty for keys only.')
param apiClientId string = ''

@description('Whether a key vault is made for secrets. Settings then refer to them: see settingsInVault.')
param useKeyVault bool = false

@description('Names of settings whose values are secrets of the key vault, by the name of the secret. For example: { "Links__Key": "links-key" }.')
param settingsInVault object = {}

@allowed(['AzureStorage', 'DurableTaskScheduler'])
@description('Where orchestrations keep their state: in the storage account, or in a Durable Task Scheduler, which costs more and shows them on a dashboard.')
param durableBackend string = 'AzureStorage'

@description('Settings that differ from the defaults in settings.json, such as { "Seal__Window": "00:00:02" }.')
param settings object = {}

var tags = { 'azd-env-name': environmentName }
var token = toLower(uniqueString(subscription().id, environmentName, location))

resource group 'Microsoft.Resources/resourceGroups@2024-03-01' = {
  name: 'rg-${environmentName}'
  location: location
  tags: tags
}

module identity 'modules/identity.bicep' = {
  name: 'identity'
  scope: group
  params: { location: location, tags: tags, token: token }
}

module monitoring 'modules/monitoring.bicep' = {
  name: 'monitoring'
  scope: group
  params: {
    location: location
    tags: tags
    token: token
    retentionDays: telemetryRetentionDays
    dailyCapGB: telemetryDailyCapGB
    appPrincipalId: identity.outputs.principalId
  }
}

module network 'modules/network.bicep' = if (usePrivateNetwork) {
  name: 'network'
  scope: group
  params: { location: location, tags: tags, token: token }
}

module storage 'modules/storage.bicep' = {
  name: 'storage'
  scope: group
  params: {
    location: location
    tags: tags
    token: token
    rawLogRetentionDays: rawLogRetentionDays
    workspaceId: monitoring.outputs.workspaceId
    logRequests: logStorageRequests
    isPrivate: usePrivateNetwork
    appPrincipalId: identity.outputs.principalId
    personPrincipalId: principalId
  }
}

module privateStorage 'modules/private-storage.bicep' = if (usePrivateNetwork) {
  name: 'private-storage'
  scope: group
  params: {
    location: location
    tags: tags
    storageAccountName: storage.outputs.name
    networkId: network!.outputs.id
    subnetId: network!.outputs.endpointsSubnetId
  }
}

module vault 'modules/vault.bicep' = if (useKeyVault) {
  name: 'vault'
  scope: group
  params: {
    location: location
    tags: tags
    token: token
    workspaceId: monitoring.outputs.workspaceId
    appPrincipalId: identity.outputs.principalId
    personPrincipalId: principalId
  }
}

module scheduler 'modules/scheduler.bicep' = if (durableBackend == 'DurableTaskScheduler') {
  name: 'scheduler'
  scope: group
  params: {
    location: location
    tags: tags
    token: token
    appPrincipalId: identity.outputs.principalId
    personPrincipalId: principalId
  }
}

module app 'modules/app.bicep' = {
  name: 'app'
  scope: group
  params: {
    location: location
    tags: tags
    token: token
    identityId: identity.outputs.id
    identityClientId: identity.outputs.clientId
    storageAccountName: storage.outputs.name
    packagesContainer: storage.outputs.packagesContainer
    insightsName: monitoring.outputs.insightsName
    workspaceId: monitoring.outputs.workspaceId
    maximumInstanceCount: maximumInstanceCount
    instanceMemoryMB: instanceMemoryMB
    alwaysReadyBlobInstances: alwaysReadyBlobInstances
    alwaysReadyHttpInstances: alwaysReadyHttpInstances
    alwaysReadyDurableInstances: alwaysReadyDurableInstances
    subnetId: usePrivateNetwork ? network!.outputs.appSubnetId : ''
    apiClientId: apiClientId
    schedulerEndpoint: durableBackend == 'DurableTaskScheduler' ? scheduler!.outputs.endpoint : ''
    vaultUri: useKeyVault ? vault!.outputs.uri : ''
    settingsInVault: settingsInVault
    settings: settings
  }
  // Its endpoints must be there before the app asks for the storage it can no longer reach otherwise.
  dependsOn: [privateStorage]
}

module events 'modules/events.bicep' = {
  name: 'events'
  scope: group
  params: {
    location: location
    tags: tags
    token: token
    storageAccountName: storage.outputs.name
    undeliveredContainer: storage.outputs.undeliveredContainer
    workspaceId: monitoring.outputs.workspaceId
  }
}

module budget 'modules/budget.bicep' = if (monthlyBudget > 0) {
  name: 'budget'
  scope: group
  params: {
    amount: monthlyBudget
    startDate: empty(budgetStartDate) ? currentMonth : budgetStartDate
    contact: budgetContact
  }
}

output AZURE_LOCATION string = location
output AZURE_RESOURCE_GROUP string = group.name
output AZURE_FUNCTION_APP_NAME string = app.outputs.name
output AZURE_STORAGE_ACCOUNT_NAME string = storage.outputs.name
output AZURE_EVENT_GRID_TOPIC_NAME string = events.outputs.topicName
output AZURE_KEY_VAULT_NAME string = useKeyVault ? vault!.outputs.name : ''
output SPAN_LOGS_CONTAINER string = storage.outputs.spanLogsContainer
output SERVERLESSTRACE_URL string = app.outputs.url
