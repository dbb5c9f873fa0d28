#!/bin/sh
# Sets what must be the same in every later deployment, once. azd runs this before it provisions.
set -eu

# A budget's first month cannot be changed afterwards.
[ -n "${BUDGET_START_DATE:-}" ] || azd env set BUDGET_START_DATE "$(date -u +%Y-%m-01)"

# The subnet is delegated to this provider. A deployment registers only the providers of the resources in it.
[ "${USE_PRIVATE_NETWORK:-false}" != true ] || az provider register --namespace Microsoft.App --wait
