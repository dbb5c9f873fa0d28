// A network for the app, and the endpoints of what only it may reach.
@description('Region.')
param location string

@description('Tags.')
param tags object

@description('Makes names unique.')
param token string

resource network 'Microsoft.Network/virtualNetworks@2024-01-01' = {
  name: 'vnet-${token}'
  location: location
  tags: tags
  properties: {
    addressSpace: { addressPrefixes: ['10.0.0.0/16'] }
    subnets: [
      {
        // Flex Consumption connects through this subnet, which must be delegated and big enough: an address an instance.
        name: 'app'
        properties: {
          addressPrefix: '10.0.0.0/22'
          delegations: [{ name: 'flex-consumption', properties: { serviceName: 'Microsoft.App/environments' } }]
        }
      }
      {
        name: 'endpoints'
        properties: {
          addressPrefix: '10.0.8.0/26'
          privateEndpointNetworkPolicies: 'Disabled'
        }
      }
    ]
  }

  resource app 'subnets' existing = {
    name: 'app'
  }

  resource endpoints 'subnets' existing = {
    name: 'endpoints'
  }
}

output id string = network.id
output appSubnetId string = network::app.id
output endpointsSubnetId string = network::endpoints.id
