# Sets what must be the same in every later deployment, once. azd runs this before it provisions.
$ErrorActionPreference = 'Stop'

# A budget's first month cannot be changed afterwards.
if (-not $env:BUDGET_START_DATE) {
    azd env set BUDGET_START_DATE ([DateTime]::UtcNow.ToString('yyyy-MM-01'))
}
