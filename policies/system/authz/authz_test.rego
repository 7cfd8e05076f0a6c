package system.authz_test

import data.system.authz
import rego.v1

requests := {
	"a decision": {"method": "POST", "path": ["v1", "data", "access", "decision"], "allowed": true},
	"another decision": {"method": "POST", "path": ["v1", "data", "acts", "decision"], "allowed": true},
	"whether something leaves": {"method": "POST", "path": ["v1", "data", "release", "decision"], "allowed": true},
	"health": {"method": "GET", "path": ["health"], "allowed": true},
	"a rule behind the decision": {"method": "POST", "path": ["v1", "data", "access", "reasons"], "allowed": false},
	"everything": {"method": "GET", "path": ["v1", "data"], "allowed": false},
	"new policy": {"method": "PUT", "path": ["v1", "policies", "access"], "allowed": false},
	"new data": {"method": "PUT", "path": ["v1", "data", "access", "decision"], "allowed": false},
	"any query": {"method": "POST", "path": ["v1", "query"], "allowed": false},
	"the default decision": {"method": "POST", "path": [""], "allowed": false},
	"configuration": {"method": "GET", "path": ["v1", "config"], "allowed": false},
}

test_requests[note] if {
	some note, request in requests
	allowed := authz.allow with input as request
	allowed == request.allowed
}

test_nothing_is_refused if not authz.allow with input as {}
