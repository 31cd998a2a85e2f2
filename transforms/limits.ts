/** What a record may be at most. Both paths keep to it, so that either makes the same of a record. */

/** Columns of a row image; a table of Postgres has 1,600 at most. */
export const MOST_COLUMNS = 2000

/** Bytes of a record on the byte path. A larger one is rare, and may make a row many times as large. */
export const MOST_FAST_BYTES = 4 * 1024 * 1024

/**
 * Values in a record beyond that size, the elements of arrays among them. Parsing a million takes up to some seconds and half a gigabyte, if all are objects;
 * 50 MB of them took more than a minute and 5 GB. That is longer than a session of the group lasts: the record would come again and again.
 */
export const MOST_VALUES = 1_000_000
