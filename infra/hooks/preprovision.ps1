# Sets what must be the same in every later deployment, once. azd runs this before it provisions.
$ErrorActionPreference = 'Stop'

# A budget's first month cannot be changed afterwards.
if (-not $env:BUDGET_START_DATE) {
    azd env set BUDGET_START_DATE ([DateTime]::UtcNow.ToString('yyyy-MM-01'))
}

# The subnet is delegated to this provider. A deployment registers only the providers of the resources in it.
if ($env:USE_PRIVATE_NETWORK -eq 'true') {
    az provider register --namespace Microsoft.App --wait
    if ($LASTEXITCODE -ne 0) { throw 'Microsoft.App could not be registered.' }
}
