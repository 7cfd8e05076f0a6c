# METADATA
# description: >-
#   What became of a motion: carried, lost, lapsed, or open still (S1-C2, S3-P1-R2). Votes count by seat and by person,
#   the latest of each. A motion is carried as soon as the quorum has voted, whoever must be heard was heard, and more
#   are for it than against; an equal number loses. One that can do neither lapses when too few are left to vote, or its
#   working days are over. The numbers are in data.json.
# schemas:
#   - input: schema.votes.input
package votes

import rego.v1

# METADATA
# description: The facts about the motion are whole.
default is_whole := false

is_whole if {
	data.votes.quorum[input.committee]
	every name in [input.subject, input.organisation] {
		name > ""
		name < []
	}
	input.own_seat in {true, false}
	every number in [input.now, input.days] { _is_whole_number(number) }
	_seats_are_whole
	_votes_are_whole
}

_is_whole_number(x) if {
	x >= 0
	x <= data.shapes.largest_whole
	floor(x) == x
}

_seats_are_whole if {
	is_array(input.seats)
	every seat in input.seats {
		_is_whole_number(seat.number)
		seat.person > ""
		seat.person < []
		seat.barred in {true, false}
	}
}

_votes_are_whole if {
	is_array(input.votes)
	every vote in input.votes {
		every number in [vote.number, vote.seat] { _is_whole_number(number) }
		vote.person > ""
		vote.person < []
		vote.choice in {"for", "against", "abstain"}
		every flag in [vote.seated, vote.barred, vote.of_side, vote.elsewhere, vote.opinion] { flag in {true, false} }
		every list in [vote.findings, vote.refused] {
			is_array(list)
			every word in list {
				word > ""
				word < []
			}
		}
	}
}

# METADATA
# description: >-
#   The votes that count: of seats that were held then, by people who are not barred and whose voice is not in the other
#   committee's approval already (S3-P5), one of each person and one of each seat, the latest.
# scope: document
counted contains vote if {
	some vote in input.votes
	_is_valid(vote)
	not _is_superseded(vote)
}

_is_valid(vote) if {
	vote.seated == true
	vote.barred == false
	vote.elsewhere == false
}

_is_superseded(vote) if {
	some other in input.votes
	_is_valid(other)
	other.number > vote.number
	other.person == vote.person
}

_is_superseded(vote) if {
	some other in input.votes
	_is_valid(other)
	other.number > vote.number
	other.seat == vote.seat
}

# METADATA
# description: The votes that count for the motion.
# scope: document
in_favour contains vote if {
	some vote in counted
	vote.choice == "for"
}

# METADATA
# description: The votes that count against the motion.
# scope: document
against contains vote if {
	some vote in counted
	vote.choice == "against"
}

# METADATA
# description: Columns that are refused, because as many votes are against granting one as are for it.
# scope: document
refused contains column if {
	some vote in counted
	some column in vote.refused
	objections := {other.person | some other in counted; _objects(other, column)}
	granted := {other.person | some other in in_favour; not column in other.refused}
	count(objections) >= count(granted)
}

_objects(vote, _) if vote.choice == "against"

_objects(vote, column) if column in vote.refused

# METADATA
# description: Seats from which a vote may still come, one that counts or another one.
# scope: document
awaited contains seat.number if {
	some seat in input.seats
	seat.barred == false
	not _has_voted(seat)
}

_has_voted(seat) if {
	some vote in counted
	vote.seat == seat.number
}

_has_voted(seat) if {
	some vote in counted
	vote.person == seat.person
}

# METADATA
# description: Why the motion is not carried.
# scope: document
reasons contains {"code": "NOT_CARRIED", "rule": "S1-C2"} if not _has_majority

reasons contains {"code": "COLUMNS_REFUSED", "rule": "S3-P5"} if count(refused) > 0

reasons contains {"code": "QUORUM_MISSING", "rule": _rule} if not _has_quorum

reasons contains {"code": "SAME_PERSON_TWICE", "rule": _rule_of_hands} if {
	not _has_quorum
	some vote in input.votes
	vote.elsewhere == true
}

reasons contains {"code": "ORGANISATION_SEAT_MISSING", "rule": _rule} if {
	_needs_own_seat
	some seat in input.seats
	seat.number == data.votes.organisation_seat[input.committee]
	seat.barred == false
	not _is_heard(seat.number)
}

# The organisation has appointed nobody: without it the others would decide what is its own.
reasons contains {"code": "ORGANISATION_SEAT_MISSING", "rule": _rule} if {
	_needs_own_seat
	input.own_seat == true
	not data.votes.organisation_seat[input.committee] in {seat.number | some seat in input.seats}
}

# The owner's own seat is heard, but nobody approves what is their own.
reasons contains {"code": "CONFLICT_OF_INTEREST", "rule": "S1-C2"} if {
	_has_majority
	not _has_free_voice
}

reasons contains {"code": "OPINION_MISSING", "rule": "S3-P1-R2"} if {
	needed := data.votes.security_seat[input.committee]
	not _has_opinion(needed)
}

reasons contains {"code": "FINDING_MISSING", "rule": "F-5"} if {
	some finding in data.votes.findings[input.subject]
	some vote in in_favour
	not finding in vote.findings
}

reasons contains {"code": "COMMITTEE_INCOMPLETE", "rule": "F-4"} if {
	input.subject in data.votes.complete
	filled := {seat.number | some seat in input.seats}
	count(filled) < data.votes.seats[input.committee]
}

# What protects people is confirmed without it: its silence would let the suspension lapse and open access (F-13).
_needs_own_seat if not input.subject in data.votes.without_own_seat

_has_majority if count(in_favour) > count(against)

_has_free_voice if {
	some vote in in_favour
	vote.of_side == false
}

_has_quorum if {
	present := {vote.person | some vote in counted}
	count(present) >= data.votes.quorum[input.committee]
}

_is_heard(number) if {
	some vote in counted
	vote.seat == number
}

_has_opinion(number) if {
	some vote in counted
	vote.seat == number
	vote.opinion == true
}

# The rule that says who sits in the committee.
_rule := "S1-C2" if {
	input.committee == "monitoring"
} else := "S3-P1-R2"

# The rule that asks for two committees with no hand in both.
_rule_of_hands := "D-2" if {
	input.subject == "exit"
} else := "S3-P5"

# No vote is to come any more: every seat has voted, may not judge, or is empty.
_is_over if count(awaited) == 0

_is_over if _is_past

# Whoever stays away would else hold the motion, and what it is about, for ever.
_is_past if input.days >= data.votes.days

# Those who are awaited cannot turn it any more.
_is_lost if {
	_has_quorum
	count(in_favour) + count(awaited) <= count(against)
}

_is_lost if {
	_has_quorum
	_is_over
	not _has_majority
}

# Not for all of its columns.
_is_lost if {
	_has_quorum
	_is_over
	count(refused) > 0
}

# Only the owner's own seat is for it.
_is_lost if {
	_has_quorum
	_is_over
	not _has_free_voice
}

# Too few are left to decide it. Where there are enough, the motion waits for an empty seat that must be heard to be
# filled, until its days are over.
_is_lapsed if {
	not _has_quorum
	count(awaited) == 0
}

_is_lapsed if _is_past

_numbers contains vote.number if some vote in counted

# METADATA
# description: What became of the motion.
state := "carried" if {
	count(reasons) == 0
} else := "lost" if {
	_is_lost
} else := "lapsed" if {
	_is_lapsed
} else := "open"

# METADATA
# description: The answer, and what it rests on. Facts that are not whole decide nothing.
# entrypoint: true
default decision := {
	"allow": false,
	"reasons": [{"code": "MALFORMED_FACTS", "rule": ""}],
	"state": "open",
	"counted": [],
	"refused": [],
}

decision := {
	"allow": count(reasons) == 0,
	"reasons": sort(reasons),
	"state": state,
	"counted": sort(_numbers),
	"refused": sort(refused),
} if {
	is_whole
}
