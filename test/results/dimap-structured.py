"""dimap-structured.sh: a Swin cut by structured DIMAP, before and after distillation; beside the dense model trained further by the same recipe."""
import json
import os
import sys

import results
import up_common as up

NAME = "dimap-structured"
PARTS = ["dense", "candidates", "distilled", "further", "speed"]
SHARES = [0.67, 0.5]                            # of the multiply-adds that stay
UNITS = ["channels", "heads"]                   # what goes from attention
RECOVERIES = {"none": [], "least-squares": ["--recovery", "least-squares"]}
MULTIPLE, RECOVERY_IMAGES = 8, 256


def percent(share):
    return round(100 * share)


def stem(share, unit, recovery):
    return f"structured-{percent(share)}-{unit}-{recovery}"


def candidates(share):
    return [(unit, recovery) for unit in UNITS for recovery in RECOVERIES]


def cut(runs, given, share, unit, recovery):
    """One way to cut, measured on validation and on test images; without recovery no image is read to cut it."""
    name = stem(share, unit, recovery)
    model = runs.path(f"{name}.safetensors")
    images = ["--data", given.data, "--split", up.FIT, "--recovery-images", up.QUICK_IMAGES if given.quick else RECOVERY_IMAGES, "--seed", 0]
    runs.once(name, lambda: {key: value for key, value in runs.vitprune(
        name, "prune", given.weights, "--method", "dimap-structured", "--attention-unit", unit, "--budget-macs", share, "--width-multiple", MULTIPLE,
        *RECOVERIES[recovery], *(images if RECOVERIES[recovery] else []), "--out", model).items() if key in ("before", "after", "blocks", "seconds")})
    up.accuracy(runs, given, name, model, up.CHOICE_IMAGES)
    up.accuracy(runs, given, name, model)


def chosen(runs, share):
    """The candidate that is best on the validation images, or None while some are not measured."""
    found = {stem(share, *one): up.choice(runs, stem(share, *one)) for one in candidates(share)}
    return None if None in found.values() else max(found, key=lambda name: found[name]["top1"])


def distilled_name(share):
    return f"structured-{percent(share)}-distilled"


def distil(runs, given, recipe, share):
    if student := chosen(runs, share):
        name = distilled_name(share)
        up.accuracy(runs, given, name, up.trained(runs, given, name, ["distill", runs.path(f"{student}.safetensors"), "--teacher", given.weights], recipe))


def sizes(blocks):
    """What stays of each block."""
    return [{key: block[key] for key in ("block", "headsBefore", "heads", "headDimBefore", "headDim", "mlpHiddenDimBefore", "mlpHiddenDim")} for block in blocks]


def share_rows(runs, share, dense, further):
    rows, best = [], chosen(runs, share)
    for unit, recovery in candidates(share):
        name = stem(share, unit, recovery)
        test, choice = runs.finished(f"{name}.test"), up.choice(runs, name)
        if test and choice:
            made = runs.finished(name)
            rows.append({"case": f"{percent(share)} % of the MACs, {unit}, recovery {recovery}", "macsKeepRatio": share, "attentionUnit": unit, "recovery": recovery, **test,
                         "macsShare": round(made["after"]["macs"] / made["before"]["macs"], 4), "validationImages": choice["images"], "validationTop1": choice["top1"],
                         "chosen": name == best, "cutSeconds": made["seconds"], "blocks": sizes(made["blocks"])})
    if reached := runs.finished(f"{distilled_name(share)}.test"):
        rows.append({"case": f"{percent(share)} % of the MACs, distilled", **reached, **up.training(runs, distilled_name(share)), "from": best})
        if dense:
            rows.append({"case": f"{percent(share)} % of the MACs, lost", **up.lost(reached, dense, further)})
    return rows


def swin_tiny():
    """Times of Swin-T at 224, cut by the same planner to the same shares (random weights do for time): what compare.sh pruned measured last."""
    file = results.ROOT / "docs/results/pruned-compare.json"
    found = json.loads(file.read_text()) if file.exists() else {"cases": []}
    return [{**case, "case": f"speed {case['case']}", "commit": found["commit"]} for case in found["cases"] if case["case"].startswith("swin_tiny_patch4_window7_224 structured")]


def main():
    parser = up.arguments(__doc__, NAME, PARTS, weights="a Swin trained on CIFAR-100: what is cut, and the teacher")
    parser.add_argument("--images", type=int, default=45000, help="training images, evenly spread over the first 45,000 (default 45000)")
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--lr", type=float, default=5e-4)
    parser.add_argument("--augment", choices=["none", "cifar", "cifar-strong"], default="cifar", help="default cifar: pad, crop, flip; the teacher then answers anew each time")

    def recipe_of(given):
        if given.quick:
            given.images, given.epochs = up.QUICK_IMAGES, 2
        return {**up.RECIPE, "augmentation": given.augment, "images": given.images, "epochs": given.epochs, "learningRate": given.lr}
    given, runs, recipe = up.begin(parser, NAME, recipe_of)
    tasks = [lambda: up.dense(runs, given)] if "dense" in given.only else []
    if "candidates" in given.only:
        tasks += [lambda s=share, o=one: cut(runs, given, s, *o) for share in SHARES for one in candidates(share)]
    results.in_parallel(given.parallel, tasks)
    tasks = [lambda s=share: distil(runs, given, recipe, s) for share in SHARES] if "distilled" in given.only else []
    if "further" in given.only:
        tasks.append(lambda: up.accuracy(runs, given, "structured-further", up.trained(runs, given, "structured-further", ["distill", given.weights, "--teacher", given.weights], recipe)))
    results.in_parallel(given.parallel, tasks)
    if "speed" in given.only:
        for share in SHARES:
            if os.path.exists(model := runs.path(f"{distilled_name(share)}.safetensors")):
                up.speed(runs, given, f"structured-{percent(share)}-speed", model)

    dense, further = up.finished_dense(runs, given), runs.finished("structured-further.test")
    rows = [{"case": "dense", **dense}] if dense else []
    if further:
        rows.append({"case": "dense trained further", **further, **up.training(runs, "structured-further")})
    for share in SHARES:
        rows += share_rows(runs, share, dense, further)
        rows += up.speed_rows(runs, f"structured-{percent(share)}-speed", f"{percent(share)} % of the MACs, ")
    rows += swin_tiny()
    up.write(given, NAME, rows, up.shown(given, NAME, "--images", given.images, "--epochs", given.epochs, "--lr", given.lr, "--augment", given.augment),
             images=given.images, epochs=given.epochs, testImages=given.limit or 10000, unit="percent of the images", recipe=recipe, widthMultiple=MULTIPLE)
    return 0


sys.exit(main())
