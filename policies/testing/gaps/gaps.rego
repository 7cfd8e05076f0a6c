# METADATA
# description: Good facts with one thing missing or of the wrong kind. None of them may be allowed.
package testing.gaps

import rego.v1

# METADATA
# description: Every value in the facts by its path, the facts themselves left out.
walk_of(facts) := {path: value |
	some path, value
	walk(facts, [path, value])
	count(path) > 0
}

# METADATA
# description: The facts once for each field of one of their parts, without it; positions in arrays are no fields.
without_one(facts, part) := {path: json.patch(facts, [{"op": "remove", "path": path}]) |
	some path, _ in walk_of(facts)
	path[0] == part
	is_string(path[count(path) - 1])
}

# METADATA
# description: The facts once for each single value of one of their parts, with something there that is right nowhere.
wrong_in_one(facts, part) := {path: json.patch(facts, [{"op": "replace", "path": path, "value": [[]]}]) |
	some path, value in walk_of(facts)
	path[0] == part
	not is_object(value)
	not is_array(value)
}

# METADATA
# description: Both of these, by what was done and where.
gaps(facts, part) := object.union(
	{concat(" ", ["without", json.marshal(path)]): gap | some path, gap in without_one(facts, part)},
	{concat(" ", ["wrong", json.marshal(path)]): gap | some path, gap in wrong_in_one(facts, part)},
)
