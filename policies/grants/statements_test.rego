package grants_test

import data.grants
import data.testing
import rego.v1

# Whole statements; the tables of single uses are in grants_test.rego.
statement_cases := {
	"open rows": {
		"facts": testing.with_query({"s0": "geo.cities"}, [testing.touch("s0", "*", "rows", "")], []),
		"reasons": set(),
	},
	"open measure shown": {"facts": open_facts("aggregate", "project"), "reasons": {"AGGREGATE_ONLY S3-P5"}},
	"open measure averaged": {"facts": open_facts("aggregate", "aggregate:avg"), "reasons": set()},
	"open measure of a probe": {"facts": open_facts("aggregate", "shape"), "reasons": set()},
	"open key of a probe": {"facts": open_facts("join", "shape"), "reasons": set()},
	"a probe of people": {
		"facts": testing.with_query({"s0": "census.people"}, probed("s0", {"*", "person_id", "city", "income"}), []),
		"reasons": set(),
	},
	"a probe of a column nobody granted": {
		"facts": testing.with_query({"s0": "census.people"}, probed("s0", {"*", "name"}), []),
		"reasons": {"NOT_GRANTED S3-P5"},
	},
	"a probe of a table nobody granted": {
		"facts": testing.with_query({"s0": "census.deaths"}, probed("s0", {"*", "city"}), []),
		"reasons": {"NOT_GRANTED S3-P5"},
	},
	"a probe beside a value": {
		"facts": testing.with_query(
			{"s0": "census.people"},
			array.concat(probed("s0", {"*", "city"}), [testing.touch("s0", "income", "project", "")]),
			[],
		),
		"reasons": {"AGGREGATE_ONLY S3-P5"},
	},
	"a probe with an undeclared equality": {
		"facts": testing.with_query(
			{"s0": "census.people", "s1": "census.visits"},
			array.concat(
				[testing.touch("s0", "city", "join", ""), testing.touch("s1", "clinic", "join", "")],
				array.concat(probed("s0", {"*"}), probed("s1", {"*"})),
			),
			[{"left": {"source": "s0", "column": "city"}, "right": {"source": "s1", "column": "clinic"}}],
		),
		"reasons": {"JOIN_NOT_DECLARED S3-P5"},
	},
	"a probe whose equality is a shape": {
		"facts": testing.with_query(
			{"s0": "census.people", "s1": "census.visits"},
			array.concat(probed("s0", {"*", "person_id"}), probed("s1", {"*", "person_id"})),
			[{
				"left": {"source": "s0", "column": "person_id"},
				"right": {"source": "s1", "column": "person_id"},
			}],
		),
		"reasons": {"JOIN_NOT_DECLARED S3-P5"},
	},
	"open dimension shown": {"facts": open_facts("dimension", "project"), "reasons": {"AGGREGATE_ONLY S3-P5"}},
	"open dimension grouped": {"facts": open_facts("dimension", "group"), "reasons": set()},
	"open key shown": {"facts": open_facts("join", "project"), "reasons": {"KEY_USE_NOT_ALLOWED S3-P5"}},
	"raw columns of people": {
		"facts": testing.with_query(
			{"s0": "census.people"},
			[testing.touch("s0", "language", "project", ""), testing.touch("s0", "*", "rows", "")],
			[],
		),
		"reasons": set(),
	},
	"rows of people put into one": {
		"facts": testing.with_query(
			{"s0": "census.people"},
			[
				testing.touch("s0", "language", "project", ""),
				testing.touch("s0", "*", "rows", ""),
				testing.touch("s0", "*", "aggregate", "list"),
			],
			[],
		),
		"reasons": {"AGGREGATE_NOT_ALLOWED S3-P5"},
	},
	"groups of people put into one": {
		"facts": testing.with_query(
			{"s0": "census.people"},
			[testing.touch("s0", "city", "group", ""), testing.touch("s0", "*", "aggregate", "list")],
			[],
		),
		"reasons": set(),
	},
	"open rows put into one": {
		"facts": testing.with_query({"s0": "geo.cities"}, [testing.touch("s0", "*", "aggregate", "list")], []),
		"reasons": set(),
	},
	"people of whom no more is said than that they are put into one": {
		"facts": testing.with_query(
			{"s0": "census.people", "s1": "census.visits"},
			[testing.touch("s0", "city", "group", ""), testing.touch("s1", "*", "aggregate", "list")],
			[],
		),
		"reasons": {"AGGREGATE_ONLY S3-P5"},
	},
	"raw column beside a dimension": {
		"facts": testing.with_query(
			{"s0": "census.people"},
			[testing.touch("s0", "language", "project", ""), testing.touch("s0", "city", "filter", "")],
			[],
		),
		"reasons": {"AGGREGATE_ONLY S3-P5"},
	},
	"one row per entity": {
		"facts": testing.with_query(
			{"s0": "census.people"},
			[testing.touch("s0", "person_id", "entity_group", "")],
			[],
		),
		"reasons": set(),
	},
	"count is not in the contract": {
		"facts": object.union(
			testing.with_query({"s0": "census.people"}, [testing.touch("s0", "person_id", "aggregate", "count")], []),
			{"contract": {"terms": {"aggregates": ["avg"]}}},
		),
		"reasons": {"KEY_USE_NOT_ALLOWED S3-P5"},
	},
	"a table nobody granted": {
		"facts": testing.with_query({"s0": "census.deaths"}, [testing.touch("s0", "*", "count_rows", "")], []),
		"reasons": {"NOT_GRANTED S3-P5"},
	},
	"a table nobody granted, untouched": {
		"facts": testing.with_query({"s0": "census.deaths"}, [], []),
		"reasons": {"AGGREGATE_ONLY S3-P5", "NOT_GRANTED S3-P5"},
	},
	"a guarded table of which nothing is said": {
		"facts": testing.with_query({"s0": "census.people"}, [], []),
		"reasons": {"AGGREGATE_ONLY S3-P5"},
	},
	"an open table of which nothing is said": {
		"facts": testing.with_query({"s0": "geo.cities"}, [], []),
		"reasons": set(),
	},
	"a name nobody knows": {
		"facts": testing.with_facts({"query": {"unknown": [{"table": "", "column": "", "use": "project"}]}}),
		"reasons": {"NOT_GRANTED S3-P5"},
	},
	"an equality the touches keep quiet about": {
		"facts": testing.with_query(
			{"s0": "census.people", "s1": "census.visits"},
			[testing.touch("s0", "*", "count_rows", ""), testing.touch("s1", "*", "count_rows", "")],
			[{
				"left": {"source": "s0", "column": "person_id"},
				"right": {"source": "s1", "column": "person_id"},
			}],
		),
		"reasons": {"JOIN_NOT_DECLARED S3-P5"},
	},
	"an undeclared equality": {
		"facts": testing.with_query(
			{"s0": "census.people", "s1": "census.visits"},
			[testing.touch("s0", "city", "join", ""), testing.touch("s1", "clinic", "join", "")],
			[{"left": {"source": "s0", "column": "city"}, "right": {"source": "s1", "column": "clinic"}}],
		),
		"reasons": {"JOIN_NOT_DECLARED S3-P5"},
	},
	"an equality the touches show as something else": {
		"facts": testing.with_query(
			{"s0": "census.people", "s1": "census.visits"},
			[testing.touch("s0", "person_id", "null_test", ""), testing.touch("s1", "person_id", "null_test", "")],
			[{
				"left": {"source": "s0", "column": "person_id"},
				"right": {"source": "s1", "column": "person_id"},
			}],
		),
		"reasons": {"JOIN_NOT_DECLARED S3-P5"},
	},
	"a joined column in a function nobody allowed": {
		"facts": testing.with_facts({"query": {"touches": array.concat(
			testing.query.touches,
			[testing.touch("s0", "city", "aggregate", "min")],
		)}}),
		"reasons": {"AGGREGATE_NOT_ALLOWED S3-P5"},
	},
	"a function that is called like a source": {
		"facts": testing.with_facts({"query": {"touches": array.concat(
			testing.query.touches,
			[testing.touch("s0", "income", "aggregate", "s1")],
		)}}),
		"reasons": {"AGGREGATE_NOT_ALLOWED S3-P5"},
	},
	"a join that calls itself count": {
		"facts": testing.with_query({"s0": "census.people"}, [testing.touch("s0", "city", "join", "count")], []),
		"reasons": {"JOIN_NOT_DECLARED S3-P5"},
	},
	"all declarations taken away": {
		"facts": testing.with_facts({"joins": []}),
		"reasons": {"JOIN_NOT_DECLARED S3-P5"},
	},
}

probed(source, columns) := [testing.touch(source, column, "shape", "") | some column in columns]

# Which sources may be multiplied with each other, and which may decide about each other by EXISTS or IN.
cross_cases := {
	"two guarded sources multiplied": {
		"facts": _with_rows("s0", "s1", "cross", ""),
		"reasons": {"JOIN_NOT_DECLARED S3-P5"},
	},
	"a guarded and an open source multiplied": {
		"facts": _with_rows("s0", "s2", "cross", ""),
		"reasons": {"JOIN_NOT_DECLARED S3-P5"},
	},
	"two guarded sources multiplied that call it count": {
		"facts": _with_rows("s0", "s1", "cross", "count"),
		"reasons": {"JOIN_NOT_DECLARED S3-P5"},
	},
	"a guarded and an open source multiplied beside a guarded one": {
		"facts": testing.with_query(
			_sources,
			[
				testing.touch("s0", "*", "cross", ""),
				testing.touch("s2", "*", "cross", ""),
				testing.touch("s1", "*", "count_rows", ""),
			],
			[],
		),
		"reasons": {"JOIN_NOT_DECLARED S3-P5"},
	},
	"two open sources multiplied": {"facts": _with_rows("s2", "s3", "cross", ""), "reasons": set()},
	"a guarded source decides about a guarded one": {
		"facts": _with_semi("s1", "s0"),
		"reasons": set(),
	},
	"a guarded source decides about an open one": {
		"facts": _with_semi("s1", "s2"),
		"reasons": {"AGGREGATE_ONLY S3-P5"},
	},
	"a guarded source decides about itself": {
		"facts": _with_semi("s1", "s1"),
		"reasons": {"AGGREGATE_ONLY S3-P5"},
	},
	"a guarded source decides about nothing": {
		"facts": _with_semi("s1", ""),
		"reasons": {"AGGREGATE_ONLY S3-P5"},
	},
	"an open source decides about a guarded one": {
		"facts": _with_semi("s2", "s0"),
		"reasons": set(),
	},
}

_sources := {"s0": "census.people", "s1": "census.visits", "s2": "geo.cities", "s3": "geo.cities"}

_with_rows(left, right, use, function) := testing.with_query(
	{source: _sources[source] | some source in {left, right}},
	[testing.touch(source, "*", use, function) | some source in [left, right]],
	[],
)

_with_semi(source, other) := testing.with_query(
	_sources,
	array.concat(
		[testing.touch(source, "*", "semi", other)],
		[testing.touch(counted, "*", "count_rows", "") | some counted in ["s0", "s1"]],
	),
	[],
)

# However its reason may get lost, a statement that is not granted as a whole is not allowed.
test_a_lost_denial_does_not_allow if {
	every note in {
		"raw column beside a dimension",
		"an undeclared equality",
		"an equality the touches keep quiet about",
		"a guarded table of which nothing is said",
		"a table nobody granted",
		"a name nobody knows",
	} {
		decision := data.access.decision with input as statement_cases[note].facts with data.grants.denials as set()
		decision.allow == false
	}
}

test_nothing_of_a_table_nobody_granted_is_allowed if {
	facts := testing.with_query(
		{"s0": "census.deaths"},
		[testing.touch("s0", "*", "count_rows", ""), testing.touch("s0", "*", "cross", "")],
		[],
	)
	verdicts := {use.allowed | some use in grants.uses} with input as facts
	verdicts == {false}
}

test_verdicts_name_the_use if {
	grants.uses == {
		{
			"table": "census.people", "column": "city", "use": "filter",
			"allowed": true, "rule": "", "code": "",
		},
		{
			"table": "census.people", "column": "c", "use": "aggregate:min",
			"allowed": false, "rule": "S3-P5", "code": "AGGREGATE_NOT_ALLOWED",
		},
	} with input as column_facts("dimension", "aggregate:min")
}

test_refused_once_is_not_allowed_elsewhere if {
	facts := testing.with_query(
		{"s0": "census.people", "s1": "census.people"},
		[
			testing.touch("s0", "language", "project", ""),
			testing.touch("s1", "language", "project", ""),
			testing.touch("s1", "city", "group", ""),
		],
		[],
	)
	verdicts := {use.allowed | some use in grants.uses; use.column == "language"} with input as facts
	verdicts == {false}
}

test_unknown_names_are_told_back if {
	facts := testing.with_facts({"query": {"unknown": [{"table": "people", "column": "name", "use": "project"}]}})
	some use in grants.uses with input as facts
	use == {
		"table": "people", "column": "name", "use": "project",
		"allowed": false, "rule": "S3-P5", "code": "NOT_GRANTED",
	}
}
