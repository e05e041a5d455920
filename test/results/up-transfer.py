"""up-transfer.sh: the ImageNet ViT-Tiny and its pruned form, both fine-tuned on CIFAR-100 for the same steps.

What is pruned is brought back before it is transferred, as published, but with what is at hand: every second photograph, from which it learns its teacher's
residual stream. The other photographs say what became of it."""
import os
import sys

import results
import up_common as up

NAME = "up-transfer"
PARTS = ["dense", "pruned"]
PRUNING = {"mlpKeepRatio": 0.5, "attentionKeepRatio": 0.75}
RESTORING = {"epochs": 20, "learningRate": 1e-3, "augmentation": "imagenet"}


def prune(runs, given):
    """Scored and recovered on every second photograph."""
    model = runs.path("transfer-cut.safetensors")
    runs.once("transfer-cut", lambda: {key: value for key, value in runs.vitprune(
        "transfer-cut", "prune", given.weights, "--data", f"imagenet:{given.photos}", "--split", "val-even", "--importance", "fisher", *up.proxies(given),
        "--mlp-keep-ratio", PRUNING["mlpKeepRatio"], "--attention-keep-ratio", PRUNING["attentionKeepRatio"],
        *(["--recovery-images", up.QUICK_IMAGES] if given.quick else []), "--seed", 0, "--out", model).items()
        if key in ("proxyImages", "recovery", "after", "seconds")})
    return model


def restored(runs, given):
    """The pruned model after learning its teacher's residual stream from the photographs that scored it."""
    cut, model = prune(runs, given), runs.path("transfer-restored.safetensors")
    runs.once("transfer-restored", lambda: {key: value for key, value in runs.vitprune(
        "transfer-restored", "distill", cut, "--teacher", given.weights, "--label-weight", 0, "--alpha", 0, "--hidden-weight", 1,
        "--data", f"imagenet:{given.photos}", "--split", "val-even", *(["--limit", up.QUICK_IMAGES] if given.quick else []), "--validation", "none",
        "--epochs", 2 if given.quick else RESTORING["epochs"], "--batch", 32, "--lr", RESTORING["learningRate"], "--augment", RESTORING["augmentation"],
        "--dtype", given.dtype, "--seed", given.seeds[0], "--out", model, "--resume").items() if key in ("images", "epochs", "steps", "trainLoss", "seconds")})
    for name, file in (("dense", given.weights), ("cut", cut), ("restored", model)):
        runs.evaluated(f"transfer-{name}.photographs", file, f"imagenet:{given.photos}", given.dtype, "val-odd", given.limit)
    return model


def tuned(runs, given, name, start, recipe):
    """A label with another number of classes than the model's gets a new head."""
    up.accuracy(runs, given, f"transfer-{name}", up.trained(runs, given, f"transfer-{name}", ["train", start], recipe))


def main():
    parser = up.arguments(__doc__, NAME, PARTS, weights="vit_tiny_patch16_224.safetensors, of ImageNet")
    parser.add_argument("--photos", required=True, type=os.path.abspath, help="the folder imagenet-compatible: val/<wnid>/*.JPEG")
    parser.add_argument("--images", type=int, default=10000, help="training images, evenly spread over the first 45,000 (default 10000)")
    parser.add_argument("--epochs", type=int, default=1)
    parser.add_argument("--lr", type=float, default=3e-4)

    def recipe_of(given):
        if given.quick:
            given.images = up.QUICK_IMAGES
        return {**PRUNING, "restoring": RESTORING, **up.RECIPE, "batchSize": 32, "images": given.images, "epochs": given.epochs, "learningRate": given.lr}
    given, runs, recipe = up.begin(parser, NAME, recipe_of)
    starts = {"dense": lambda: given.weights, "pruned": lambda: restored(runs, given)}
    results.in_parallel(given.parallel, [lambda n=name: tuned(runs, given, n, starts[n](), recipe) for name in PARTS if name in given.only])

    rows = []
    for name in ("dense", "cut", "restored"):
        if run := runs.finished(f"transfer-{name}.photographs"):
            rows.append({"case": f"{name}, photographs", **run, **up.training(runs, f"transfer-{name}" if name == "restored" else "")})
    for name in PARTS:
        if run := runs.finished(f"transfer-{name}.test"):
            rows.append({"case": f"{name}, fine-tuned", **run, **up.training(runs, f"transfer-{name}")})
    found = {row["case"]: row for row in rows}
    if all(f"{name}, fine-tuned" in found for name in PARTS):
        dense, pruned = (found[f"{name}, fine-tuned"] for name in PARTS)
        rows.append({"case": "lost", "top1": round(dense["top1"] - pruned["top1"], 4), "macsShare": round(pruned["macs"] / dense["macs"], 4)})
    up.write(given, NAME, rows, up.shown(given, NAME, "--photos", "PHOTOS", "--images", given.images, "--epochs", given.epochs, "--lr", given.lr),
             images=given.images, epochs=given.epochs, testImages=given.limit or 10000, unit="percent of the test images", recipe=recipe,
             scoredOn="500 photographs with ImageNet labels")
    return 0


sys.exit(main())
