/**
 * Engine settings of every access scope, the same on the embedded engine (a profile in users.xml) and on a real server
 * (SETTINGS of the user): each is constant, so that no query can change it.
 *
 * Safety: `readonly=1`, no DDL, deleted and moved rows are hidden (`final`) before row filters apply. Truth: 64-bit integers and
 * decimals are quoted in JSON, because most readers would cut their digits. Limits come from `api` in mogo.yaml.
 */

/** Limits of one query. */
export type ScopeLimits = {
  readonly maxSeconds: number
  readonly maxMemoryMb: number
  readonly maxResultRows: number
  readonly maxRowsToRead: number
}

/** Names and values of the settings. */
export function scopeSettings(limits: ScopeLimits): Readonly<Record<string, string | number>> {
  return {
    readonly: 1,
    allow_ddl: 0,
    allow_introspection_functions: 0,
    final: 1,
    apply_row_policy_after_final: 1,
    use_query_cache: 0,
    use_query_condition_cache: 0,
    max_execution_time: limits.maxSeconds,
    timeout_overflow_mode: 'throw',
    max_memory_usage: limits.maxMemoryMb * 1024 * 1024,
    max_result_rows: limits.maxResultRows,
    result_overflow_mode: 'throw',
    max_rows_to_read: limits.maxRowsToRead,
    read_overflow_mode: 'throw',
    max_ast_elements: 50_000,
    max_expanded_ast_elements: 100_000,
    max_ast_depth: 1_000,
    max_subquery_depth: 100,
    max_threads: 4,
    max_query_size: 262_144,
    join_use_nulls: 1,
    cancel_http_readonly_queries_on_client_close: 1,
    // A query ends when another one of the same identity and id takes its place; ids are the API's own.
    replace_running_query: 1,
    http_write_exception_in_output_format: 0,
    output_format_json_quote_64bit_integers: 1,
    output_format_json_quote_decimals: 1,
    output_format_json_quote_denormals: 1,
    output_format_json_validate_utf8: 1,
    // Formatting in several threads holds a block in each: a gigabyte for rows of 1 kB, and no time is won.
    output_format_parallel_formatting: 0,
    output_format_parquet_row_group_size_bytes: 32 * 1024 * 1024,
    output_format_arrow_string_as_string: 1,
    output_format_arrow_compression_method: 'none',
    date_time_output_format: 'iso',
  }
}
