# Subscribes the blob trigger to the storage account's events; see postdeploy.sh for why it is done here.
$ErrorActionPreference = 'Stop'

for ($attempt = 1; $attempt -le 10; $attempt++) {
    try {
        Invoke-WebRequest -Uri "$env:SERVERLESSTRACE_URL/api/health" -UseBasicParsing -TimeoutSec 60 | Out-Null
        az deployment group create --only-show-errors --output none `
            --resource-group $env:AZURE_RESOURCE_GROUP --name blob-subscription --template-file "$PSScriptRoot/../blob-subscription.bicep" `
            --parameters functionAppName=$env:AZURE_FUNCTION_APP_NAME storageAccountName=$env:AZURE_STORAGE_ACCOUNT_NAME `
            eventGridTopicName=$env:AZURE_EVENT_GRID_TOPIC_NAME spanLogsContainer=$env:SPAN_LOGS_CONTAINER
        if ($LASTEXITCODE -eq 0) {
            Write-Host "Blobs in $env:SPAN_LOGS_CONTAINER are now reported to $env:AZURE_FUNCTION_APP_NAME."
            exit 0
        }
    }
    catch {
        Write-Host "The app has not started yet: $_"
    }

    Start-Sleep -Seconds 15
}

Write-Error "$env:AZURE_FUNCTION_APP_NAME is not subscribed to new blobs yet: 'azd hooks run postdeploy' tries again."
