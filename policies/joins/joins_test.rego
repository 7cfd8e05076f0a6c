package joins_test

import data.joins
import data.testing
import rego.v1

# d.a, d.b, d.c, d.x, d.m and d.n have the entity `key`; over it a-b, b-c and m-n are declared. So are a.city-p.city and
# b.key-p.code with an open table, and a.area-b.area and b.area-c.area, which are no entities.
facts(left, right) := {
	"tables": {
		"d.a": {"entity": "key", "columns": {"key": "join", "city": "dimension", "area": "dimension"}},
		"d.b": {"entity": "key", "columns": {"key": "join", "area": "dimension"}},
		"d.c": {"entity": "key", "columns": {"key": "join", "area": "dimension"}},
		"d.x": {"entity": "key", "columns": {"key": "join", "note": "raw"}},
		"d.m": {"entity": "key", "columns": {"key": "join"}},
		"d.n": {"entity": "key", "columns": {"key": "join"}},
		"d.p": {"entity": null, "columns": {"city": "raw", "name": "raw", "code": "raw", "grade": "dimension"}},
		"d.q": {"entity": null, "columns": {"city": "raw", "grade": "dimension"}},
	},
	"joins": [
		["d.a.key", "d.b.key"],
		["d.c.key", "d.b.key"],
		["d.m.key", "d.n.key"],
		["d.b.key", "d.p.code"],
		["d.a.city", "d.p.city"],
		["d.a.area", "d.b.area"],
		["d.b.area", "d.c.area"],
	],
	"query": {
		"sources": {"s0": left[0], "s1": right[0]},
		"touches": [testing.touch("s0", left[1], "join", ""), testing.touch("s1", right[1], "join", "")],
		"joins": [{"left": {"source": "s0", "column": left[1]}, "right": {"source": "s1", "column": right[1]}}],
		"unknown": [],
	},
}

cases := {
	"declared": {"left": ["d.a", "key"], "right": ["d.b", "key"], "allowed": true},
	"declared the other way round": {"left": ["d.b", "key"], "right": ["d.c", "key"], "allowed": true},
	"declared with an open table": {"left": ["d.p", "city"], "right": ["d.a", "city"], "allowed": true},
	"chain of entities": {"left": ["d.a", "key"], "right": ["d.c", "key"], "allowed": true},
	"chain of entities from behind": {"left": ["d.c", "key"], "right": ["d.a", "key"], "allowed": true},
	"itself over the entity": {"left": ["d.a", "key"], "right": ["d.a", "key"], "allowed": true},
	"itself over the entity, declared nowhere": {"left": ["d.x", "key"], "right": ["d.x", "key"], "allowed": true},
	"entity of an unconnected table": {"left": ["d.a", "key"], "right": ["d.x", "key"], "allowed": false},
	"entities of two chains": {"left": ["d.a", "key"], "right": ["d.m", "key"], "allowed": false},
	"chain that ends at an open column": {"left": ["d.a", "key"], "right": ["d.p", "code"], "allowed": false},
	"chain of other columns": {"left": ["d.a", "area"], "right": ["d.c", "area"], "allowed": false},
	"itself over another column": {"left": ["d.a", "city"], "right": ["d.a", "city"], "allowed": false},
	"declared tables, other column": {"left": ["d.a", "city"], "right": ["d.b", "area"], "allowed": false},
	"declared column with another": {"left": ["d.a", "city"], "right": ["d.p", "name"], "allowed": false},
	"key with an open column": {"left": ["d.a", "key"], "right": ["d.p", "city"], "allowed": false},
	"two open tables": {"left": ["d.p", "city"], "right": ["d.q", "city"], "allowed": true},
	"two open tables, coarse column": {"left": ["d.p", "grade"], "right": ["d.q", "grade"], "allowed": false},
	"raw side of a guarded table": {"left": ["d.x", "note"], "right": ["d.p", "name"], "allowed": true},
	"a column nobody granted": {"left": ["d.a", "name"], "right": ["d.b", "name"], "allowed": false},
	"a table nobody granted": {"left": ["d.z", "key"], "right": ["d.a", "key"], "allowed": false},
}

test_declared[note] if {
	some note, case in cases
	undeclared := joins.undeclared with input as facts(case.left, case.right)
	{true | count(undeclared) == 0} == {true | case.allowed}
}

test_a_raw_column_of_a_guarded_source_is_not_free if {
	open := facts(["d.x", "note"], ["d.p", "name"])
	guarded := object.union(open, {"query": {"touches": [testing.touch("s0", "key", "count_distinct", "")]}})
	count(joins.undeclared) == 0 with input as open
	count(joins.undeclared) == 1 with input as guarded
}

test_no_joins_declared_is_none if {
	undeclared := joins.undeclared with input as object.union(facts(["d.a", "key"], ["d.b", "key"]), {"joins": []})
	count(undeclared) == 1
}
