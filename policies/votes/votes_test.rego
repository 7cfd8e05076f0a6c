package votes_test

import data.testing
import data.votes
import rego.v1

entrypoint := "votes"

test_good_facts_are_carried if {
	decision := votes.decision with input as testing.votes
	decision == {"allow": true, "reasons": [], "state": "carried", "counted": [1, 2, 3, 4], "refused": []}
}

test_empty_input_decides_nothing if {
	every facts in [{}, null, [], "facts"] {
		decision := votes.decision with input as facts
		decision.state == "open"
		testing.agrees(decision, {"MALFORMED_FACTS"})
	}
}

test_gap_refuses if {
	every part, _ in testing.votes {
		every gap in testing.gaps.gaps(testing.votes, part) { votes.decision.allow == false with input as gap }
	}
}

# A contract before the Monitoring Committee: how many are for, against, abstain, and what becomes of it.
truth := {
	[0, 0, 0]: "open",
	[3, 0, 0]: "open",
	[4, 0, 0]: "carried",
	[6, 0, 0]: "carried",
	[3, 1, 0]: "carried",
	[2, 2, 0]: "open",
	[3, 2, 0]: "carried",
	[3, 3, 0]: "lost",
	[2, 3, 0]: "lost",
	[1, 3, 0]: "lost",
	[0, 3, 0]: "open",
	[0, 4, 0]: "lost",
	[1, 0, 3]: "carried",
	[0, 0, 4]: "open",
	[0, 0, 6]: "lost",
	[2, 2, 2]: "lost",
	[1, 1, 2]: "open",
	[1, 1, 4]: "lost",
	[2, 1, 1]: "carried",
	[2, 1, 0]: "open",
}

test_truth_table[note] if {
	some counts, expected in truth
	note := sprintf("%v", [counts])
	decision := votes.decision with input as _contract(_counted(counts))
	decision.state == expected
	{1 | decision.allow} == {1 | expected == "carried"}
}

# The Qualification Committee: quorum 3 of 5, seat 2 must say why, the organisation's seat is number 4.
cases := {
	"the committee is one short": {
		"facts": _with({"seats": array.slice(testing.votes.seats, 1, 6)}),
		"reasons": {"COMMITTEE_INCOMPLETE F-4"},
		"state": "open",
	},
	"a finding is empty": {
		"facts": _voted([4, "findings", ["issue", "feasibility", "resources", "sovereignty"]]),
		"reasons": {"FINDING_MISSING F-5"},
		"state": "open",
	},
	"whoever is against need not find anything": {
		"facts": _with({"votes": array.concat(
			testing.votes.votes,
			[testing.vote(5, 1, {"choice": "against", "findings": []})],
		)}),
		"reasons": set(),
		"state": "carried",
	},
	"another matter needs no findings and no whole committee": {
		"facts": _contract([testing.vote(n, n + 2, {"findings": []}) | some n in numbers.range(1, 4)]),
		"reasons": set(),
		"state": "carried",
	},
	"three of six": {
		"facts": _contract([testing.vote(n, n + 3, {}) | some n in numbers.range(1, 3)]),
		"reasons": {"QUORUM_MISSING S1-C2"},
		"state": "open",
	},
	"nobody": {
		"facts": _contract([]),
		"reasons": {"NOT_CARRIED S1-C2", "QUORUM_MISSING S1-C2", "ORGANISATION_SEAT_MISSING S1-C2"},
		"state": "open",
	},
	"without the seat of the organisation": {
		"facts": _contract([testing.vote(n, n, {}) | some n in numbers.range(1, 4)]),
		"reasons": {"ORGANISATION_SEAT_MISSING S1-C2"},
		"state": "open",
	},
	"the organisation has appointed nobody": {
		"facts": _with({
			"subject": "approve_contract",
			"seats": array.slice(testing.votes.seats, 0, 5),
			"votes": [testing.vote(n, n, {}) | some n in numbers.range(1, 4)],
		}),
		"reasons": {"ORGANISATION_SEAT_MISSING S1-C2"},
		"state": "open",
	},
	"the organisation has no seat of its own": {
		"facts": _with({
			"subject": "approve_contract",
			"own_seat": false,
			"seats": array.slice(testing.votes.seats, 0, 5),
			"votes": [testing.vote(n, n, {}) | some n in numbers.range(1, 4)],
		}),
		"reasons": set(),
		"state": "carried",
	},
	"only the owner's own seat is for it": {
		"facts": _contract(array.concat(
			[testing.vote(1, 6, {"of_side": true})],
			[testing.vote(n, n, {"choice": "abstain"}) | some n in numbers.range(2, 4)],
		)),
		"reasons": {"CONFLICT_OF_INTEREST S1-C2"},
		"state": "open",
	},
	"only the owner's own seat is for it, and nobody is awaited": {
		"facts": _contract(array.concat(
			[testing.vote(1, 6, {"of_side": true})],
			[testing.vote(n + 1, n, {"choice": "abstain"}) | some n in numbers.range(1, 5)],
		)),
		"reasons": {"CONFLICT_OF_INTEREST S1-C2"},
		"state": "lost",
	},
	"the owner's own seat and one of no side": {
		"facts": _contract(array.concat(
			[testing.vote(1, 6, {"of_side": true}), testing.vote(2, 5, {})],
			[testing.vote(n, n, {"choice": "abstain"}) | some n in numbers.range(3, 4)],
		)),
		"reasons": set(),
		"state": "carried",
	},
	"the organisation's seat may not judge": {
		"facts": _with({
			"subject": "approve_contract",
			"seats": array.concat(
				array.slice(testing.votes.seats, 0, 5),
				[{"number": 6, "person": "m6", "barred": true}],
			),
			"votes": [testing.vote(n, n, {}) | some n in numbers.range(1, 4)],
		}),
		"reasons": set(),
		"state": "carried",
	},
	"one person from two seats": {
		"facts": _contract(array.concat(
			[testing.vote(n, n + 3, {}) | some n in numbers.range(1, 3)],
			[testing.vote(4, 1, {"person": "m4"})],
		)),
		"reasons": {"QUORUM_MISSING S1-C2"},
		"state": "open",
	},
	"two people from one seat": {
		"facts": _contract(array.concat(
			[testing.vote(n, n + 3, {}) | some n in numbers.range(1, 3)],
			[testing.vote(4, 4, {"person": "delegate"})],
		)),
		"reasons": {"QUORUM_MISSING S1-C2"},
		"state": "open",
	},
	"somebody changed their mind": {
		"facts": _contract(array.concat(
			[testing.vote(n, n + 2, {}) | some n in numbers.range(1, 3)],
			[testing.vote(4, 6, {"choice": "against"}), testing.vote(5, 6, {})],
		)),
		"reasons": set(),
		"state": "carried",
	},
	"somebody changed their mind the other way": {
		"facts": _contract(array.concat(
			[testing.vote(1, 5, {"choice": "against"}), testing.vote(2, 4, {}), testing.vote(3, 3, {})],
			[testing.vote(4, 6, {}), testing.vote(5, 6, {"choice": "against"})],
		)),
		"reasons": {"NOT_CARRIED S1-C2"},
		"state": "open",
	},
	"from a seat that was not held": {
		"facts": _changed([4, "seated", false]),
		"reasons": {"QUORUM_MISSING S1-C2", "ORGANISATION_SEAT_MISSING S1-C2"},
		"state": "open",
	},
	"by somebody of a side": {
		"facts": _changed([1, "barred", true]),
		"reasons": {"QUORUM_MISSING S1-C2"},
		"state": "open",
	},
	"by somebody whose voice is in the other committee's approval": {
		"facts": _changed([1, "elsewhere", true]),
		"reasons": {"QUORUM_MISSING S1-C2", "SAME_PERSON_TWICE S3-P5"},
		"state": "open",
	},
	"by somebody whose voice is in what the other committee said to the exit": {
		"facts": object.union(_changed([1, "elsewhere", true]), {"subject": "exit"}),
		"reasons": {"QUORUM_MISSING S1-C2", "SAME_PERSON_TWICE D-2"},
		"state": "open",
	},
	"enough without them": {
		"facts": _contract(array.concat(
			[testing.vote(n, n + 2, {}) | some n in numbers.range(1, 4)],
			[testing.vote(5, 1, {"elsewhere": true})],
		)),
		"reasons": set(),
		"state": "carried",
	},
	"half of them refuse a column": {
		"facts": _contract(array.concat(
			[testing.vote(n, n + 2, {"refused": ["city.people.income"]}) | some n in numbers.range(1, 2)],
			[testing.vote(n, n + 2, {}) | some n in numbers.range(3, 4)],
		)),
		"reasons": {"COLUMNS_REFUSED S3-P5"},
		"state": "open",
	},
	"most of them grant the column": {
		"facts": _changed([1, "refused", ["city.people.income"]]),
		"reasons": set(),
		"state": "carried",
	},
	"the column is refused and nobody is awaited": {
		"facts": _contract([testing.vote(n, n, {"refused": ["city.people.income"]}) | some n in numbers.range(1, 6)]),
		"reasons": {"COLUMNS_REFUSED S3-P5"},
		"state": "lost",
	},
	"who is against refuses every column": {
		"facts": _contract(array.concat(
			[testing.vote(1, 6, {"refused": ["city.people.income"]}), testing.vote(2, 5, {}), testing.vote(3, 4, {})],
			[testing.vote(4, 3, {"choice": "against"})],
		)),
		"reasons": {"COLUMNS_REFUSED S3-P5"},
		"state": "open",
	},
	"three of five, and security says why": {
		"facts": _qualified(true),
		"reasons": set(),
		"state": "carried",
	},
	"security says nothing": {
		"facts": _qualified(false),
		"reasons": {"OPINION_MISSING S3-P1-R2"},
		"state": "open",
	},
	"security does not vote": {
		"facts": _with({
			"committee": "qualification",
			"subject": "approve_contract",
			"seats": _qualifiers,
			"votes": [testing.vote(1, 1, {}), testing.vote(2, 3, {}), testing.vote(3, 4, {})],
		}),
		"reasons": {"OPINION_MISSING S3-P1-R2"},
		"state": "open",
	},
	"two of five": {
		"facts": _with({
			"committee": "qualification",
			"subject": "approve_contract",
			"seats": _qualifiers,
			"votes": [testing.vote(1, 2, {"opinion": true}), testing.vote(2, 3, {})],
		}),
		"reasons": {"QUORUM_MISSING S3-P1-R2", "ORGANISATION_SEAT_MISSING S3-P1-R2"},
		"state": "open",
	},
	"all have voted or may not judge, and the quorum is out of reach": {
		"facts": _barred([1, 2, 3], [testing.vote(n, n + 3, {}) | some n in numbers.range(1, 3)]),
		"reasons": {"QUORUM_MISSING S1-C2"},
		"state": "lapsed",
	},
	"nobody may judge": {
		"facts": _barred([1, 2, 3, 4, 5, 6], []),
		"reasons": {"NOT_CARRIED S1-C2", "QUORUM_MISSING S1-C2"},
		"state": "lapsed",
	},
	"the other seats are empty": {
		"facts": _with({
			"subject": "approve_contract",
			"seats": array.slice(testing.votes.seats, 3, 6),
			"votes": [testing.vote(n, n + 3, {}) | some n in numbers.range(1, 3)],
		}),
		"reasons": {"QUORUM_MISSING S1-C2"},
		"state": "lapsed",
	},
	"the organisation's own seat is empty, and may be filled": {
		"facts": _with(_without_own_seat),
		"reasons": {"ORGANISATION_SEAT_MISSING S1-C2"},
		"state": "open",
	},
	"the organisation's own seat was not filled in time": {
		"facts": _with(object.union(_without_own_seat, {"days": 15})),
		"reasons": {"ORGANISATION_SEAT_MISSING S1-C2"},
		"state": "lapsed",
	},
	"the last day": {
		"facts": object.union(_contract([testing.vote(1, 6, {})]), {"days": 14}),
		"reasons": {"QUORUM_MISSING S1-C2"},
		"state": "open",
	},
	"its days are over, without a quorum": {
		"facts": object.union(_contract([testing.vote(1, 6, {})]), {"days": 15}),
		"reasons": {"QUORUM_MISSING S1-C2"},
		"state": "lapsed",
	},
	"its days are over, and as many were against it": {
		"facts": object.union(_contract(_counted([2, 2, 0])), {"days": 15}),
		"reasons": {"NOT_CARRIED S1-C2"},
		"state": "lost",
	},
	"its days are over, and a column is refused": {
		"facts": object.union(
			_contract([testing.vote(n, n + 2, {"refused": ["city.people.income"]}) | some n in numbers.range(1, 4)]),
			{"days": 15},
		),
		"reasons": {"COLUMNS_REFUSED S3-P5"},
		"state": "lost",
	},
	"its days are over, and only the owner's own seat was for it": {
		"facts": object.union(
			_contract(array.concat(
				[testing.vote(1, 6, {"of_side": true})],
				[testing.vote(n, n, {"choice": "abstain"}) | some n in numbers.range(2, 4)],
			)),
			{"days": 15},
		),
		"reasons": {"CONFLICT_OF_INTEREST S1-C2"},
		"state": "lost",
	},
	"a suspension is ratified without the organisation's seat": {
		"facts": _with({
			"subject": "ratify_suspension",
			"votes": [testing.vote(n, n, {}) | some n in numbers.range(1, 4)],
		}),
		"reasons": set(),
		"state": "carried",
	},
	"and where the organisation has appointed nobody": {
		"facts": _with({
			"subject": "ratify_suspension",
			"seats": array.slice(testing.votes.seats, 0, 5),
			"votes": [testing.vote(n, n, {}) | some n in numbers.range(1, 4)],
		}),
		"reasons": set(),
		"state": "carried",
	},
	"but it is not lifted without it": {
		"facts": _with({"subject": "lift", "votes": [testing.vote(n, n, {}) | some n in numbers.range(1, 4)]}),
		"reasons": {"ORGANISATION_SEAT_MISSING S1-C2"},
		"state": "open",
	},
	"a committee nobody knows": {
		"facts": _with({"committee": "parliament"}),
		"reasons": {"MALFORMED_FACTS"},
		"state": "open",
	},
}

test_cases[note] if {
	some note, case in cases
	decision := votes.decision with input as case.facts
	testing.agrees(decision, case.reasons)
	decision.state == case.state
}

test_columns_refused_are_named if {
	facts := cases["half of them refuse a column"].facts
	votes.decision.refused == ["city.people.income"] with input as facts
}

# What each fact may not be.
wrong := {
	"now": [-1, 1.5, 1e300, "now", null],
	"days": [-1, 1.5, 1e300, "days", null],
	"committee": ["", "tea", 1, null],
	"subject": ["", 1, null],
	"organisation": ["", 1, null, []],
	"own_seat": ["true", 1, null, {}],
	"seats": [{"1": {}}, "seats", [{"number": 1, "person": "", "barred": false}], [{"number": 1, "person": "m1"}]],
	"votes": [
		"votes",
		{"1": {}},
		[testing.vote(1, 1, {"choice": "perhaps"})],
		[testing.vote(1, 1, {"findings": "issue"})],
		[testing.vote(1, 1, {"refused": [""]})],
		[testing.vote(1, 1, {"seated": null})],
		[testing.vote(1, 1, {"of_side": null})],
		[testing.vote(-1, 1, {})],
	],
}

test_wrong_facts_are_malformed[fact] if {
	some fact, values in wrong
	every value in values {
		decision := votes.decision with input as object.union(object.remove(testing.votes, [fact]), {fact: value})
		testing.agrees(decision, {"MALFORMED_FACTS"})
	}
}

_with(change) := object.union(testing.votes, change)

_contract(given) := _with({"subject": "approve_contract", "votes": given})

_without_own_seat := {
	"subject": "approve_contract",
	"seats": array.slice(testing.votes.seats, 0, 4),
	"votes": [testing.vote(n, n, {}) | some n in numbers.range(1, 4)],
}

# Some of the seats may not judge.
_barred(numbers_of_seats, given) := _with({
	"subject": "approve_contract",
	"seats": [object.union(seat, {"barred": seat.number in numbers_of_seats}) | some seat in testing.votes.seats],
	"votes": given,
})

# One field of the vote with that number is another.
_voted([number, name, value]) := _with({"votes": [_other(v, number, name, value) | some v in testing.votes.votes]})

_changed([number, name, value]) := _contract([_other(v, number, name, value) | some v in testing.votes.votes])

_other(vote, number, name, value) := object.union(object.remove(vote, [name]), {name: value}) if vote.number == number

_other(vote, number, _, _) := vote if vote.number != number

_counted([yes, no, neither]) := [testing.vote(n, 7 - n, {"choice": _choice(n, yes, no)}) |
	some n in numbers.range(1, 6)
	n <= (yes + no) + neither
]

_choice(n, yes, no) := "for" if {
	n <= yes
} else := "against" if {
	n <= yes + no
} else := "abstain"

_qualifiers := [{"number": n, "person": sprintf("m%d", [n]), "barred": false} | some n in numbers.range(1, 5)]

_qualified(opinion) := _with({
	"committee": "qualification",
	"subject": "approve_contract",
	"seats": _qualifiers,
	"votes": [testing.vote(1, 2, {"opinion": opinion}), testing.vote(2, 3, {}), testing.vote(3, 4, {})],
})
