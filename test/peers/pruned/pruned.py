"""compare.sh pruned: pruned models beside the dense ones they were cut from, both ours, same images, interleaved.

A case's ratio is t_dense / t_pruned and its bar a share of MACs_dense / MACs_pruned, which is what the cut would gain if all the time
went into multiply-adds. bf16 is the precision that is asked for; "computedIn" says what it came to on this CPU. "profile" says
where the time goes, in milliseconds a forward pass.

PEERS_MODEL=FILE adds a model file made by `vitprune prune`, beside random weights of its preset.
PEERS_BFLOAT16=1 insists on bfloat16 where the CPU is faster in fp32."""
import json
import os
import sys
import tempfile

import numpy

import safetensors_file
from cases import ONLY, case, finish, head, say
from interleaved import Process

BUDGET = float(os.environ.get("PEERS_SECONDS", 20))   # a case
THREADS, BATCH = 2, 32
# Preset, how the worker cuts it, the share of the MACs ratio that its time must gain at batch 32 in fp32 (None: reported only).
ROWS = [
    ("vit_tiny_patch16_224", ("keep", 0.5, 0.5), 0.8),
    ("vit_tiny_patch16_224", ("budget", 0.5), None),
    ("vit_small_patch16_224", ("keep", 0.5, 0.5), 0.9),
    ("deit_base_patch16_224", ("keep", 0.5, 0.5), 0.9),
    # A third and half of the multiply-adds gone by structured DIMAP, which cuts the last stages most.
    ("swin_tiny_patch4_window7_224", ("structured", "heads", 0.67), 0.85),
    ("swin_tiny_patch4_window7_224", ("structured", "heads", 0.5), 0.85),
    ("swin_tiny_patch4_window7_224", ("structured", "channels", 0.67), 0.85),
    ("swin_tiny_patch4_window7_224", ("structured", "channels", 0.5), 0.85),
]
GIVEN = os.environ.get("PEERS_MODEL")
# Further (type, batch) of each row; reported only.
REPORTED = [("fp32", 1), ("bf16", BATCH), ("bf16", 1)]


class Row:
    """One pruned model and its dense one, in a process each."""

    def __init__(self, pruned, dense, folder):
        self.pruned, self.dense, self.folder = pruned, dense, folder

    def load(self, architecture, cut, dtype):
        if cut[0] == "file":
            self.pruned.ask("open", cut[1], dtype)
            self.dense.ask("dense", cut[1], dtype)
        else:
            weights = f"{self.folder}/{architecture}.safetensors"
            if not os.path.exists(weights):
                self.dense.ask("make", architecture, weights)
            for side in (self.pruned, self.dense):
                side.ask("load", architecture, weights, dtype)
            self.pruned.ask(*cut)
        return int(self.dense.ask("macs")) / int(self.pruned.ask("macs"))

    def input(self, batch):
        side = int(self.dense.ask("image"))
        file = f"{self.folder}/{batch}x{side}.safetensors"
        if not os.path.exists(file):
            safetensors_file.write(file, {"images": numpy.random.default_rng(1).standard_normal((batch, 3, side, side), dtype=numpy.float32)})
        for process in (self.pruned, self.dense):
            process.ask("input", file)

    def profile(self, name):
        sides = {"dense": self.dense, "pruned": self.pruned}
        parts = {side: json.loads(process.ask("profile", BUDGET / 2)) for side, process in sides.items()}
        say(f"{name}: milliseconds a forward pass\n  {'part':20}{'dense':>10}{'pruned':>10}   ratio")
        for part, dense in parts["dense"].items():
            pruned = parts["pruned"][part]
            say(f"  {part:20}{dense:10.1f}{pruned:10.1f}{dense / pruned if pruned > 0 else float('nan'):8.2f}")
        return {"case": name, "computedIn": self.pruned.ask("computed"), "unit": "ms", **parts}


def rows():
    if GIVEN:
        # The file names its preset; a shape that has a bar keeps it.
        yield None, ("file", os.path.abspath(GIVEN)), None
    yield from ROWS


def named(architecture, cut):
    return f"{architecture} {' '.join(map(str, cut)) if cut[0] != 'file' else os.path.basename(cut[1])}"


def main(worker, commit):
    cases, profiles = [], []
    head()
    with tempfile.TemporaryDirectory() as folder:
        pruned, dense = (Process(["dotnet", worker, "pruned"], THREADS) for _ in range(2))
        row = Row(pruned, dense, folder)
        for architecture, cut, factor in rows():
            if cut[0] == "file":
                architecture = pruned.ask("open", cut[1], "fp32")
                factor = next((f for name, _, f in ROWS if name == architecture), None)
            for dtype, batch in [("fp32", BATCH), *REPORTED]:
                name = f"{named(architecture, cut)} {dtype} batch {batch}"
                if ONLY not in name:
                    continue
                macs = row.load(architecture, cut, dtype)
                row.input(batch)
                measured = (dtype, batch) == ("fp32", BATCH)
                bar = round(factor * macs, 4) if factor is not None and measured else None
                result = case(pruned, dense, name, batch, bar, BUDGET if measured else BUDGET / 3, f"dense; MACs ratio {macs:.3f}")
                cases.append({**result, "macsRatio": round(macs, 4), "computedIn": pruned.ask("computed")})
                if (dtype, batch) == ("bf16", BATCH):
                    profiles.append(row.profile(name))
        pruned.close()
        dense.close()
    if not cases:
        say("compare: PEERS_CASES names no case")
    return finish("pruned", commit, cases, profile=profiles)


sys.exit(main(*sys.argv[1:]))
