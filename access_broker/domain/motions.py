"""What a committee decides: the subjects of its motions."""

from __future__ import annotations

from enum import StrEnum


class Subject(StrEnum):
    """What is put to the vote. `about` of a motion is the id of a contract, problem or dataset."""

    APPROVE_CONTRACT = "approve_contract"
    SOVEREIGNTY = "sovereignty"
    APPROVE_PROBLEM = "approve_problem"
    CUT_ON_REPETITION = "cut_on_repetition"
    RATIFY_SUSPENSION = "ratify_suspension"
    LIFT = "lift"
    APPEAL = "appeal"
    SHARE_DATASET = "share_dataset"  # another problem may use a dataset that is in exclusive use (S3-P9-R1)
    ACCEPT = "accept"
    EXIT = "exit"
    CLOSE_FAILURE = "close_failure"
