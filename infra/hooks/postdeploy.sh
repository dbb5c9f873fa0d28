#!/bin/sh
# Subscribes the blob trigger to the storage account's events. azd runs this after every deployment of the app, with the outputs of
# main.bicep in the environment; running it again changes nothing.
set -eu

: "${AZURE_RESOURCE_GROUP:?run it by azd, or set the outputs of main.bicep}"
: "${AZURE_FUNCTION_APP_NAME:?}"
: "${AZURE_STORAGE_ACCOUNT_NAME:?}"
: "${AZURE_EVENT_GRID_TOPIC_NAME:?}"
: "${SPAN_LOGS_CONTAINER:?}"
: "${SERVERLESSTRACE_URL:?}"

command -v az >/dev/null || { echo "The Azure CLI (az) is missing." >&2; exit 1; }
infra=$(dirname "$0")/..

# Event Grid asks the app whether it wants the events, and the key in the subscription's URL is made when the app first starts:
# neither works before the app runs. Asking for its health starts it.
attempt=1
until curl --silent --show-error --fail --output /dev/null --max-time 60 "$SERVERLESSTRACE_URL/api/health" &&
    az deployment group create --only-show-errors --output none \
        --resource-group "$AZURE_RESOURCE_GROUP" --name blob-subscription --template-file "$infra/blob-subscription.bicep" \
        --parameters functionAppName="$AZURE_FUNCTION_APP_NAME" storageAccountName="$AZURE_STORAGE_ACCOUNT_NAME" \
        eventGridTopicName="$AZURE_EVENT_GRID_TOPIC_NAME" spanLogsContainer="$SPAN_LOGS_CONTAINER"
do
    if [ "$attempt" -ge 10 ]; then
        echo "$AZURE_FUNCTION_APP_NAME is not subscribed to new blobs yet: 'azd hooks run postdeploy' tries again." >&2
        exit 1
    fi

    attempt=$((attempt + 1))
    echo "The app has not started yet; trying again in 15 s." >&2
    sleep 15
done

echo "Blobs in $SPAN_LOGS_CONTAINER are now reported to $AZURE_FUNCTION_APP_NAME."
