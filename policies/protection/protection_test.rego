package protection_test

import data.protection
import data.testing
import rego.v1

# Which sources may be seen, by what is touched of them; `s0` is a protected table, `s2` an open one.
cases := {
	"nothing": {"touches": [], "open": {"s2"}},
	"counting rows": {"touches": [testing.touch("s0", "*", "count_rows", "")], "open": {"s2"}},
	"seeing rows": {"touches": [testing.touch("s0", "*", "rows", "")], "open": {"s2"}},
	"a raw column": {"touches": [testing.touch("s0", "language", "project", "")], "open": {"s0", "s2"}},
	"a raw column and rows": {
		"touches": [testing.touch("s0", "language", "project", ""), testing.touch("s0", "*", "rows", "")],
		"open": {"s0", "s2"},
	},
	"a raw column and a dimension": {
		"touches": [testing.touch("s0", "language", "group", ""), testing.touch("s0", "city", "filter", "")],
		"open": {"s2"},
	},
	"a mask": {"touches": [testing.touch("s0", "birth_date", "group", "")], "open": {"s2"}},
	"a key": {"touches": [testing.touch("s0", "person_id", "count_distinct", "")], "open": {"s2"}},
	"a measure": {"touches": [testing.touch("s0", "income", "aggregate", "avg")], "open": {"s2"}},
	"a column nobody granted": {"touches": [testing.touch("s0", "name", "project", "")], "open": {"s2"}},
}

test_open_and_guarded[note] if {
	some note, case in cases
	facts := testing.with_query({"s0": "census.people", "s2": "geo.cities"}, case.touches, [])
	protection.open == case.open with input as facts
	protection.guarded == {"s0", "s2"} - case.open with input as facts
}

test_nothing_of_people_is_shown_as_it_is_where_answers_have_noise[note] if {
	some note, case in cases
	query := testing.with_query({"s0": "census.people", "s2": "geo.cities"}, case.touches, [])
	facts := object.union(query, {"contract": {"terms": {"answer_mode": "dp"}}})
	protection.open == {"s2"} with input as facts
}

test_a_join_counts_as_a_touch if {
	facts := testing.with_query(
		{"s0": "census.people", "s2": "geo.cities"},
		[testing.touch("s0", "language", "project", "")],
		[{"left": {"source": "s0", "column": "city"}, "right": {"source": "s2", "column": "city"}}],
	)
	protection.open == {"s2"} with input as facts
}

test_a_table_nobody_granted_is_guarded if {
	facts := testing.with_query({"s0": "census.deaths"}, [], [])
	protection.guarded == {"s0"} with input as facts
	protection.open == set() with input as facts
}

test_two_uses_of_one_table_are_judged_apart if {
	facts := testing.with_query(
		{"s0": "census.people", "s1": "census.people"},
		[testing.touch("s0", "language", "project", ""), testing.touch("s1", "city", "group", "")],
		[],
	)
	protection.open == {"s0"} with input as facts
	protection.guarded == {"s1"} with input as facts
}

# What makes a table protected: an entity, and a column that may not be seen row by row.
tables := {
	"dimension": {"entity": "e", "mode": "dimension", "protected": true},
	"aggregate": {"entity": "e", "mode": "aggregate", "protected": true},
	"join": {"entity": "e", "mode": "join", "protected": true},
	"raw": {"entity": "e", "mode": "raw", "protected": false},
	"mask": {"entity": "e", "mode": "mask", "protected": false},
	"no entity": {"entity": null, "mode": "dimension", "protected": false},
}

test_protected[note] if {
	some note, table in tables
	facts := {"tables": {"d.t": {"entity": table.entity, "columns": {"c": table.mode, "other": "raw"}}}}
	protected := protection.protected with input as facts
	{true | "d.t" in protected} == {true | table.protected}
	noisy := object.union(facts, {"contract": {"terms": {"answer_mode": "dp"}}})
	all_protected := protection.protected with input as noisy
	{true | "d.t" in all_protected} == {true | table.entity != null}
}
