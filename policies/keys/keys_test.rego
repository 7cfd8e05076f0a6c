package keys_test

import data.keys
import data.testing
import rego.v1

entrypoint := "access"

cases := {
	"all keys": {"facts": testing.access, "reasons": set()},
	"government has not signed": {
		"facts": testing.with_contract({"signatures": ["executor"]}),
		"reasons": {"SIGNATURE_MISSING S3-P1"},
	},
	"executor has not signed": {
		"facts": testing.with_contract({"signatures": ["government"]}),
		"reasons": {"SIGNATURE_MISSING S3-P1"},
	},
	"somebody else signed": {
		"facts": testing.with_contract({"signatures": ["government", "somebody"]}),
		"reasons": {"SIGNATURE_MISSING S3-P1"},
	},
	"ITO has not approved": {
		"facts": testing.with_contract({"ito_approved": false}),
		"reasons": {"APPROVAL_MISSING S3-P1"},
	},
	"personal, without monitoring": {
		"facts": testing.with_contract({"approvals": [_approval("qualification", "herasat")]}),
		"reasons": {"APPROVAL_MISSING S3-P5"},
	},
	"personal, without qualification": {
		"facts": testing.with_contract({"approvals": [_approval("monitoring", "chair")]}),
		"reasons": {"APPROVAL_MISSING S3-P5"},
	},
	"personal, without both": {
		"facts": testing.with_contract({"approvals": []}),
		"reasons": {"APPROVAL_MISSING S3-P5"},
	},
	"personal, one person for both": {
		"facts": testing.with_contract({"approvals": [
			_approval("monitoring", "head"),
			_approval("qualification", "head"),
		]}),
		"reasons": {"SAME_PERSON_TWICE S3-P5"},
	},
	"personal, one person for both and another for one": {
		"facts": testing.with_contract({"approvals": [
			_approval("monitoring", "head"),
			_approval("qualification", "head"),
			_approval("qualification", "herasat"),
		]}),
		"reasons": set(),
	},
	"open, without monitoring": {
		"facts": _open({"approvals": [_approval("qualification", "herasat")]}),
		"reasons": {"APPROVAL_MISSING S3-P1"},
	},
	"open, without qualification": {
		"facts": _open({"approvals": [_approval("monitoring", "chair")]}),
		"reasons": {"APPROVAL_MISSING S3-P4"},
	},
	"open, one person for both": {
		"facts": _open({"approvals": [_approval("monitoring", "head"), _approval("qualification", "head")]}),
		"reasons": set(),
	},
	"a refusal is no approval": {
		"facts": testing.with_contract({"approvals": [
			{"committee": "monitoring", "person": "chair", "decision": "refused"},
			_approval("qualification", "herasat"),
		]}),
		"reasons": {"APPROVAL_MISSING S3-P5"},
	},
	"a refusal of the other committee is no approval": {
		"facts": testing.with_contract({"approvals": [
			_approval("monitoring", "chair"),
			{"committee": "qualification", "person": "herasat", "decision": "refused"},
		]}),
		"reasons": {"APPROVAL_MISSING S3-P5"},
	},
	"another committee is none": {
		"facts": testing.with_contract({"approvals": [
			_approval("tea", "chair"),
			_approval("qualification", "herasat"),
		]}),
		"reasons": {"APPROVAL_MISSING S3-P5"},
	},
	"nda expired": {
		"facts": testing.with_contract({"guarantees": [
			{"kind": "nda", "expires_at": testing.now},
			_guarantee("non_publication"),
		]}),
		"reasons": {"GUARANTEE_MISSING S3-P7-R1"},
	},
	"nothing about publication": {
		"facts": testing.with_contract({"guarantees": [_guarantee("nda")]}),
		"reasons": {"GUARANTEE_MISSING S3-P7-R1"},
	},
	"renewed guarantee": {
		"facts": testing.with_contract({"guarantees": [
			{"kind": "nda", "expires_at": testing.now - 1},
			_guarantee("nda"),
			_guarantee("non_publication"),
		]}),
		"reasons": set(),
	},
	"no reports": {
		"facts": testing.with_contract({"report_every_days": null}),
		"reasons": {"REPORTS_MISSING S3-P1-R1"},
	},
	"reports every zero days": {
		"facts": testing.with_contract({"report_every_days": 0}),
		"reasons": {"REPORTS_MISSING S3-P1-R1"},
	},
	"not registered": {
		"facts": testing.with_contract({"executor": {"registered": false}}),
		"reasons": {"EXECUTOR_NOT_REGISTERED S3-P3"},
	},
	"not a company": {
		"facts": testing.with_contract({"executor": {"family": "citizen"}}),
		"reasons": {"EXECUTOR_NOT_REGISTERED S3-P3"},
	},
	"not determined": {
		"facts": testing.with_facts({"datasets": {"geo": {"sovereignty": "undetermined"}}}),
		"reasons": {"SOVEREIGNTY_UNDETERMINED S1-P4-R4"},
	},
	"not on the list": {
		"facts": testing.with_facts({"problem": {"resources": ["census"]}}),
		"reasons": {"NOT_ON_RESOURCE_LIST S1-P2"},
	},
	"sovereign under a licence": {
		"facts": testing.with_contract({"type": "licence"}),
		"reasons": {"TYPE_NOT_ALLOWED B-2"},
	},
	"nothing sovereign under a licence": {
		"facts": testing.with_facts({
			"contract": {"type": "licence"},
			"datasets": {"census": {"sovereignty": "non_sovereign"}},
		}),
		"reasons": set(),
	},
	"people at a lower level": {
		"facts": testing.with_contract({"level": "organisational"}),
		"reasons": {"LEVEL_TOO_LOW F-12"},
	},
}

test_reasons[note] if {
	some note, case in cases
	reasons := keys.reasons with input as case.facts
	testing.texts(reasons) == case.reasons
}

# A contract of the open level with an open table only.
_open(change) := object.union(
	object.remove(testing.with_query({}, [], []), ["tables"]),
	{
		"tables": {"geo.cities": testing.scope.tables["geo.cities"]},
		"contract": object.union({"level": "open"}, change),
	},
)

_approval(committee, person) := {"committee": committee, "person": person, "decision": "approved"}

_guarantee(kind) := {"kind": kind, "expires_at": testing.now + 1}
