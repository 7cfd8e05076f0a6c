"""Rego behind one door: evaluated in this process, or by an OPA server. Both answer alike, and a test holds them to it.

Whatever is not a well-formed decision is no decision: undefined, malformed, late and broken all become
Unavailable("POLICY_UNAVAILABLE"), which denies.
"""

from access_broker.adapters.policy.embedded import EmbeddedPolicy
from access_broker.adapters.policy.files import policy_dir
from access_broker.adapters.policy.opa import OpaPolicy
from access_broker.adapters.policy.remembered import RememberedPolicy
from access_broker.adapters.policy.server import OpaError, OpaServer, find_opa, opa_command

__all__ = [
    "EmbeddedPolicy",
    "OpaError",
    "OpaPolicy",
    "OpaServer",
    "RememberedPolicy",
    "find_opa",
    "opa_command",
    "policy_dir",
]
