// Tells the blob-triggered function of every blob written to the container of span logs. A deployment of its own, because the
// key in the URL exists only once the app runs with its blob extension; the key never leaves the resource manager.
@description('The function app.')
param functionAppName string

@description('The system topic of the storage account.')
param eventGridTopicName string

@description('The storage account.')
param storageAccountName string

@description('The container of span logs.')
param spanLogsContainer string = 'span-logs'

@description('The blob-triggered function.')
param functionName string = 'IngestSpanLogBlob'

@description('The container of events that could not be delivered within a day.')
param undeliveredContainer string = 'undelivered-events'

resource app 'Microsoft.Web/sites@2024-04-01' existing = {
  name: functionAppName
}

resource storage 'Microsoft.Storage/storageAccounts@2023-05-01' existing = {
  name: storageAccountName
}

resource topic 'Microsoft.EventGrid/systemTopics@2022-06-15' existing = {
  name: eventGridTopicName
}

resource subscription 'Microsoft.EventGrid/systemTopics/eventSubscriptions@2022-06-15' = {
  parent: topic
  name: 'span-logs'
  properties: {
    destination: {
      endpointType: 'WebHook'
      properties: {
        endpointUrl: 'https://${app.properties.defaultHostName}/runtime/webhooks/blobs?functionName=Host.Functions.${functionName}&code=${listKeys('${app.id}/host/default', '2023-12-01').systemKeys.blobs_extension}'
        maxEventsPerBatch: 16
        preferredBatchSizeInKilobytes: 64
      }
    }
    // The trigger reads this schema only.
    eventDeliverySchema: 'EventGridSchema'
    filter: {
      includedEventTypes: ['Microsoft.Storage.BlobCreated']
      subjectBeginsWith: '/blobServices/default/containers/${spanLogsContainer}/'
    }
    retryPolicy: {
      eventTimeToLiveInMinutes: 1440
      maxDeliveryAttempts: 30
    }
    deadLetterWithResourceIdentity: {
      identity: { type: 'SystemAssigned' }
      deadLetterDestination: {
        endpointType: 'StorageBlob'
        properties: {
          resourceId: storage.id
          blobContainerName: undeliveredContainer
        }
      }
    }
  }
}
