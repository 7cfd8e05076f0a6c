package grants_test

import data.testing
import rego.v1

entrypoint := "access"

# What is said of each use of a column, by its mode, in a table of people: "" is allowed.
guarded := {
	"raw": _values,
	"mask": _values,
	"dimension": _values,
	"aggregate": {
		"shape": "",
		"project": "AGGREGATE_ONLY",
		"group": "AGGREGATE_ONLY",
		"filter": "AGGREGATE_ONLY",
		"aggregate:avg": "",
		"aggregate:count": "",
		"aggregate:min": "AGGREGATE_NOT_ALLOWED",
		"transform": "ARGUMENT_NOT_ALLOWED",
		"count_distinct": "AGGREGATE_ONLY",
		"null_test": "AGGREGATE_ONLY",
		"entity_group": "AGGREGATE_ONLY",
		"guess": "AGGREGATE_ONLY",
		"join": "AGGREGATE_ONLY",
	},
	"join": {
		"shape": "",
		"project": "KEY_USE_NOT_ALLOWED",
		"group": "KEY_USE_NOT_ALLOWED",
		"filter": "KEY_USE_NOT_ALLOWED",
		"aggregate:avg": "KEY_USE_NOT_ALLOWED",
		"aggregate:count": "",
		"aggregate:min": "KEY_USE_NOT_ALLOWED",
		"transform": "ARGUMENT_NOT_ALLOWED",
		"count_distinct": "",
		"null_test": "",
		"entity_group": "KEY_USE_NOT_ALLOWED",
		"guess": "KEY_USE_NOT_ALLOWED",
		"join": "KEY_USE_NOT_ALLOWED",
	},
	"none": {use: "NOT_GRANTED" |
		some use in {
			"project", "group", "filter", "aggregate:avg", "transform",
			"count_distinct", "null_test", "entity_group", "guess", "join", "shape",
		}
	},
}

_values := {
	"shape": "",
	"project": "AGGREGATE_ONLY",
	"group": "",
	"filter": "",
	"aggregate:avg": "",
	"aggregate:count": "",
	"aggregate:min": "AGGREGATE_NOT_ALLOWED",
	"transform": "ARGUMENT_NOT_ALLOWED",
	"count_distinct": "VALUES_NOT_COUNTED",
	"null_test": "",
	"entity_group": "KEY_USE_NOT_ALLOWED",
	"guess": "AGGREGATE_ONLY",
	"join": "JOIN_NOT_DECLARED",
}

# The same for the rows of the table.
guarded_rows := {
	"shape": "",
	"rows": "AGGREGATE_ONLY",
	"count_rows": "",
	"aggregate": "",
	"cross": "JOIN_NOT_DECLARED",
	"semi": "AGGREGATE_ONLY",
	"transform": "ARGUMENT_NOT_ALLOWED",
	"project": "AGGREGATE_ONLY",
	"guess": "AGGREGATE_ONLY",
}

# What may be done where rows may be seen.
visible := {
	"project", "group", "filter", "aggregate:min", "aggregate:avg", "transform",
	"count_distinct", "null_test", "entity_group", "join", "shape",
}

# A column `c` of some mode in a table of people, beside a dimension that keeps the table guarded.
column_facts(mode, use) := facts if {
	parts := split(use, ":")
	function := concat("", array.slice(parts, 1, 2))
	query := testing.with_query(
		{"s0": "census.people"},
		[testing.touch("s0", "city", "filter", ""), testing.touch("s0", "c", parts[0], function)],
		[],
	)
	columns := {name: mode | some name in {"c"}; mode != "none"}
	facts := object.union(query, {"tables": {"census.people": {"columns": columns}}})
}

rows_facts(use) := testing.with_query(
	{"s0": "census.people"},
	[testing.touch("s0", "city", "filter", ""), testing.touch("s0", "*", use, "")],
	[],
)

# A column of an open table, in some mode.
open_facts(mode, use) := facts if {
	parts := split(use, ":")
	function := concat("", array.slice(parts, 1, 2))
	joins := [join |
		use == "join"
		join := {"left": {"source": "s0", "column": "c"}, "right": {"source": "s0", "column": "c"}}
	]
	query := testing.with_query({"s0": "geo.cities"}, [testing.touch("s0", "c", parts[0], function)], joins)
	facts := object.union(query, {"tables": {"geo.cities": {"columns": {"c": mode}}}})
}

reasons(code) := {concat(" ", [code, "S3-P5"]) | code != ""}

cases := object.union(
	object.union(guarded_cases, object.union(rows_cases, open_cases)),
	object.union(statement_cases, cross_cases),
)

guarded_cases := {concat(" ", ["guarded", mode, use]): case |
	some mode, codes in guarded
	some use, code in codes
	case := {"facts": column_facts(mode, use), "reasons": reasons(code)}
}

rows_cases := {concat(" ", ["rows", use]): {"facts": rows_facts(use), "reasons": reasons(code)} |
	some use, code in guarded_rows
}

# In a table without people the modes still hold: a measure is not shown because nobody's rows are counted.
open_cases := {concat(" ", ["open", mode, use]): case |
	some mode in {"raw", "mask"}
	some use in visible
	case := {"facts": open_facts(mode, use), "reasons": set()}
}

# A list of the cases that disagree: a test with named cases is traced step by step, which takes seconds for tables
# of this size.
test_guarded if [note | some note, case in guarded_cases; not _agrees(case)] == []

test_rows if [note | some note, case in rows_cases; not _agrees(case)] == []

test_open if [note | some note, case in open_cases; not _agrees(case)] == []

test_statements if [note | some note, case in statement_cases; not _agrees(case)] == []

test_crossed if [note | some note, case in cross_cases; not _agrees(case)] == []

_agrees(case) if {
	decision := data.access.decision with input as case.facts
	testing.agrees(decision, case.reasons)
}
