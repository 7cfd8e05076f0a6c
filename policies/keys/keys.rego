# METADATA
# description: >-
#   The keys that put a contract in force: signatures, approvals of both committees, consent of other owners of data,
#   guarantees, report schedule, registered executor, sovereignty, resource list. A signature, an approval and a consent
#   count for the text they were given for. They are asked at activation and again at every decision, so that a key that
#   is taken away later closes the door at once.
# schemas:
#   - input: schema.facts.input
package keys

import rego.v1

# METADATA
# description: Why a key is missing, one member for each missing key.
# scope: document
reasons contains {"code": "SIGNATURE_MISSING", "rule": "S3-P1"} if {
	some party in {"government", "executor"}
	not _has_signed(party)
}

reasons contains {"code": "APPROVAL_MISSING", "rule": "S3-P1"} if not _ito_consents

reasons contains {"code": "CONSENT_MISSING", "rule": "S1-P2"} if {
	some id, dataset in input.datasets
	not _is_lent(id, dataset)
}

reasons contains {"code": "APPROVAL_MISSING", "rule": "S3-P5"} if {
	_is_personal
	some approvers in [_monitors, _qualifiers]
	count(approvers) == 0
}

reasons contains {"code": "APPROVAL_MISSING", "rule": "S3-P1"} if {
	not _is_personal
	count(_monitors) == 0
}

reasons contains {"code": "APPROVAL_MISSING", "rule": "S3-P4"} if {
	not _is_personal
	count(_qualifiers) == 0
}

reasons contains {"code": "SAME_PERSON_TWICE", "rule": "S3-P5"} if {
	_is_personal
	count(_monitors) > 0
	count(_qualifiers) > 0
	not _two_people_approved
}

reasons contains {"code": "GUARANTEE_MISSING", "rule": "S3-P7-R1"} if {
	some kind in {"nda", "non_publication"}
	not _is_guaranteed(kind)
}

# What the Qualification Committee asks for because of the class of a granted column.
reasons contains {"code": "GUARANTEE_MISSING", "rule": "S3-P7"} if {
	some kind in input.contract.demanded
	not kind in {"nda", "non_publication"}
	not _is_guaranteed(kind)
}

reasons contains {"code": "REPORTS_MISSING", "rule": "S3-P1-R1"} if not input.contract.report_every_days >= 1

reasons contains {"code": "EXECUTOR_NOT_REGISTERED", "rule": "S3-P3"} if not _is_company

reasons contains {"code": "SOVEREIGNTY_UNDETERMINED", "rule": "S1-P4-R4"} if {
	some dataset in input.datasets
	not dataset.sovereignty in {"sovereign", "non_sovereign"}
}

reasons contains {"code": "NOT_ON_RESOURCE_LIST", "rule": "S1-P2"} if {
	some id, _ in input.datasets
	not id in input.problem.resources
}

reasons contains {"code": "TYPE_NOT_ALLOWED", "rule": "B-2"} if {
	some dataset in input.datasets
	dataset.sovereignty == "sovereign"
	not input.contract.type == "ppp"
}

reasons contains {"code": "LEVEL_TOO_LOW", "rule": "F-12"} if {
	count(data.protection.protected) > 0
	not _is_personal
}

_is_personal if input.contract.level == "personal"

_monitors contains approval.person if {
	some approval in input.contract.approvals
	approval.committee == "monitoring"
	_counts(approval)
}

_qualifiers contains approval.person if {
	some approval in input.contract.approvals
	approval.committee == "qualification"
	_counts(approval)
}

# Given for the present text, from a seat that was held then, by somebody who is of no side.
_counts(approval) if {
	approval.decision == "approved"
	_is_present(approval)
	approval.seated == true
	approval.interested == false
}

# A key counts for the text it was given for and for no other.
_is_present(key) if {
	key.digest > ""
	key.digest == input.contract.digest
}

_has_signed(party) if {
	party in input.contract.signatures
	_is_signed_by(party)
}

_ito_consents if {
	input.contract.ito_approved == true
	_is_signed_by("ito")
}

_is_signed_by(party) if {
	some signature in input.contract.signed
	signature.party == party
	_is_present(signature)
}

_two_people_approved if {
	some monitor in _monitors
	some qualifier in _qualifiers
	monitor != qualifier
}

# By whoever owns the dataset: as owner of the contract, or by the consent of its steward.
_is_lent(_, dataset) if {
	dataset.owner != ""
	dataset.owner == input.contract.owner
}

_is_lent(id, dataset) if {
	dataset.owner != ""
	some consent in input.contract.consents
	consent.dataset == id
	consent.of_steward == true
	_is_present(consent)
}

_is_guaranteed(kind) if {
	some guarantee in input.contract.guarantees
	guarantee.kind == kind
	input.now < guarantee.expires_at
}

_is_company if {
	input.contract.executor.registered == true
	input.contract.executor.family == "private"
}
