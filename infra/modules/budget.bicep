// Mail before the bill surprises anybody.
@description('A month\'s amount in the currency of the subscription.')
param amount int

@description('First day of the month in which it begins.')
param startDate string

@description('Who gets the mail besides the owners; empty for nobody.')
param contact string

var receivers = { contactRoles: ['Owner'], contactEmails: empty(contact) ? [] : [contact] }

resource budget 'Microsoft.Consumption/budgets@2023-05-01' = {
  name: 'serverlesstrace'
  properties: {
    amount: amount
    category: 'Cost'
    timeGrain: 'Monthly'
    timePeriod: { startDate: startDate }
    notifications: {
      spent: union(receivers, { enabled: true, operator: 'GreaterThanOrEqualTo', threshold: 80, thresholdType: 'Actual' })
      forecast: union(receivers, { enabled: true, operator: 'GreaterThanOrEqualTo', threshold: 100, thresholdType: 'Forecasted' })
    }
  }
}
