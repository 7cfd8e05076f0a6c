package keys_test

import data.keys
import data.testing
import rego.v1

entrypoint := "access"

cases := {
	"all keys": {"facts": testing.access, "reasons": set()},
	"government is not among those who signed": {
		"facts": testing.with_contract({"signatures": ["executor"]}),
		"reasons": {"SIGNATURE_MISSING S3-P1"},
	},
	"ITO is not told to have approved": {
		"facts": testing.with_contract({"ito_approved": false}),
		"reasons": {"APPROVAL_MISSING S3-P1"},
	},
	"government has not signed": {
		"facts": testing.with_contract({"signed": [_signed("executor"), _signed("ito")]}),
		"reasons": {"SIGNATURE_MISSING S3-P1"},
	},
	"executor has not signed": {
		"facts": testing.with_contract({"signed": [_signed("government"), _signed("ito")]}),
		"reasons": {"SIGNATURE_MISSING S3-P1"},
	},
	"somebody else signed": {
		"facts": testing.with_contract({"signed": [_signed("government"), _signed("somebody"), _signed("ito")]}),
		"reasons": {"SIGNATURE_MISSING S3-P1"},
	},
	"ITO has not approved": {
		"facts": testing.with_contract({"signed": [_signed("government"), _signed("executor")]}),
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
			object.union(_approval("monitoring", "chair"), {"decision": "refused"}),
			_approval("qualification", "herasat"),
		]}),
		"reasons": {"APPROVAL_MISSING S3-P5"},
	},
	"a refusal of the other committee is no approval": {
		"facts": testing.with_contract({"approvals": [
			_approval("monitoring", "chair"),
			object.union(_approval("qualification", "herasat"), {"decision": "refused"}),
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
	"approved for an earlier text": {
		"facts": _with_approval({"digest": "a0"}),
		"reasons": {"APPROVAL_MISSING S3-P5"},
	},
	"approved for no text": {
		"facts": _with_approval({"digest": ""}),
		"reasons": {"APPROVAL_MISSING S3-P5"},
	},
	"approved without a seat": {
		"facts": _with_approval({"seated": false}),
		"reasons": {"APPROVAL_MISSING S3-P5"},
	},
	"approved by somebody of a side": {
		"facts": _with_approval({"interested": true}),
		"reasons": {"APPROVAL_MISSING S3-P5"},
	},
	"signed for an earlier text": {
		"facts": testing.with_contract({"signed": [
			object.union(_signed("government"), {"digest": "a0"}),
			_signed("executor"),
			_signed("ito"),
		]}),
		"reasons": {"SIGNATURE_MISSING S3-P1"},
	},
	"ITO consented to an earlier text": {
		"facts": testing.with_contract({"signed": [
			_signed("government"),
			_signed("executor"),
			object.union(_signed("ito"), {"digest": "a0"}),
		]}),
		"reasons": {"APPROVAL_MISSING S3-P1"},
	},
	"the text has changed": {
		"facts": testing.with_contract({"digest": "a2"}),
		"reasons": {
			"APPROVAL_MISSING S3-P1",
			"APPROVAL_MISSING S3-P5",
			"CONSENT_MISSING S1-P2",
			"SIGNATURE_MISSING S3-P1",
		},
	},
	"the text has no digest": {
		"facts": _of_no_digest,
		"reasons": {
			"APPROVAL_MISSING S3-P1",
			"APPROVAL_MISSING S3-P5",
			"CONSENT_MISSING S1-P2",
			"SIGNATURE_MISSING S3-P1",
		},
	},
	"another owner has not consented": {
		"facts": testing.with_contract({"consents": []}),
		"reasons": {"CONSENT_MISSING S1-P2"},
	},
	"another owner consented to an earlier text": {
		"facts": testing.with_contract({"consents": [{"dataset": "geo", "of_steward": true, "digest": "a0"}]}),
		"reasons": {"CONSENT_MISSING S1-P2"},
	},
	"consent of somebody else": {
		"facts": testing.with_contract({"consents": [{"dataset": "geo", "of_steward": false, "digest": "a1"}]}),
		"reasons": {"CONSENT_MISSING S1-P2"},
	},
	"consent to lend something else": {
		"facts": testing.with_contract({"consents": [{"dataset": "census", "of_steward": true, "digest": "a1"}]}),
		"reasons": {"CONSENT_MISSING S1-P2"},
	},
	"a dataset that nobody owns": {
		"facts": testing.with_facts({"datasets": {"census": {"owner": ""}}, "contract": {"owner": ""}}),
		"reasons": {"CONSENT_MISSING S1-P2"},
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
	"what a class asks for": {
		"facts": testing.with_contract({"demanded": ["nda", "non_publication", "deposit"]}),
		"reasons": {"GUARANTEE_MISSING S3-P7"},
	},
	"what a class asks for, handed in": {
		"facts": testing.with_contract({
			"demanded": ["nda", "non_publication", "deposit"],
			"guarantees": [_guarantee("nda"), _guarantee("non_publication"), _guarantee("deposit")],
		}),
		"reasons": set(),
	},
	"what a class asks for, run out": {
		"facts": testing.with_contract({
			"demanded": ["deposit"],
			"guarantees": [
				_guarantee("nda"),
				_guarantee("non_publication"),
				{"kind": "deposit", "expires_at": testing.now},
			],
		}),
		"reasons": {"GUARANTEE_MISSING S3-P7"},
	},
	"nothing is demanded": {
		"facts": testing.with_contract({"demanded": [], "guarantees": []}),
		"reasons": {"GUARANTEE_MISSING S3-P7-R1"},
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

_approval(committee, person) := testing.approval(committee, person)

# The first of the two approvals changed.
_with_approval(change) := testing.with_contract({"approvals": [
	object.union(_approval("monitoring", "chair"), change),
	_approval("qualification", "herasat"),
]})

_signed(party) := {"party": party, "digest": "a1"}

# A contract without a digest, and keys without one.
_of_no_digest := testing.with_contract({
	"digest": "",
	"signed": [object.union(signature, {"digest": ""}) | some signature in testing.contract.signed],
	"approvals": [object.union(approval, {"digest": ""}) | some approval in testing.contract.approvals],
	"consents": [object.union(consent, {"digest": ""}) | some consent in testing.contract.consents],
})

_guarantee(kind) := {"kind": kind, "expires_at": testing.now + 1}
