"""Stand-in until the real one lands."""
from access_broker.domain.decisions import *
def decision_from(document, tables):
    r=tuple(Reason(x["code"],x["rule"]) for x in document["reasons"])
    u=tuple(UseVerdict(**x) for x in [{k:v for k,v in y.items()} for y in document["uses"]])
    if r: return Decision(r,u)
    o=document["obligations"]
    return Decision((),u,Obligations(tuple(sorted(o["min_entities"].items())),o["max_rows"],o["answer_mode"],o["daily_queries"]))
