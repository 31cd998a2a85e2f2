/**
 * Engine codes that pass: limits, a full disk, replicas and storage that are away, a table that is just being put in the place of another. What is left
 * out stops a lane until a person acts, so a doubtful one stands here: waiting is seen, too.
 *
 * Names: https://github.com/ClickHouse/ClickHouse/blob/master/src/Common/ErrorCodes.cpp
 */
export const PASSING: ReadonlySet<string> = new Set([
  '159', // TIMEOUT_EXCEEDED
  '198', // DNS_ERROR
  '202', // TOO_MANY_SIMULTANEOUS_QUERIES
  '203', // NO_FREE_CONNECTION
  '204', // CANNOT_FSYNC
  '209', // SOCKET_TIMEOUT
  '210', // NETWORK_ERROR
  '216', // QUERY_WITH_SAME_ID_IS_ALREADY_RUNNING: this batch is under way, sent by a worker that is gone
  '218', // TABLE_IS_DROPPED: while the statement ran; the next try says what is there now
  '225', // NO_ZOOKEEPER
  '236', // ABORTED
  '241', // MEMORY_LIMIT_EXCEEDED
  '242', // TABLE_IS_READ_ONLY
  '243', // NOT_ENOUGH_SPACE
  '244', // UNEXPECTED_ZOOKEEPER_ERROR
  '252', // TOO_MANY_PARTS
  '254', // NO_ACTIVE_REPLICAS
  '265', // NO_AVAILABLE_REPLICA
  '279', // ALL_CONNECTION_TRIES_FAILED
  '285', // TOO_FEW_LIVE_REPLICAS
  '286', // UNSATISFIED_QUORUM_FOR_PREVIOUS_WRITE
  '297', // SHARD_HAS_NO_CONNECTIONS
  '319', // UNKNOWN_STATUS_OF_INSERT
  '341', // UNFINISHED: a mutation that takes longer than the wait for it
  '364', // RECEIVED_ERROR_TOO_MANY_REQUESTS
  '384', // PART_IS_TEMPORARILY_LOCKED
  '394', // QUERY_WAS_CANCELLED
  '416', // REPLICA_STATUS_CHANGED
  '425', // SYSTEM_ERROR
  '439', // CANNOT_SCHEDULE_TASK
  '473', // DEADLOCK_AVOIDED
  '499', // S3_ERROR
  '500', // AZURE_BLOB_STORAGE_ERROR
  '517', // CANNOT_ASSIGN_ALTER: another one is under way
  '529', // NOT_A_LEADER
  '571', // DATABASE_REPLICATION_FAILED
  '574', // DISTRIBUTED_TOO_MANY_PENDING_BYTES
  '667', // NOT_INITIALIZED
  '677', // THREAD_WAS_CANCELED
  '692', // TOO_MANY_MUTATIONS
  '693', // AWS_ERROR
  '696', // ASYNC_LOAD_CANCELED
  '700', // USER_SESSION_LIMIT_EXCEEDED
  '707', // GCP_ERROR
  '722', // ASYNC_LOAD_WAIT_FAILED: the table is still being loaded after a start
  '733', // TABLE_IS_BEING_RESTARTED
  '735', // QUERY_WAS_CANCELLED_BY_CLIENT
  '738', // PART_IS_LOCKED
  '741', // TABLE_UUID_MISMATCH: the name has come to mean another table while the statement began (RENAME, EXCHANGE)
  '745', // SERVER_OVERLOADED
  '749', // TCP_CONNECTION_LIMIT_REACHED
  '762', // HTTP_CONNECTION_LIMIT_REACHED
  '763', // SESSION_REFUSED
  '776', // RESOURCE_LIMIT_EXCEEDED
  '777', // MEMORY_RESERVATION_KILLED
  '778', // MEMORY_RESERVATION_FAILED
  '904', // TOO_MANY_UNAVAILABLE_SHARDS
  '999', // KEEPER_EXCEPTION
])
