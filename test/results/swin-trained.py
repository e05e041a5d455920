"""swin-trained.sh: a small Swin of CIFAR-100, from random weights, for what needs a trained hierarchical model."""
import csv
import os
import sys

import results

NAME, PRESET = "swin-trained", "swin_patch2_window4_32"
MODEL = results.ROOT / f"examples/models/{PRESET}_cifar100.safetensors"
# The teacher sees each training image once, without augmentation; where CutMix mixes two images it mixes what the teacher said of either.
RECIPE = {"alpha": 4, "temperature": 2, "augmentation": "cifar-strong", "batchSize": 128, "learningRate": 1e-3, "warmUpEpochs": 2, "weightDecay": 0.05, "gradientClip": 5}
QUICK_IMAGES = 64


def train(runs, given):
    """The last epoch's weights, or those of the epoch that the validation images find best."""
    model = runs.path("swin.safetensors")
    few = ["--limit", QUICK_IMAGES] if given.quick else []
    runs.once("swin", lambda: {**{key: value for key, value in runs.vitprune(
        "swin", "distill", PRESET, "--teacher", given.teacher, "--teacher-view", "clean", "--alpha", RECIPE["alpha"], "--temperature", RECIPE["temperature"],
        "--data", given.data, "--split", "fit", "--validation", "none" if given.quick else "validation", *few, "--augment", RECIPE["augmentation"], "--epochs", given.epochs,
        "--batch", 16 if given.quick else RECIPE["batchSize"], "--lr", RECIPE["learningRate"], "--warmup-epochs", RECIPE["warmUpEpochs"], "--weight-decay", RECIPE["weightDecay"],
        "--clip", RECIPE["gradientClip"], "--dtype", given.dtype, "--seed", given.seeds[0], "--out", model, "--resume").items()
        if key in ("images", "validationImages", "epochs", "steps", "bestEpoch", "validationAccuracy", "trainLoss", "imagesPerSecond", "seconds", "computedIn", "threads")},
        "commit": results.commit()})
    return model


def curve(runs):
    """Loss, and accuracy on the validation images, by epoch."""
    with open(runs.path("swin.run/metrics.csv"), newline="") as file:
        rows = list(csv.DictReader(file))
    return {key: [float(row[key]) for row in rows if row[key]] for key in ("trainLoss", "validationAccuracy")}


def main():
    parser = results.arguments(__doc__, f"{NAME}.json", dtype="bf16", seeds=(0,))
    parser.set_defaults(out=None, threads=2)
    parser.add_argument("--teacher", required=True, type=os.path.abspath, help="vit_tiny_patch16_224_cifar100.safetensors")
    parser.add_argument("--epochs", type=int, default=30)
    parser.add_argument("--model", type=os.path.abspath, default=None, help=f"where the model goes (default {MODEL.relative_to(results.ROOT)})")
    parser.add_argument("--quick", action="store_true", help="a few images and two epochs, to the work folder: shows that the command works")
    given = parser.parse_args()
    if given.quick:
        given.work, given.epochs = os.path.join(given.work, "quick"), 2
    given.out = given.out or (os.path.join(given.work, f"{NAME}.result.json") if given.quick else str(results.ROOT / "docs/results" / f"{NAME}.json"))
    given.model = given.model or (os.path.join(given.work, "model.safetensors") if given.quick else str(MODEL))
    given.data = f"cifar100:{given.folder}"
    recipe = {**RECIPE, "epochs": given.epochs, "teacher": results.weights_hash(given.teacher), "dtype": given.dtype}
    runs = results.Runs(given.work, recipe, given.threads)
    results.build()

    full, limit = train(runs, given), QUICK_IMAGES if given.quick else None
    os.makedirs(os.path.dirname(given.model), exist_ok=True)
    written = runs.command("convert", "./vitprune", "convert", full, given.model, "--dtype", "bf16", "--json")
    rows = [{"case": "trained", **runs.finished("swin"), "curve": curve(runs)},
            {"case": "fp32 weights", **runs.evaluated("full.test", full, given.data, "fp32", limit=limit)},
            {"case": "bf16 weights", **runs.evaluated("half.test", given.model, given.data, "fp32", limit=limit), "fileBytes": written["fileBytes"]}]
    command = f"test/results/{NAME}.sh CIFAR100FOLDER --teacher vit_tiny_patch16_224_cifar100.safetensors --work FOLDER --epochs {given.epochs} --threads {given.threads} --dtype {given.dtype}"
    results.write(given.out, NAME, given, rows, command=command + (" --quick" if given.quick else ""), images=rows[0]["images"], testImages=rows[1]["images"], epochs=given.epochs,
                  unit="percent of the test images", recipe=recipe)
    return 0


sys.exit(main())
