"""Makes the records database, and brings an older one up to date."""

from access_broker.migrations.upgrade import migrate

__all__ = ["migrate"]
