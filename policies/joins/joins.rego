# METADATA
# description: Which plain equalities between two sources of a statement the contract declares (S3-P5).
# schemas:
#   - input: schema.facts.input
package joins

import rego.v1

# METADATA
# description: The equalities of the statement that no declaration covers.
undeclared := [join | some join in _not_declared; not _is_same_entity(join)]

_not_declared := [join |
	some join in input.query.joins
	not _is_free(join)
	left := _name(join.left)
	right := _name(join.right)
	not [left, right] in input.joins
	not [right, left] in input.joins
]

# Values that may be seen anyway may be compared anyway.
_is_free(join) if {
	every side in [join.left, join.right] {
		side.source in data.protection.open
		input.tables[input.query.sources[side.source]].columns[side.column] in {"raw", "mask"}
	}
}

# Entity columns that declarations connect hold the same entities, so any two of them may meet: a table with
# itself, and the two ends of a chain. Over other columns a chain would be a join nobody declared.
_is_same_entity(join) if {
	left := _name(join.left)
	left in _entity_columns
	_name(join.right) in graph.reachable(_entity_links, {left})
}

_entity_columns := {concat(".", [key, table.entity]) |
	some key, table in input.tables
	table.entity != null
}

_entity_links := {column: others |
	some column in _entity_columns
	others := {other |
		some pair in input.joins
		column in pair
		some other in pair
		other in _entity_columns
	}
}

_name(side) := concat(".", [input.query.sources[side.source], side.column])
