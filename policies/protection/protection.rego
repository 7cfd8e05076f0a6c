# METADATA
# description: Which granted tables protect people, and in which sources of a statement people must be counted.
# schemas:
#   - input: schema.facts.input
package protection

import rego.v1

# METADATA
# description: >-
#   Tables whose rows belong to entities and of which some column is granted only at a coarser grain. Under a contract
#   that answers with noise all of them: what is shown as it is has no noise.
protected := {key |
	some key, table in input.tables
	table.entity != null
	some mode in table.columns
	mode in {"dimension", "aggregate", "join"}
} | {key |
	some key, table in input.tables
	table.entity != null
	input.contract.terms.answer_mode == "dp"
}

# METADATA
# description: >-
#   Sources whose rows may be seen: their table is not protected, or only raw columns of it are touched - and at least
#   one is, for a statement that merely counts rows says nothing about which columns it may see.
open := _unprotected | (_touched - _touched_coarsely)

# METADATA
# description: Every other source. Each cell of the answer needs at least k of its entities.
guarded := {source | some source, _ in input.query.sources} - open

_unprotected := {source |
	some source, key in input.query.sources
	input.tables[key]
	not key in protected
}

# Sources of which a real column is touched, be it only by an equality.
_touched := {column.source | some column in _columns}

# Of these, the ones with a column that is not raw. One that was not granted at all is not raw either, and no column of
# people's rows is where answers have noise.
_touched_coarsely := {column.source |
	some column in _columns
	not input.tables[input.query.sources[column.source]].columns[column.column] == "raw"
} | {column.source |
	some column in _columns
	input.contract.terms.answer_mode == "dp"
}

_columns := array.concat(
	[touch | some touch in input.query.touches; touch.column != "*"],
	[side | some join in input.query.joins; some side in [join.left, join.right]],
)
