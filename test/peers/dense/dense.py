"""compare.sh dense: unpruned models beside PyTorch, same weights, same inputs, interleaved."""
import itertools
import os
import sys
import tempfile

import numpy

import safetensors_file
from cases import ONLY, case, finish, head
from interleaved import Process

BAR = 0.95
BUDGET = float(os.environ.get("PEERS_SECONDS", 14))   # a case
ARCHITECTURES = ["vit_tiny_patch16_224", "swin_tiny_patch4_window7_224"]
# Largest difference of logits, as a share of the largest logit: rounding only.
TOLERANCE = {"fp32": 1e-3, "bf16": 0.1}


def check(ours, peer, folder, dtype):
    for side, name in ((ours, "ours"), (peer, "peer")):
        side.ask("logits", f"{folder}/{name}.safetensors")
    a, b = (safetensors_file.read(f"{folder}/{name}.safetensors")["logits"] for name in ("ours", "peer"))
    difference = float(numpy.abs(a - b).max() / numpy.abs(b).max())
    if a.shape != b.shape or not difference <= TOLERANCE[dtype]:
        raise SystemExit(f"compare: the logits differ by {difference:.2g} of the largest; at most {TOLERANCE[dtype]} is rounding")


def main(worker, commit):
    cases, rng = [], numpy.random.default_rng(1)
    here = os.path.dirname(os.path.abspath(__file__))
    head()
    with tempfile.TemporaryDirectory() as folder:
        for batch in (1, 32):
            safetensors_file.write(f"{folder}/{batch}.safetensors", {"images": rng.standard_normal((batch, 3, 224, 224), dtype=numpy.float32)})
        for threads in (1, 2):
            ours = Process(["dotnet", worker, "dense"], threads)
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
                    cases.append(case(ours, peer, name, batch, BAR, BUDGET, way[3:]))
            ours.close()
            peer.close()
    return finish("dense", commit, cases)


sys.exit(main(*sys.argv[1:]))
