"""The query worker: one sandboxed DuckDB process on one published file, and the pool that keeps such processes."""
