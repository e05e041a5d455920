"""compare.sh train: forward, backward and step of unpruned models beside PyTorch, same weights, same images, interleaved.

"bf16" is the precision that is asked for: PyTorch's autocast, and here what the engine makes of it, which is fp32 where
bfloat16 products are measured to be slower. "bf16 insisted" computes in bfloat16 on both sides and is reported only."""
import os
import sys
import tempfile

import numpy

import safetensors_file
from cases import ONLY, case, finish, head, say
from interleaved import Process

BUDGET = float(os.environ.get("PEERS_SECONDS", 30))   # a case
# Preset, side, classes and batch.
MODELS = [("vit_patch4_32", 32, 100, 64), ("vit_tiny_patch16_224", 224, 1000, 16)]
BARS = {"fp32": 0.95, "bf16": 1.0, "bf16 insisted": None}
# Largest relative difference of the first losses: rounding only.
TOLERANCE = {"fp32": 1e-3, "bf16": 0.02, "bf16 insisted": 0.02}
STEPS = 3


def check(ours, peer, name, dtype):
    a, b = (numpy.array([float(x) for x in side.ask("losses", STEPS).split()]) for side in (ours, peer))
    difference = float(numpy.abs(a / b - 1).max())
    if len(a) != STEPS or not difference <= TOLERANCE[dtype]:
        raise SystemExit(f"compare: {name}: the first losses are {a} here and {b} there; at most {TOLERANCE[dtype]} is rounding")


def main(worker, commit):
    cases, rng = [], numpy.random.default_rng(1)
    here = os.path.dirname(os.path.abspath(__file__))
    head()
    with tempfile.TemporaryDirectory() as folder:
        for threads in (1, 2):
            ours = Process(["dotnet", worker, "train"], threads)
            insisting = Process(["dotnet", worker, "train"], threads, PEERS_BFLOAT16="1")
            peer = Process([sys.executable, os.path.join(here, "torch_worker.py")], threads)
            for architecture, side, classes, batch in MODELS:
                weights, images = f"{folder}/{architecture}.safetensors", f"{folder}/{architecture}.images.safetensors"
                if not os.path.exists(weights):
                    ours.ask("make", architecture, weights)
                    safetensors_file.write(images, {
                        "images": rng.standard_normal((batch, 3, side, side), dtype=numpy.float32),
                        "labels": rng.integers(classes, size=batch).astype(numpy.float32)})
                for dtype in BARS:
                    name = f"{architecture} {dtype} batch {batch} threads {threads}"
                    if ONLY not in name:
                        continue
                    mine = insisting if dtype == "bf16 insisted" else ours
                    for process in (mine, peer):
                        process.ask("load", architecture, weights, dtype.split()[0])
                        process.ask("input", images)
                    way = peer.ask("choose")[3:]
                    check(mine, peer, name, dtype)
                    cases.append(case(mine, peer, name, batch, BARS[dtype], BUDGET, f"{way}; computed in {mine.ask('computed')} here"))
                    cases[-1]["computedIn"] = mine.ask("computed")
            for process in (ours, insisting, peer):
                process.close()
    if not cases:
        say("compare: PEERS_CASES names no case")
    return finish("train", commit, cases)


sys.exit(main(*sys.argv[1:]))
