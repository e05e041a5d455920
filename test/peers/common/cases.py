"""One case of a comparison: measured, measured again where it is below its bar, and shown.

ratio is the median over the rounds of (PyTorch's time / our time), so above 1 ours is faster; low and high are the 10th and
90th percentile of the rounds. A case below its bar is measured once more with twice the time, and that counts. A bar of
None is a case that is reported only."""
import json
import os
import sys

from interleaved import measure, quantile

ONLY = os.environ.get("PEERS_CASES", "")


def say(text):
    print(text, file=sys.stderr, flush=True)


def head(unit="images/s"):
    say(f"{'case':58}{'ours':>10}{'peer':>10}  {unit} {'ratio':>7}  (10th..90th)")


def case(ours, peer, name, batch, bar, budget, way="", least=3, unit="images/s"):
    mine, theirs, ratios = measure(ours, peer, budget, least)
    if bar is not None and quantile(ratios, 0.5) < bar:
        say(f"{name}: {quantile(ratios, 0.5):.3f} is below {bar}, measured again")
        mine, theirs, ratios = measure(ours, peer, 2 * budget, least=2 * least, most=62)
    row = {
        "case": name, "ours": round(batch / mine, 2), "peer": round(batch / theirs, 2), "unit": unit,
        "ratio": round(quantile(ratios, 0.5), 4), "low": round(quantile(ratios, 0.1), 4), "high": round(quantile(ratios, 0.9), 4), "bar": bar,
    }
    say(f"{name:58}{row['ours']:10.2f}{row['peer']:10.2f}           {row['ratio']:7.3f}  "
        f"({row['low']:.3f}..{row['high']:.3f})  beside {way}{'' if holds(row) else '  BELOW ' + str(bar)}")
    return row


def holds(row):
    return row["bar"] is None or row["ratio"] >= row["bar"]


def finish(name, commit, cases, **more):
    """Prints the result; its exit code."""
    print(json.dumps({"name": name, "commit": commit, "cases": cases, **more}))
    return 0 if all(map(holds, cases)) else 1
