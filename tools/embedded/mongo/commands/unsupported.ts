/** Why a command is refused, where its name does not say it. */
const TRANSACTIONS =
  'transactions of several documents are not kept; each write of one document is atomic and may be retried';

export const REASONS: Readonly<Record<string, string>> = {
  abortTransaction: TRANSACTIONS,
  commitTransaction: TRANSACTIONS,
  bulkWrite: 'it belongs to MongoDB 8.0 and this server announces 7.0; use insert, update and delete',
  validate: 'stop the server and start it with --fsck',
};

/** Commands MongoDB 8 knows: refused by name. What is in neither list does not exist. */
export const UNSUPPORTED_COMMANDS: ReadonlySet<string> = new Set(
  `abortTransaction commitTransaction coordinateCommitTransaction prepareTransaction bulkWrite validate mapReduce
  authenticate authSchemaUpgrade getnonce geoSearch planCacheClear planCacheClearFilters planCacheListFilters
  planCacheSetFilter setQuerySettings removeQuerySettings createUser dropUser dropAllUsersFromDatabase updateUser
  usersInfo grantRolesToUser revokeRolesFromUser createRole dropRole dropAllRolesFromDatabase updateRole rolesInfo
  grantPrivilegesToRole revokePrivilegesFromRole grantRolesToRole revokeRolesFromRole invalidateUserCache
  applyOps replSetAbortPrimaryCatchUp replSetFreeze replSetGetConfig replSetGetStatus replSetInitiate
  replSetMaintenance replSetReconfig replSetResizeOplog replSetStepDown replSetSyncFrom replSetHeartbeat
  replSetRequestVotes replSetUpdatePosition appendOplogNote abortReshardCollection addShard addShardToZone
  balancerCollectionStatus balancerStart balancerStatus balancerStop checkShardingIndex cleanupOrphaned
  cleanupReshardCollection commitReshardCollection configureCollectionBalancing enableSharding flushRouterConfig
  getShardMap getShardVersion isdbgrid listShards mergeChunks moveChunk moveCollection movePrimary moveRange
  refineCollectionShardKey removeShard removeShardFromZone reshardCollection setShardVersion shardCollection
  shardingState split splitVector unsetSharding unshardCollection updateZoneKeyRange killAllSessions
  killAllSessionsByPattern cloneCollectionAsCapped collMod compact compactStructuredEncryptionData convertToCapped
  currentOp dropConnections filemd5 fsync fsyncUnlock getAuditConfig getDefaultRWConcern setDefaultRWConcern
  getClusterParameter setClusterParameter killOp lockInfo logRotate reIndex renameCollection rotateCertificates
  setFeatureCompatibilityVersion setIndexCommitQuorum setParameter setAuditConfig setProfilingLevel
  setUserWriteBlockMode shutdown transitionFromDedicatedConfigServer transitionToDedicatedConfigServer
  analyzeShardKey configureQueryAnalyzer analyze availableQueryOptions connPoolStats connPoolSync cursorInfo dataSize
  dbHash dbhash driverOIDTest features getCmdLineOpts getLog hostInfo internalProfiling isSelf listCommands netstat
  profile profileStats shardConnPoolStats top validateDBMetadata whatsmyuri logApplicationMessage
  createSearchIndexes dropSearchIndex listSearchIndexes updateSearchIndex autoCompact waitForFailPoint
  configureFailPoint getDiagnosticData handshake copydb clone eval parallelCollectionScan forceerror reseterror
  getLastError getlasterror getPrevError`
    .trim()
    .split(/\s+/),
);
