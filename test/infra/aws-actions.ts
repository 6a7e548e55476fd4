// Actions of AWS that a role of ours could be given by mistake: all of the services near to us, the dangerous ones of others.

const BY_SERVICE: Readonly<Record<string, string>> = {
  s3: `AbortMultipartUpload BypassGovernanceRetention CreateAccessPoint CreateBucket DeleteBucket DeleteBucketPolicy
    DeleteObject DeleteObjectTagging DeleteObjectVersion GetBucketAcl GetBucketCORS GetBucketLocation
    GetBucketLogging GetBucketNotification GetBucketOwnershipControls GetBucketPolicy GetBucketPublicAccessBlock
    GetBucketVersioning GetEncryptionConfiguration GetInventoryConfiguration GetObject GetObjectAcl
    GetObjectAttributes GetObjectLegalHold GetObjectRetention GetObjectTagging GetObjectTorrent GetObjectVersion
    GetObjectVersionAcl GetObjectVersionForReplication GetObjectVersionTagging ListAllMyBuckets ListBucket
    ListBucketMultipartUploads ListBucketVersions ListMultipartUploadParts PutBucketAcl PutBucketCORS
    PutBucketNotification PutBucketOwnershipControls PutBucketPolicy PutBucketPublicAccessBlock
    PutBucketVersioning PutEncryptionConfiguration PutLifecycleConfiguration PutObject PutObjectAcl
    PutObjectLegalHold PutObjectRetention PutObjectTagging PutObjectVersionAcl PutReplicationConfiguration
    ReplicateObject RestoreObject`,
  iam: `AddUserToGroup AttachRolePolicy AttachUserPolicy CreateAccessKey CreateLoginProfile CreatePolicy
    CreatePolicyVersion CreateRole CreateServiceLinkedRole CreateUser DeleteRole DeleteRolePolicy GetPolicy
    GetPolicyVersion GetRole GetRolePolicy ListRoles ListUsers PassRole PutRolePolicy PutUserPolicy
    SetDefaultPolicyVersion UpdateAssumeRolePolicy UpdateLoginProfile UpdateRole`,
  sts: `AssumeRole AssumeRoleWithSAML AssumeRoleWithWebIdentity AssumeRoot DecodeAuthorizationMessage
    GetAccessKeyInfo GetCallerIdentity GetFederationToken GetServiceBearerToken GetSessionToken SetSourceIdentity
    TagSession`,
  "cognito-identity": `CreateIdentityPool DeleteIdentities DeleteIdentityPool DescribeIdentity
    DescribeIdentityPool GetCredentialsForIdentity GetId GetIdentityPoolRoles GetOpenIdToken
    GetOpenIdTokenForDeveloperIdentity ListIdentities ListIdentityPools LookupDeveloperIdentity
    MergeDeveloperIdentities SetIdentityPoolRoles SetPrincipalTagAttributeMap TagResource UnlinkIdentity
    UpdateIdentityPool`,
  "cognito-idp": `AddCustomAttributes AdminAddUserToGroup AdminConfirmSignUp AdminCreateUser AdminDeleteUser
    AdminDisableUser AdminEnableUser AdminGetUser AdminInitiateAuth AdminListGroupsForUser
    AdminRemoveUserFromGroup AdminResetUserPassword AdminRespondToAuthChallenge AdminSetUserMFAPreference
    AdminSetUserPassword AdminUpdateUserAttributes AdminUserGlobalSignOut CreateGroup CreateIdentityProvider
    CreateUserPool CreateUserPoolClient DeleteUserPool DeleteUserPoolClient DescribeIdentityProvider
    DescribeUserPool DescribeUserPoolClient GetSigningCertificate ListGroups ListUserPoolClients ListUserPools
    ListUsers ListUsersInGroup SetRiskConfiguration SetUserPoolMfaConfig TagResource UpdateGroup
    UpdateIdentityProvider UpdateUserPool UpdateUserPoolClient UpdateUserPoolDomain`,
  "cognito-sync": "GetCognitoEvents ListRecords QueryRecords SetIdentityPoolConfiguration UpdateRecords",
  lambda: `AddPermission CreateFunction CreateFunctionUrlConfig DeleteFunction EnableReplication GetFunction
    GetFunctionConfiguration GetLayerVersion GetPolicy InvokeAsync InvokeFunction InvokeFunctionUrl ListFunctions
    ListVersionsByFunction PublishVersion PutFunctionEventInvokeConfig RemovePermission UpdateAlias
    UpdateFunctionCode UpdateFunctionConfiguration`,
  secretsmanager: `CancelRotateSecret CreateSecret DeleteSecret DescribeSecret GetRandomPassword
    GetResourcePolicy GetSecretValue BatchGetSecretValue ListSecretVersionIds ListSecrets PutResourcePolicy
    PutSecretValue RestoreSecret RotateSecret TagResource UpdateSecret UpdateSecretVersionStage`,
  logs: `CreateExportTask CreateLogDelivery CreateLogGroup CreateLogStream DeleteLogGroup DeleteLogStream
    DeleteRetentionPolicy DescribeLogGroups DescribeLogStreams FilterLogEvents GetLogEvents GetLogRecord
    GetQueryResults PutDestination PutLogEvents PutMetricFilter PutResourcePolicy PutRetentionPolicy
    PutSubscriptionFilter StartLiveTail StartQuery TagResource`,
  kms: `CreateGrant CreateKey Decrypt DescribeKey DisableKey Encrypt GenerateDataKey
    GenerateDataKeyWithoutPlaintext GetKeyPolicy ListKeys PutKeyPolicy ReEncryptFrom ReEncryptTo
    ScheduleKeyDeletion Sign`,
  cloudfront: `CreateDistribution CreateFunction CreateInvalidation CreateKeyGroup DeleteDistribution
    GetDistribution GetDistributionConfig ListDistributions PublishFunction UpdateDistribution UpdateFunction
    UpdateOriginAccessControl UpdateResponseHeadersPolicy`,
  cloudformation:
    "CreateStack DeleteStack DescribeStacks ExecuteChangeSet GetTemplate SetStackPolicy UpdateStack",
  ssm: "GetParameter GetParameters GetParametersByPath PutParameter SendCommand StartSession",
  ec2: "CreateNetworkInterface DescribeInstances DescribeNetworkInterfaces RunInstances",
  dynamodb: "BatchGetItem DeleteItem GetItem PutItem Query Scan UpdateItem",
  sqs: "ReceiveMessage SendMessage",
  sns: "Publish Subscribe",
  events: "PutEvents PutRule PutTargets",
  cloudwatch: "GetMetricData PutDashboard PutMetricData",
  xray: "PutTelemetryRecords PutTraceSegments",
  organizations: "DescribeOrganization LeaveOrganization",
  account: "GetAccountInformation PutAlternateContact",
  route53: "ChangeResourceRecordSets",
  acm: "ExportCertificate ImportCertificate RequestCertificate",
  mobileanalytics: "PutEvents",
  bedrock: "InvokeModel",
};

/** Every action, as IAM names it. */
export const ACTIONS: readonly string[] = Object.entries(BY_SERVICE).flatMap(([service, names]) =>
  names.split(/\s+/).map((name) => `${service}:${name}`),
);
