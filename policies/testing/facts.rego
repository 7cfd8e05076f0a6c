# METADATA
# description: >-
#   One good set of facts for each entrypoint. Everything in them is needed - a contract of the personal level, and a
#   statement that joins two protected tables and an open one and uses a column of every mode. Tests change one thing.
package testing

import rego.v1

# METADATA
# description: The present of every test, 2026-03-21 00:00 UTC.
now := 1774051200

# METADATA
# description: The contract of every test, in force and with all its keys.
contract := {
	"id": "c1",
	"state": "active",
	"generation": 3,
	"type": "ppp",
	"level": "personal",
	"purpose": "health_planning",
	"starts_at": now - 86400,
	"ends_at": now + (90 * 86400),
	"latest_end": now + (180 * 86400),
	"profile": "development",
	"people": ["analyst"],
	"acknowledged": ["analyst"],
	"signatures": ["government", "executor"],
	"ito_approved": true,
	"owner": "ministry",
	"digest": "a1",
	"signed": [
		{"party": "government", "digest": "a1"},
		{"party": "executor", "digest": "a1"},
		{"party": "ito", "digest": "a1"},
	],
	"approvals": [approval("monitoring", "chair"), approval("qualification", "herasat")],
	"consents": [{"dataset": "geo", "of_steward": true, "digest": "a1"}],
	"guarantees": [
		{"kind": "nda", "expires_at": now + (180 * 86400)},
		{"kind": "non_publication", "expires_at": now + (180 * 86400)},
	],
	"demanded": ["nda", "non_publication"],
	"clauses": ["governance", "upkeep", "cooperation", "competitor_entry", "anti_monopoly"],
	"report_every_days": 7,
	"executor": {"id": "tahlil", "family": "private", "registered": true},
	"terms": {
		"k": 10,
		"max_rows": 1000,
		"daily_queries": 100,
		"aggregates": ["avg", "count"],
		"differencing": "off",
		"dominance": null,
		"answer_mode": "exact",
		"epsilon": null,
	},
}

# METADATA
# description: An approval of the contract's text, by somebody who may give it.
approval(committee, person) := {
	"committee": committee,
	"person": person,
	"decision": "approved",
	"digest": "a1",
	"seated": true,
	"interested": false,
}

# METADATA
# description: What both the login and the statement need to be judged.
login := {
	"now": now,
	"door": "sandbox",
	"person": {"id": "analyst", "family": "private", "organisation": "tahlil", "disabled": false},
	"login": {
		"person": "analyst",
		"contract": "c1",
		"door": "sandbox",
		"generation": 3,
		"expires_at": now + 3600,
	},
	"contract": contract,
	"problem": {"id": "p1", "resources": ["census", "geo"]},
	"datasets": {
		"census": {"sovereignty": "sovereign", "owner": "ministry"},
		"geo": {"sovereignty": "non_sovereign", "owner": "survey"},
	},
}

# METADATA
# description: What the contract grants.
scope := {
	"tables": {
		"census.people": {
			"entity": "person_id",
			"columns": {
				"person_id": "join",
				"city": "dimension",
				"language": "raw",
				"birth_date": "mask",
				"income": "aggregate",
			},
		},
		"census.visits": {
			"entity": "person_id",
			"columns": {"person_id": "join", "clinic": "dimension"},
		},
		"geo.cities": {
			"entity": null,
			"columns": {"city": "raw", "region": "raw"},
		},
	},
	"joins": [
		["census.people.person_id", "census.visits.person_id"],
		["census.people.city", "geo.cities.city"],
	],
}

# METADATA
# description: >-
#   The footprint of: select region, clinic, count(*), avg(income) from people join visits using (person_id) join cities
#   using (city) where language = 'fa' and birth_date > '1990-01-01' group by region, clinic.
query := {
	"sources": {"s0": "census.people", "s1": "census.visits", "s2": "geo.cities"},
	"touches": [
		{"source": "s0", "column": "person_id", "use": "join", "function": ""},
		{"source": "s1", "column": "person_id", "use": "join", "function": ""},
		{"source": "s0", "column": "city", "use": "join", "function": ""},
		{"source": "s2", "column": "city", "use": "join", "function": ""},
		{"source": "s2", "column": "region", "use": "group", "function": ""},
		{"source": "s1", "column": "clinic", "use": "group", "function": ""},
		{"source": "s0", "column": "language", "use": "filter", "function": ""},
		{"source": "s0", "column": "birth_date", "use": "filter", "function": ""},
		{"source": "s0", "column": "income", "use": "aggregate", "function": "avg"},
		{"source": "s0", "column": "*", "use": "count_rows", "function": ""},
	],
	"joins": [
		{"left": {"source": "s0", "column": "person_id"}, "right": {"source": "s1", "column": "person_id"}},
		{"left": {"source": "s0", "column": "city"}, "right": {"source": "s2", "column": "city"}},
	],
	"unknown": [],
}

# METADATA
# description: Facts for `access`.
access := object.union(object.union(login, scope), {"query": query, "today": {"queries": 0}})

# METADATA
# description: Facts for `spawn`, the first sandbox of a system.
spawn := {
	"now": now,
	"person": login.person,
	"contract": contract,
	"problem": login.problem,
	"datasets": login.datasets,
	"tables": scope.tables,
	"sandboxes": {"available": true, "of_contract": 0, "running": 0, "most": 10},
}

# METADATA
# description: Facts for `activation`.
activation := {
	"now": now,
	"contract": object.union(contract, {"state": "drafted", "generation": 0}),
	"problem": login.problem,
	"datasets": login.datasets,
	"tables": scope.tables,
	"market": {"accepted": false},
	"exclusive": [
		{"dataset": "census", "problem": "p1", "executors": ["tahlil"], "phase": "development", "shared": false},
		{"dataset": "geo", "problem": "p2", "executors": ["raqib"], "phase": "development", "shared": true},
	],
}

# METADATA
# description: Facts for `acts`, a cut on repetition with everything it needs.
acts := {
	"now": now,
	"act": "cut",
	"ground": "S3-P6-R2",
	"decision": "d-17",
	"person": {"id": "chair", "disabled": false, "interested": false},
	"seats": [{"committee": "monitoring", "number": 1}],
	"contract": {"id": "c1", "state": "active"},
	"warnings": [{
		"acknowledged": true,
		"withdrawn": false,
		"appealed": false,
		"counts_from": now - 86400,
		"repeated_at": now - 3600,
	}],
}

# METADATA
# description: Facts for `violations`, a contractual one.
violations := {"kind": "contract", "state": "active", "raised": ["purpose"]}

# METADATA
# description: Facts for `signals`, a quiet working day under a contract with a threshold of its own.
signals := {
	"working": true,
	"hours": [0, 0, 0, 0, 0, 0, 0, 2, 5, 9, 4, 0, 3, 6, 2, 1, 0, 0, 0, 1, 0, 0, 0, 0],
	"names": 2,
	"egress": 0,
	"refusals": {"NOT_GRANTED": 3, "BELOW_K": 2},
	"thresholds": {"refusals": 25},
}

# METADATA
# description: Facts for `votes`, a problem that four of six seats approve, each with all its findings.
votes := {
	"now": now,
	"committee": "monitoring",
	"subject": "approve_problem",
	"organisation": "registry",
	"own_seat": true,
	"days": 0,
	"seats": [{"number": n, "person": sprintf("m%d", [n]), "barred": false} | some n in numbers.range(1, 6)],
	"votes": [vote(number, number + 2, {}) | some number in numbers.range(1, 4)],
}

# METADATA
# description: A vote for a motion, the `number`th, from the seat, with some of it changed.
vote(number, seat, change) := object.union(
	{
		"number": number,
		"seat": seat,
		"person": sprintf("m%d", [seat]),
		"choice": "for",
		"seated": true,
		"barred": false,
		"of_side": false,
		"elsewhere": false,
		"opinion": false,
		"findings": ["issue", "feasibility", "resources", "sovereignty", "scenario"],
		"refused": [],
	},
	change,
)

# METADATA
# description: Facts for `exits`, the second key to leaving after a failure.
exits := {
	"now": now,
	"step": "approve",
	"kind": "failure",
	"committee": "monitoring",
	"person": {"id": "chair", "disabled": false, "named": false, "interested": false},
	"seats": ["monitoring"],
	"contract": {
		"id": "c1",
		"state": "active",
		"profile": "development",
		"ends_at": now + (90 * 86400),
		"accepted": false,
	},
	"exit": {
		"state": "one_approval",
		"keys": [{"committee": "qualification", "person": "herasat"}],
		"reported": true,
		"complete": false,
	},
}

# METADATA
# description: Facts for `release`, as good as they can be; nothing leaves all the same.
release := {
	"now": now,
	"person": {"id": "p1", "disabled": false, "role": "named"},
	"contract": {
		"id": "c1",
		"state": "active",
		"starts_at": now - (30 * 86400),
		"ends_at": now + (90 * 86400),
		"release_profile": "aggregates",
	},
	"output": {"digest": _sha256, "kind": "table", "bytes": 4096},
	"reviews": [{"reviewer": "q1", "digest": _sha256, "decision": "approved"}],
}

_sha256 := "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

# METADATA
# description: Facts for `recording`, a contract that was approved on paper.
recording := {"door": "rest", "committee": "monitoring", "subject": "approve_contract"}

# METADATA
# description: Facts for `access` with some of them changed; objects are merged, everything else is replaced.
with_facts(change) := object.union(access, change)

# METADATA
# description: Facts for `access` with some of the contract changed.
with_contract(change) := with_facts({"contract": change})

# METADATA
# description: Facts for `access` with some of the contract's terms changed.
with_terms(change) := with_contract({"terms": change})

# METADATA
# description: Facts for `access` about another statement; what is not given is empty.
with_query(sources, touches, joins) := object.union(
	object.remove(access, ["query"]),
	{"query": {"sources": sources, "touches": touches, "joins": joins, "unknown": []}},
)

# METADATA
# description: A touch, from its source, column, use and function.
touch(source, column, use, function) := {"source": source, "column": column, "use": use, "function": function}

# METADATA
# description: Reasons as texts, `CODE RULE`, for truth tables.
texts(reasons) := {trim_space(concat(" ", [reason.code, reason.rule])) | some reason in reasons}

# METADATA
# description: A decision that allows with no reason, or refuses with just the reasons expected.
agrees(decision, expected) if {
	decision.allow == true
	decision.reasons == []
	expected == set()
}

agrees(decision, expected) if {
	decision.allow == false
	count(expected) > 0
	texts(decision.reasons) == expected
}
