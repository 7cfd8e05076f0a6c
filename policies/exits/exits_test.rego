package exits_test

import data.exits
import data.testing
import rego.v1

entrypoint := "exits"

test_good_facts_are_allowed if exits.decision == {"allow": true, "reasons": []} with input as testing.exits

test_empty_input_is_refused if {
	every facts in [{}, null, [], "facts"] {
		decision := exits.decision with input as facts
		testing.agrees(decision, {"MALFORMED_FACTS"})
	}
}

test_gap_refuses if {
	every part, _ in testing.exits {
		every gap in testing.gaps.gaps(testing.exits, part) { exits.decision.allow == false with input as gap }
	}
}

# Which contract can be left in which way.
leaves := {
	["success", "ended"],
	["failure", "active"],
	["failure", "suspended"],
	["voluntary", "active"],
	["voluntary", "suspended"],
	["termination", "active"],
	["termination", "suspended"],
	["termination", "cut"],
}

test_what_can_be_left[concat(" ", [step, kind, state])] if {
	some step in {"ask", "approve"}
	some kind in {"success", "failure", "voluntary", "termination", "whim"}
	some state in {"drafted", "active", "suspended", "cut", "ended", "gone"}
	facts := _with({"step": step, "kind": kind, "contract": {"state": state, "accepted": true}, "exit": _at(step)})
	decision := exits.decision with input as facts
	{true | decision.allow} == {true | [kind, state] in leaves}
}

_at("ask") := {"state": "none", "keys": []}

_at("approve") := {"state": "asked", "keys": []}

# In which state of an exit each step is possible.
possible := {
	["ask", "none"],
	["ask", "refused"],
	["approve", "asked"],
	["approve", "one_approval"],
	["refuse", "asked"],
	["refuse", "one_approval"],
	["report", "asked"],
	["report", "one_approval"],
	["report", "closing"],
	["close", "closing"],
}

test_steps[concat(" ", [step, state])] if {
	some step in {"ask", "approve", "refuse", "report", "close", "burn"}
	some state in {"none", "asked", "one_approval", "closing", "closed", "refused", "gone"}
	facts := _with({"step": step, "exit": {"state": state, "reported": true, "complete": true, "keys": []}})
	decision := exits.decision with input as facts
	{true | decision.allow} == {true | [step, state] in possible}
}

test_a_termination_takes_the_place_of_what_is_not_agreed[concat(" ", [kind, state])] if {
	some kind in {"failure", "voluntary", "termination"}
	some state in {"none", "asked", "one_approval", "closing", "closed", "refused"}
	decision := exits.decision with input as _with({"step": "ask", "kind": kind, "exit": {"state": state}})
	{true | decision.allow} == {true | [kind, state] in follows}
}

follows := {[kind, state] |
	some kind in {"failure", "voluntary", "termination"}
	some state in {"none", "refused"}
} | {["termination", "asked"], ["termination", "one_approval"]}

# Who holds a key to which exit.
holds := {
	["success", "monitoring"],
	["success", "qualification"],
	["failure", "monitoring"],
	["failure", "qualification"],
	["voluntary", "monitoring"],
	["voluntary", "qualification"],
	["termination", "monitoring"],
}

test_keys[concat(" ", [step, kind, committee, seat])] if {
	some step in {"approve", "refuse"}
	some kind in {"success", "failure", "voluntary", "termination"}
	some committee in {"monitoring", "qualification"}
	some seat in {"monitoring", "qualification"}
	facts := _with({
		"step": step,
		"kind": kind,
		"committee": committee,
		"seats": [seat],
		"contract": {"state": _leaving[kind], "accepted": true},
		"exit": {"state": "asked", "keys": []},
	})
	decision := exits.decision with input as facts
	{true | decision.allow} == {true |
		seat == committee
		[kind, committee] in holds
	}
}

_leaving := {"success": "ended", "failure": "active", "voluntary": "active", "termination": "cut"}

cases := {
	"the second key": {"facts": testing.exits, "reasons": set()},
	"the second key from the same hand": {
		"facts": _with({"exit": {"keys": [{"committee": "qualification", "person": "chair"}]}}),
		"reasons": {"SAME_PERSON_TWICE D-2"},
	},
	"the same key again": {
		"facts": _with({"exit": {"keys": [{"committee": "monitoring", "person": "other"}]}}),
		"reasons": {"STATE_FORBIDS D-2"},
	},
	"a seat refuses what its committee agreed to": {
		"facts": _with({"step": "refuse", "exit": {"keys": [{"committee": "monitoring", "person": "other"}]}}),
		"reasons": {"STATE_FORBIDS D-2"},
	},
	"of a side": {"facts": _with({"person": {"interested": true}}), "reasons": {"CONFLICT_OF_INTEREST S1-C2"}},
	"disabled": {"facts": _with({"person": {"disabled": true}}), "reasons": {"PERSON_DISABLED S3-P3"}},
	"no seat": {"facts": _with({"seats": []}), "reasons": {"NOT_PERMITTED D-2"}},
	"cut since it was asked for": {
		"facts": _with({"contract": {"state": "cut"}}),
		"reasons": {"STATE_FORBIDS D-2"},
	},
	"success that nobody accepted": {
		"facts": _with({"kind": "success", "contract": {"state": "ended"}}),
		"reasons": {"STATE_FORBIDS D-2"},
	},
	"a named person asks": {"facts": _asks({"person": {"named": true, "interested": true}}), "reasons": set()},
	"somebody else asks": {"facts": _asks({}), "reasons": {"NOT_PERMITTED D-2"}},
	"the other committee asks": {"facts": _asks({"seats": ["qualification"]}), "reasons": {"NOT_PERMITTED D-2"}},
	"the committee asks": {"facts": _asks({"seats": ["monitoring"]}), "reasons": set()},
	"the committee terminates": {
		"facts": _asks({"seats": ["monitoring"], "kind": "termination"}),
		"reasons": set(),
	},
	"a seat of a side terminates": {
		"facts": _asks({"seats": ["monitoring"], "kind": "termination", "person": {"interested": true}}),
		"reasons": {"CONFLICT_OF_INTEREST S1-C2"},
	},
	"a seat of a side asks for another exit": {
		"facts": _asks({"seats": ["monitoring"], "person": {"interested": true}}),
		"reasons": set(),
	},
	"a named person terminates": {
		"facts": _asks({"person": {"named": true}, "kind": "termination"}),
		"reasons": {"NOT_PERMITTED D-2"},
	},
	"a report on a failure": {"facts": _with({"step": "report"}), "reasons": set()},
	"a report on something else": {
		"facts": _with({"step": "report", "kind": "voluntary"}),
		"reasons": {"STATE_FORBIDS D-1"},
	},
	"a report of the other committee": {
		"facts": _with({"step": "report", "seats": ["qualification"]}),
		"reasons": {"NOT_PERMITTED D-2"},
	},
	"closed by the other committee": {"facts": _closes({"seats": ["qualification"]}), "reasons": set()},
	"a termination is not closed by the other committee": {
		"facts": _closes({"seats": ["qualification"], "kind": "termination"}),
		"reasons": {"NOT_PERMITTED D-2"},
	},
	"closed without a report on the failure": {
		"facts": _closes({"exit": {"reported": false}}),
		"reasons": {"FAILURE_REPORT_MISSING D-1"},
	},
	"no failure, no report": {
		"facts": _closes({"kind": "voluntary", "exit": {"reported": false}}),
		"reasons": set(),
	},
	"closed before it was carried out": {
		"facts": _closes({"exit": {"complete": false}}),
		"reasons": {"END_NOT_COMPLETE D-2"},
	},
	"accepted": {"facts": _accepts({}), "reasons": set()},
	"accepted twice": {"facts": _accepts({"accepted": true}), "reasons": {"STATE_FORBIDS F-14"}},
	"accepted while suspended": {"facts": _accepts({"state": "suspended"}), "reasons": {"STATE_FORBIDS F-14"}},
	"market access accepted": {"facts": _accepts({"profile": "market"}), "reasons": {"STATE_FORBIDS F-14"}},
	"accepted in its last second": {"facts": _accepts({"ends_at": testing.now + 1}), "reasons": set()},
	"accepted a second too late": {
		"facts": _accepts({"ends_at": testing.now}),
		"reasons": {"CONTRACT_EXPIRED S3-P9-R1"},
	},
	"accepted without a seat": {
		"facts": object.union(_accepts({}), {"seats": ["qualification"]}),
		"reasons": {"NOT_PERMITTED S1-C2"},
	},
}

test_reasons[note] if {
	some note, case in cases
	decision := exits.decision with input as case.facts
	testing.agrees(decision, case.reasons)
}

# What each fact may not be.
wrong := {
	"now": [-1, 1.5, 1e300, "now", null],
	"step": ["burn", "", null],
	"kind": ["whim", null],
	"committee": ["tea", null],
	"person": [{"id": "", "disabled": false, "named": false, "interested": false}, "chair"],
	"seats": ["monitoring", ["tea"], {"a": "monitoring"}],
	"contract": [
		object.union(testing.exits.contract, {"state": "thawed"}),
		object.union(testing.exits.contract, {"profile": "bazaar"}),
		object.union(testing.exits.contract, {"ends_at": 0.5}),
		object.union(testing.exits.contract, {"accepted": "yes"}),
	],
	"exit": [
		object.union(testing.exits.exit, {"state": "gone"}),
		object.union(testing.exits.exit, {"keys": {"a": testing.exits.exit.keys[0]}}),
		object.union(testing.exits.exit, {"keys": [{"committee": "tea", "person": "x"}]}),
		object.union(testing.exits.exit, {"keys": [{"committee": "monitoring", "person": ""}]}),
		object.union(testing.exits.exit, {"complete": 1}),
	],
}

test_wrong_facts_are_malformed[fact] if {
	some fact, values in wrong
	every value in values {
		decision := exits.decision with input as object.union(object.remove(testing.exits, [fact]), {fact: value})
		testing.agrees(decision, {"MALFORMED_FACTS"})
	}
}

_with(change) := object.union(testing.exits, change)

_asks(change) := object.union(_with({"step": "ask", "seats": [], "exit": {"state": "none", "keys": []}}), change)

_closes(change) := object.union(_with({"step": "close", "exit": {"state": "closing", "complete": true}}), change)

_accepts(change) := _with({"step": "accept", "kind": "success", "contract": change})
