# METADATA
# description: Is every use a statement makes of a column granted (S3-P5). What is not written down here is refused.
# schemas:
#   - input: schema.facts.input
package grants

import rego.v1

# METADATA
# description: What may be done where rows may be seen, by mode; the mode of the rows themselves is written `*`.
visible := {
	"raw": _column_uses,
	"mask": _column_uses,
	"*": {"rows", "count_rows", "cross", "semi", "transform", "aggregate", "shape"},
}

_column_uses := {
	"project", "group", "filter", "aggregate", "transform",
	"count_distinct", "join", "null_test", "entity_group", "shape",
}

# METADATA
# description: >-
#   What a use needs everywhere else, by mode. A use that is missing here is refused.
#   `nothing` - allowed as it is; `equality` - the statement shows the equality, so that it can be held against the
#   declared ones; `aggregate` - a function of the contract's list; `count` - the same, and it is `count`; `entity` -
#   the column is the entity of its table; `groups` - of a guarded source, whose rows are told in groups; `counted` - it
#   decides about rows of a guarded source. Of the `shape` of what is granted, names and types, every mode tells.
needs := {
	"raw": _values,
	"mask": _values,
	"dimension": _values,
	"aggregate": {"shape": "nothing", "aggregate": "aggregate"},
	"join": {
		"shape": "nothing",
		"null_test": "nothing",
		"count_distinct": "nothing",
		"join": "equality",
		"aggregate": "count",
		"entity_group": "entity",
	},
	"*": {
		"shape": "nothing",
		"count_rows": "nothing",
		"aggregate": "groups",
		"semi": "counted",
	},
}

_values := {
	"shape": "nothing",
	"group": "nothing",
	"filter": "nothing",
	"null_test": "nothing",
	"join": "equality",
	"aggregate": "aggregate",
}

# METADATA
# description: The touches of what is granted, with their position in the statement's list and their mode.
granted := array.concat(
	[{"at": i, "touch": touch, "mode": mode} |
		some i, touch in input.query.touches
		mode := input.tables[input.query.sources[touch.source]].columns[touch.column]
	],
	[{"at": i, "touch": touch, "mode": "*"} |
		some i, touch in input.query.touches
		touch.column == "*"
		input.tables[input.query.sources[touch.source]]
	],
)

# METADATA
# description: The positions of the touches that are allowed.
allowed := ({found.at |
	some found in granted
	found.touch.source in data.protection.open
	found.touch.use in visible[found.mode]
	not _packs_people(found.touch)
} | {found.at |
	some found in granted
	needs[found.mode][found.touch.use] == "nothing"
}) | {found.at |
	some found in granted
	need := needs[found.mode][found.touch.use]
	need != "nothing"
	_is_met(need, found.touch)
}

# METADATA
# description: The positions of all other touches.
refused := {i | some i, _ in input.query.touches} - allowed

# METADATA
# description: A verdict for each use of each column; a use that is refused for one source is not allowed for another.
uses := denials | {verdict |
	some i in allowed
	name := _name(input.query.touches[i])
	not name in _denied
	verdict := object.union(name, {"allowed": true, "rule": "", "code": ""})
}

# METADATA
# description: The verdicts that refuse.
denials := {_denial(name, code) | some [name, code] in _refusals}

# METADATA
# description: Why the statement is not granted, one member for each kind of refused use.
reasons := {{"code": denial.code, "rule": denial.rule} | some denial in denials}

# METADATA
# description: >-
#   The same question asked the other way round: everything is allowed. `access` asks both, because a refusal that is
#   lost on its way must not turn into an allowance.
default is_granted := false

is_granted if {
	count(refused) == 0
	count(_open_sides) == 0
	count(_untouched) == 0
	count(_tables_not_granted) == 0
	count(input.query.unknown) == 0
}

_is_met(need, touch) if {
	need == "aggregate"
	touch.function in input.contract.terms.aggregates
}

# Of a key only the number of its values may be known.
_is_met(need, touch) if {
	need == "count"
	touch.function == "count"
	touch.function in input.contract.terms.aggregates
}

# An equality that the footprint does not show cannot be a declared one.
_is_met(need, touch) if {
	need == "equality"
	[touch.source, touch.column] in _sides
}

# One row per entity is harmless inside a statement, because entities are counted again further out;
# one row per value of any other key is not.
_is_met(need, touch) if {
	need == "entity"
	touch.column == input.tables[input.query.sources[touch.source]].entity
}

# Who is in one guarded source may decide who is counted in another, since those are counted by entity.
# Of a source whose rows can be seen it would show, row by row, who is in the first.
_is_met(need, touch) if {
	need == "counted"
	touch.function != touch.source
	touch.function in data.protection.guarded
}

# What is put together there are figures of groups.
_is_met(need, touch) if {
	need == "groups"
	touch.source in data.protection.guarded
}

# All rows in one cell would be a way round the number of rows a contract may see.
_packs_people(touch) if {
	touch.function in {"list", "string_agg"}
	input.tables[input.query.sources[touch.source]].entity != null
}

_sides := [[side.source, side.column] |
	some join in input.query.joins
	some side in [join.left, join.right]
]

# Sides of equalities that are not declared, or that the list of touches keeps quiet about.
_open_sides := {[side.source, side.column] |
	some join in data.joins.undeclared
	some side in [join.left, join.right]
} | ({side | some side in _sides} - {[touch.source, touch.column] |
	some touch in input.query.touches
	touch.use == "join"
})

# A guarded source of which nothing is said cannot be judged, and what cannot be judged is refused.
_untouched := data.protection.guarded - {touch.source |
	some touch in input.query.touches
	[touch.column, touch.use] != ["*", "aggregate"]
}

_tables_not_granted := [table | some table in input.query.sources; not input.tables[table]]

# Everything that is refused, as pairs of a use and a code.
_refusals contains [_name(touch), _code(touch, modes)] if {
	some i in refused
	touch := input.query.touches[i]
	modes := {found.mode | some found in granted; found.at == i}
}

_refusals contains [{"table": unknown.table, "column": unknown.column, "use": unknown.use}, "NOT_GRANTED"] if {
	some unknown in input.query.unknown
}

_refusals contains [{"table": table, "column": "*", "use": "rows"}, "NOT_GRANTED"] if {
	some table in _tables_not_granted
}

_refusals contains [{"table": input.query.sources[source], "column": "*", "use": "rows"}, "AGGREGATE_ONLY"] if {
	some source in _untouched
}

_refusals contains [{"table": table, "column": column, "use": "join"}, "JOIN_NOT_DECLARED"] if {
	some [source, column] in _open_sides
	table := input.query.sources[source]
}

_denied := {{"table": denial.table, "column": denial.column, "use": denial.use} | some denial in denials}

_denial(name, code) := object.union(name, {"allowed": false, "rule": "S3-P5", "code": code})

_name(touch) := {"table": input.query.sources[touch.source], "column": touch.column, "use": _use_name(touch)}

_use_name(touch) := concat(":", ["aggregate", touch.function]) if {
	touch.use == "aggregate"
} else := touch.use

# The code of a refused use, the most telling one first. The last line answers for everything not named before it.
_code(touch, modes) := "NOT_GRANTED" if {
	count(modes) == 0
} else := "ARGUMENT_NOT_ALLOWED" if {
	touch.use == "transform"
} else := "JOIN_NOT_DECLARED" if {
	touch.use == "cross"
} else := "KEY_USE_NOT_ALLOWED" if {
	"join" in modes
} else := "AGGREGATE_NOT_ALLOWED" if {
	touch.use == "aggregate"
} else := "VALUES_NOT_COUNTED" if {
	touch.use == "count_distinct"
	count(modes & {"raw", "mask", "dimension"}) > 0
} else := "AGGREGATE_ONLY" if {
	"aggregate" in modes
} else := "KEY_USE_NOT_ALLOWED" if {
	touch.use == "entity_group"
} else := "JOIN_NOT_DECLARED" if {
	touch.use == "join"
} else := "AGGREGATE_ONLY"
