# METADATA
# description: >-
#   What whole facts look like. Every entrypoint demands whole facts before it asks anything else,
#   because a rule that finds nothing to object to in missing facts would otherwise allow.
# schemas:
#   - input: schema.facts.input
package shapes

import rego.v1

# Kinds are told apart by Rego's order of values (null < boolean < number < text < array < object), and the checks are
# written out in place: every decision walks through all its facts, and a call costs many times what a comparison does.
# An array in which one field is missing is undefined, so a line that lists fields demands every one of them.

# METADATA
# description: The largest integer that every JSON reader holds exactly (2^53 - 1).
largest_whole := 9007199254740991

# METADATA
# description: States of a contract.
states := {"drafted", "active", "suspended", "cut", "ended"}

# METADATA
# description: Who asks. A person who is not on record has no family.
default person_is_whole := false

person_is_whole if {
	input.person.id > ""
	input.person.id < []
	every text in [input.person.family, input.person.organisation] {
		text >= ""
		text < []
	}
	input.person.disabled in {true, false}
}

# METADATA
# description: Who asks, through which door, with which login.
default asker_is_whole := false

asker_is_whole if {
	person_is_whole
	every name in [input.login.person, input.login.contract] {
		name > ""
		name < []
	}
	every door in [input.door, input.login.door] { door in {"local", "sandbox"} }
	every whole in [input.login.generation, input.login.expires_at] {
		whole >= 0
		whole <= largest_whole
		floor(whole) == whole
	}
}

# METADATA
# description: The time, and the contract with all it says about itself; whether its keys are there is asked elsewhere.
default contract_is_whole := false

contract_is_whole if {
	contract := input.contract
	terms := contract.terms
	every name in [contract.id, contract.purpose, contract.executor.id] {
		name > ""
		name < []
	}
	every whole in [
		input.now, contract.generation, contract.starts_at, contract.ends_at, contract.latest_end,
		terms.k, terms.max_rows, terms.daily_queries,
	] {
		whole >= 0
		whole <= largest_whole
		floor(whole) == whole
	}
	every list in [
		contract.people, contract.acknowledged, contract.signatures, contract.clauses, contract.demanded,
		terms.aggregates,
	] {
		is_array(list)
		every name in list {
			name > ""
			name < []
		}
	}
	every flag in [contract.ito_approved, contract.executor.registered] { flag in {true, false} }
	every text in [contract.executor.family, contract.owner, contract.digest] {
		text >= ""
		text < []
	}
	contract.state in states
	contract.type in {"ppp", "development_company", "spin_off", "licence"}
	contract.level in {"open", "organisational", "personal"}
	contract.profile in {"development", "market"}
	terms.k >= 1
	terms.max_rows >= 1
	terms.differencing in {"off", "refuse"}
	terms.answer_mode in {"exact", "rounded", "dp"}
	_approvals_are_whole
	_signed_is_whole
	_consents_are_whole
	_guarantees_are_whole
	_schedule_is_whole
	_dominance_is_whole
	_epsilon_is_whole
}

_approvals_are_whole if {
	is_array(input.contract.approvals)
	every approval in input.contract.approvals {
		every name in [approval.committee, approval.person, approval.decision] {
			name > ""
			name < []
		}
		approval.digest >= ""
		approval.digest < []
		every flag in [approval.seated, approval.interested] { flag in {true, false} }
	}
}

# A key of no text, with an empty digest, is a whole fact and no key.
_signed_is_whole if {
	is_array(input.contract.signed)
	every signature in input.contract.signed {
		signature.party > ""
		signature.party < []
		signature.digest >= ""
		signature.digest < []
	}
}

_consents_are_whole if {
	is_array(input.contract.consents)
	every consent in input.contract.consents {
		consent.dataset > ""
		consent.dataset < []
		consent.digest >= ""
		consent.digest < []
		consent.of_steward in {true, false}
	}
}

_guarantees_are_whole if {
	is_array(input.contract.guarantees)
	every guarantee in input.contract.guarantees {
		guarantee.kind > ""
		guarantee.kind < []
		guarantee.expires_at >= 0
		guarantee.expires_at <= largest_whole
		floor(guarantee.expires_at) == guarantee.expires_at
	}
}

_schedule_is_whole if is_null(input.contract.report_every_days)

_schedule_is_whole if {
	input.contract.report_every_days >= 0
	input.contract.report_every_days <= largest_whole
	floor(input.contract.report_every_days) == input.contract.report_every_days
}

_dominance_is_whole if is_null(input.contract.terms.dominance)

_dominance_is_whole if {
	dominance := input.contract.terms.dominance
	dominance.n >= 1
	dominance.n <= largest_whole
	floor(dominance.n) == dominance.n
	dominance.share > 0
	dominance.share <= 1
	_is_share_or_null(dominance.p)
}

_is_share_or_null(p) if is_null(p)

_is_share_or_null(p) if {
	p > 0
	p <= 1
}

_epsilon_is_whole if {
	is_null(input.contract.terms.epsilon)
	input.contract.terms.answer_mode != "dp"
}

_epsilon_is_whole if {
	input.contract.terms.answer_mode == "dp"
	every amount in [input.contract.terms.epsilon.per_statement, input.contract.terms.epsilon.total] {
		amount > 0
		amount <= largest_whole
	}
}

# METADATA
# description: The problem and the datasets of the contract. None at all is no scope, so it is no whole fact either.
default scope_is_whole := false

scope_is_whole if {
	input.problem.id > ""
	input.problem.id < []
	is_array(input.problem.resources)
	every resource in input.problem.resources {
		resource > ""
		resource < []
	}
	is_object(input.datasets)
	count(input.datasets) > 0
	not input.datasets[""]
	every dataset in input.datasets {
		dataset.sovereignty in {"sovereign", "non_sovereign", "undetermined"}
		dataset.owner >= ""
		dataset.owner < []
	}
}

# METADATA
# description: The granted tables, each of one of the datasets. A contract that grants no table grants nothing.
default tables_are_whole := false

tables_are_whole if {
	is_object(input.tables)
	count(input.tables) > 0
	every key, table in input.tables {
		[dataset, name] := split(key, ".")
		name != ""
		input.datasets[dataset]
		table.entity != ""
		is_object(table.columns)
		not table.columns[""]
		not table.columns["*"]
		every mode in table.columns { mode in {"raw", "dimension", "aggregate", "join", "mask"} }
	}
	every entity in [table.entity | some table in input.tables; table.entity != null] {
		entity > ""
		entity < []
	}
}

# METADATA
# description: >-
#   The footprint of a statement, the declared joins and the day's count. `SELECT 1` touches nothing, so a footprint may
#   be empty. What it wants to do need not be known here: what is not known is not granted.
default statement_is_whole := false

statement_is_whole if {
	_sources_are_whole
	_touches_are_whole
	_equalities_are_whole
	_unknown_are_whole
	_declared_joins_are_whole
	input.today.queries >= 0
	input.today.queries <= largest_whole
	floor(input.today.queries) == input.today.queries
}

_sources_are_whole if {
	is_object(input.query.sources)
	not input.query.sources[""]
	every table in input.query.sources {
		table > ""
		table < []
	}
}

_touches_are_whole if {
	is_array(input.query.touches)
	every touch in input.query.touches {
		input.query.sources[touch.source]
		touch.column > ""
		touch.column < []
		touch.use > ""
		touch.use < []
		touch.function >= ""
		touch.function < []
	}
}

_equalities_are_whole if {
	is_array(input.query.joins)
	every join in input.query.joins {
		every side in [join.left, join.right] {
			input.query.sources[side.source]
			side.column > ""
			side.column < []
		}
	}
}

# A name that was not granted may be anything that somebody typed, the empty text included.
_unknown_are_whole if {
	is_array(input.query.unknown)
	every unknown in input.query.unknown {
		every text in [unknown.table, unknown.column, unknown.use] {
			text >= ""
			text < []
		}
	}
}

_declared_joins_are_whole if {
	is_array(input.joins)
	every pair in input.joins {
		is_array(pair)
		count(pair) == 2
		every column in pair {
			column > ""
			column < []
		}
	}
}
