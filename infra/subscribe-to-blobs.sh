#!/bin/sh
# Tells the blob-triggered function of every blob written to the container of span logs. azd runs this after a deployment, with
# the outputs of main.bicep in the environment. Running it again changes nothing.
set -eu

: "${AZURE_RESOURCE_GROUP:?run it by azd, or set the outputs of main.bicep}"
: "${AZURE_FUNCTION_APP_NAME:?}"
: "${AZURE_EVENT_GRID_TOPIC_NAME:?}"
: "${SPAN_LOGS_CONTAINER:?}"

command -v az >/dev/null || { echo "The Azure CLI (az) is missing." >&2; exit 1; }

function_name=$(az functionapp function list --resource-group "$AZURE_RESOURCE_GROUP" --name "$AZURE_FUNCTION_APP_NAME" \
    --query "[?config.bindings[?type=='blobTrigger']].name | [0]" --output tsv)
function_name=${function_name##*/}
key=$(az functionapp keys list --resource-group "$AZURE_RESOURCE_GROUP" --name "$AZURE_FUNCTION_APP_NAME" \
    --query systemKeys.blobs_extension --output tsv)

if [ -z "$function_name" ] || [ -z "$key" ]; then
    echo "$AZURE_FUNCTION_APP_NAME shows no blob-triggered function yet; run this again in a minute." >&2
    exit 1
fi

az eventgrid system-topic event-subscription create --output none \
    --resource-group "$AZURE_RESOURCE_GROUP" --system-topic-name "$AZURE_EVENT_GRID_TOPIC_NAME" --name span-logs \
    --endpoint-type webhook \
    --endpoint "https://$AZURE_FUNCTION_APP_NAME.azurewebsites.net/runtime/webhooks/blobs?functionName=Host.Functions.$function_name&code=$key" \
    --included-event-types Microsoft.Storage.BlobCreated \
    --subject-begins-with "/blobServices/default/containers/$SPAN_LOGS_CONTAINER/"

echo "Blobs in $SPAN_LOGS_CONTAINER are now reported to $function_name."
