"""Stand-in until the real one lands."""
import json, pathlib, regorus, threading
from access_broker.use_cases.ports import Unavailable
def policy_dir(): return pathlib.Path(__file__).parents[3]/"policies"
class EmbeddedPolicy:
    name="embedded"
    def __init__(self, d):
        self.t=threading.local(); self.d=d
    def mk(self):
        d=self.d; self.t.e=regorus.Engine()
        for f in sorted(d.rglob("*.rego")):
            if not f.name.endswith("_test.rego") and "testing" not in str(f): self.t.e.add_policy(str(f), f.read_text())
    def decide(self, entry, facts):
        if 1:
            if not hasattr(self.t,"e"): self.mk()
            try:
                self.t.e.set_input_json(json.dumps(facts)); return self.t.e.eval_rule(f"data.{entry}.decision")
            except BaseException as x: raise Unavailable("POLICY_UNAVAILABLE", str(x))
class OpaPolicy(EmbeddedPolicy): pass
def opa_command(port): return []
