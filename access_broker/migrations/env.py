"""Run by Alembic for every command, on the connection and inside the transaction that `migrate` has opened."""

from __future__ import annotations

from alembic import context

from access_broker.adapters.records import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    transactional_ddl=True,  # SQLite can too, once the transaction is opened by hand
)
with context.begin_transaction():
    context.run_migrations()
