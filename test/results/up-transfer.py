"""up-transfer.sh: the ImageNet ViT-Tiny and its pruned form, both fine-tuned on CIFAR-100 for the same steps."""
import os
import sys

import results
import up_common as up

NAME = "up-transfer"
PARTS = ["dense", "pruned"]
PRUNING = {"mlpKeepRatio": 0.5, "attentionKeepRatio": 0.75}


def prune(runs, given):
    """Scored and recovered on every second photograph."""
    model = runs.path("transfer-cut.safetensors")
    runs.once("transfer-cut", lambda: {key: value for key, value in runs.vitprune(
        "transfer-cut", "prune", given.weights, "--data", f"imagenet:{given.photos}", "--split", "val-even", "--importance", "fisher", *up.proxies(given),
        "--mlp-keep-ratio", PRUNING["mlpKeepRatio"], "--attention-keep-ratio", PRUNING["attentionKeepRatio"],
        *(["--recovery-images", up.QUICK_IMAGES] if given.quick else []), "--seed", 0, "--out", model).items()
        if key in ("proxyImages", "recovery", "after", "seconds")})
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
        return {**PRUNING, **up.RECIPE, "batchSize": 32, "images": given.images, "epochs": given.epochs, "learningRate": given.lr}
    given, runs, recipe = up.begin(parser, NAME, recipe_of)
    starts = {"dense": lambda: given.weights, "pruned": lambda: prune(runs, given)}
    results.in_parallel(given.parallel, [lambda n=name: tuned(runs, given, n, starts[n](), recipe) for name in PARTS if name in given.only])

    rows = []
    for name in PARTS:
        if run := runs.finished(f"transfer-{name}.test"):
            rows.append({"case": f"{name}, fine-tuned", **run, **up.training(runs, f"transfer-{name}")})
    if len(rows) == len(PARTS):
        dense, pruned = rows
        rows.append({"case": "lost", "top1": round(dense["top1"] - pruned["top1"], 4), "macsShare": round(pruned["macs"] / dense["macs"], 4)})
    up.write(given, NAME, rows, up.shown(given, NAME, "--photos", "PHOTOS", "--images", given.images, "--epochs", given.epochs, "--lr", given.lr),
             images=given.images, epochs=given.epochs, testImages=given.limit or 10000, unit="percent of the test images", recipe=recipe,
             scoredOn="500 photographs with ImageNet labels")
    return 0


sys.exit(main())
