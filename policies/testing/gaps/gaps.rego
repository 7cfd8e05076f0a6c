# METADATA
# description: Good facts with one thing missing or of the wrong kind. None of them may be allowed.
package testing.gaps

import rego.v1

# METADATA
# description: The paths of every field in the facts, however deep; positions in arrays are no fields.
fields(facts) := {path |
	some path, _ in walk_of(facts)
	is_string(path[count(path) - 1])
}

# METADATA
# description: Every value in the facts by its path, the facts themselves left out.
walk_of(facts) := {path: value |
	some path, value
	walk(facts, [path, value])
	count(path) > 0
}

# METADATA
# description: The facts once for each field, without it.
without_one(facts) := {path: json.patch(facts, [{"op": "remove", "path": path}]) | some path in fields(facts)}

# METADATA
# description: >-
#   The facts once for each value that holds no others, with something in its place that is right nowhere.
wrong_in_one(facts) := {path: json.patch(facts, [{"op": "replace", "path": path, "value": [[]]}]) |
	some path, value in walk_of(facts)
	not is_object(value)
	not is_array(value)
}
