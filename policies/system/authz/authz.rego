# METADATA
# description: >-
#   What the OPA server itself answers to anybody who reaches its port: a decision, and whether it is well. Without this
#   any process of the machine could put another policy in place of ours.
package system.authz

import rego.v1

# METADATA
# description: The packages that are asked for a decision.
entrypoints := {
	"access", "login", "activation", "acts", "exits", "release", "spawn",
	"signals", "violations", "votes", "recording",
}

# METADATA
# description: Whether a request to the server is answered.
# entrypoint: true
default allow := false

allow if {
	input.method == "POST"
	some entrypoint in entrypoints
	input.path == ["v1", "data", entrypoint, "decision"]
}

allow if {
	input.method == "GET"
	input.path == ["health"]
}
