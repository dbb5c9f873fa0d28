// The one identity that the app has: roles are given to it before the app starts, and stay when the app is made anew.
@description('Region.')
param location string

@description('Tags.')
param tags object

@description('Makes names unique.')
param token string

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31' = {
  name: 'id-${token}'
  location: location
  tags: tags
}

output id string = identity.id
output clientId string = identity.properties.clientId
output principalId string = identity.properties.principalId
