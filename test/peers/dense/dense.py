"""compare.sh dense: unpruned models beside PyTorch, same weights, same inputs, interleaved.

ratio is the median over the rounds of (PyTorch's time / our time), so above 1 ours is faster; low and high are the 10th and
90th percentile of the rounds. A case below its bar is measured once more with twice the time, and that counts."""
import itertools
import json
import os
import sys
import tempfile

import numpy

import safetensors_file
from interleaved import Process, measure, quantile

BAR = 0.95
BUDGET = float(os.environ.get("PEERS_SECONDS", 14))   # a case
ONLY = os.environ.get("PEERS_CASES", "")
ARCHITECTURES = ["vit_tiny_patch16_224", "swin_tiny_patch4_window7_224"]
# Largest difference of logits, as a share of the largest logit: rounding only.
TOLERANCE = {"fp32": 1e-3, "bf16": 0.1}


def say(text):
    print(text, file=sys.stderr, flush=True)


def check(ours, peer, folder, dtype):
    for side, name in ((ours, "ours"), (peer, "peer")):
        side.ask("logits", f"{folder}/{name}.safetensors")
    a, b = (safetensors_file.read(f"{folder}/{name}.safetensors")["logits"] for name in ("ours", "peer"))
    difference = float(numpy.abs(a - b).max() / numpy.abs(b).max())
    if a.shape != b.shape or not difference <= TOLERANCE[dtype]:
        raise SystemExit(f"compare: the logits differ by {difference:.2g} of the largest; at most {TOLERANCE[dtype]} is rounding")


def case(ours, peer, name, batch):
    mine, theirs, ratios = measure(ours, peer, BUDGET)
    if quantile(ratios, 0.5) < BAR:
        say(f"{name}: {quantile(ratios, 0.5):.3f} is below {BAR}, measured again")
        mine, theirs, ratios = measure(ours, peer, 2 * BUDGET, least=6, most=62)
    return {
        "case": name, "ours": round(batch / mine, 2), "peer": round(batch / theirs, 2), "unit": "images/s",
        "ratio": round(quantile(ratios, 0.5), 4), "low": round(quantile(ratios, 0.1), 4), "high": round(quantile(ratios, 0.9), 4), "bar": BAR,
    }


def main(worker, commit):
    cases, rng = [], numpy.random.default_rng(1)
    here = os.path.dirname(os.path.abspath(__file__))
    say(f"{'case':58}{'ours':>10}{'peer':>10}  images/s {'ratio':>7}  (10th..90th)")
    with tempfile.TemporaryDirectory() as folder:
        for batch in (1, 32):
            safetensors_file.write(f"{folder}/{batch}.safetensors", {"images": rng.standard_normal((batch, 3, 224, 224), dtype=numpy.float32)})
        for threads in (1, 2):
            ours = Process(["dotnet", worker], threads)
            peer = Process([sys.executable, os.path.join(here, "torch_worker.py")], threads)
            for architecture, dtype in itertools.product(ARCHITECTURES, ("fp32", "bf16")):
                names = {batch: f"{architecture} {dtype} batch {batch} threads {threads}" for batch in (1, 32)}
                names = {batch: name for batch, name in names.items() if ONLY in name}
                if not names:
                    continue
                weights = f"{folder}/{architecture}.safetensors"
                if not os.path.exists(weights):
                    ours.ask("make", architecture, weights)
                for side in (ours, peer):
                    side.ask("load", architecture, weights, dtype)
                for batch, name in names.items():
                    for side in (ours, peer):
                        side.ask("input", f"{folder}/{batch}.safetensors")
                    way = peer.ask("choose")
                    if not way.startswith("ok "):
                        raise SystemExit(f"compare: PyTorch cannot run {name}: {way}")
                    check(ours, peer, folder, dtype)
                    row = case(ours, peer, name, batch)
                    cases.append(row)
                    say(f"{name:58}{row['ours']:10.2f}{row['peer']:10.2f}           {row['ratio']:7.3f}  "
                        f"({row['low']:.3f}..{row['high']:.3f})  beside {way[3:]}{'' if row['ratio'] >= BAR else '  BELOW ' + str(BAR)}")
            ours.close()
            peer.close()
    print(json.dumps({"name": "dense", "commit": commit, "cases": cases}))
    return 0 if all(row["ratio"] >= row["bar"] for row in cases) else 1


sys.exit(main(*sys.argv[1:]))
