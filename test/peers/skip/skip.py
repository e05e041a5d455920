"""compare.sh skip: a model that skips patches beside the same model that computes all of them, both ours, interleaved.

The scorers are new ones, with thresholds (or a fixed number of patches) by which the images of the case are spared 35 % of
the dense model's executed multiply-adds; the last layer computes the class token alone on both sides. Idle patches are shifted. What a
scorer says does not change what it costs. PEERS_MODEL=FILE with PEERS_CIFAR=FOLDER adds a model that was taught to skip, on the first test images of CIFAR-100. 'learned' and 'topk' see all tokens, 'kept' is learned and sees computed ones alone. Images differ in contrast, so that they keep different numbers of patches."""
import itertools
import os
import sys
import tempfile

import safetensors_file
from cases import ONLY, case, finish, head
from interleaved import Process

SAVED = 0.35
REALISED = 0.85        # of the saved multiply-adds' ratio, in time, at batch 32
BUDGET = float(os.environ.get("PEERS_SECONDS", 14))
GIVEN = os.environ.get("PEERS_MODEL")
ARCHITECTURE = "vit_tiny_patch16_224"
THREADS = 2


def images(batch):
    import numpy
    random = numpy.random.default_rng(1)
    pixels = random.standard_normal((batch, 3, 224, 224), dtype=numpy.float32)
    contrasts = random.permutation(numpy.linspace(0.2, 2, batch, dtype=numpy.float32))  # neighbours in a batch are not alike
    return pixels * contrasts[:, None, None, None]


def measured(ours, peer, name, dtype, batch, spared, has_bar):
    """A case: what was spared, and what of it becomes time."""
    saved, least, most = spared.split()
    ratio = 1 / (1 - float(saved))
    bar = None if dtype != "fp32" or not has_bar else 1.0 if batch == 1 else round(REALISED * ratio, 4)
    row = case(ours, peer, name, batch, bar, BUDGET, f"the dense model, {least} to {most} tokens a layer")
    return row | {"macsSaved": round(float(saved), 4), "macsRatio": round(ratio, 4), "realised": round(row["ratio"] / ratio, 4)}


def main(worker, commit):
    cases = []
    head()
    with tempfile.TemporaryDirectory() as folder:
        for batch in (1, 32):
            safetensors_file.write(f"{folder}/{batch}.safetensors", {"images": images(batch)})
        weights = f"{folder}/weights.safetensors"
        ours, peer = (Process(["dotnet", worker, "skip"], THREADS) for _ in range(2))
        ours.ask("make", ARCHITECTURE, weights)
        for method, dtype in itertools.product(("learned", "kept", "topk"), ("fp32", "bf16")):
            names = {batch: f"{method} {dtype} batch {batch} threads {THREADS}" for batch in (1, 32)}
            for batch, name in names.items():
                if ONLY not in name:
                    continue
                for side in (ours, peer):
                    side.ask("load", ARCHITECTURE, weights, dtype)
                    side.ask("input", f"{folder}/{batch}.safetensors")
                spared = ours.ask("skip", method, SAVED)
                difference = float(ours.ask("difference"))
                if not difference <= (1e-4 if dtype == "fp32" else 0.1):
                    raise SystemExit(f"compare: with all patches kept the logits differ by {difference:.2g} of the largest")
                cases.append(measured(ours, peer, name, dtype, batch, spared, method != "topk"))
        for dtype in ("fp32", "bf16") if GIVEN else ():
            for batch in (1, 32):
                name = f"{os.path.basename(GIVEN)} {dtype} batch {batch} threads {THREADS}"
                if ONLY not in name:
                    continue
                for side in (ours, peer):
                    side.ask("open", os.path.abspath(GIVEN), dtype)
                    side.ask("cifar", os.path.abspath(os.environ["PEERS_CIFAR"]), batch)
                spared = ours.ask("spared")
                peer.ask("dense")
                cases.append(measured(ours, peer, name, dtype, batch, spared, True))
        ours.close()
        peer.close()
    return finish("skip", commit, cases)


sys.exit(main(*sys.argv[1:]))
