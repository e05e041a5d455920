"""skip-accuracy.sh: accuracy of models that skip patches at equal executed multiply-adds, by what decides; all trained on the same images for as long."""
import json
import os
import sys

import results
import up_common as up

NAME = "skip-accuracy"
# What decides, and as words of the command line how: baselines as they were published, ours with what it adds to idle patches.
METHODS = {
    "learned": ["--method", "learned"],
    "kept": ["--method", "learned", "--attention", "kept"],
    "top-k": ["--method", "learned-top-k"],
    "published": ["--method", "learned", "--labels", "scaled-cosine", "--scaled-cosine-threshold", 0.95, "--idle", "unchanged"],
    "random": ["--method", "random", "--idle", "unchanged"],
    "random-shifted": ["--method", "random"],
    "class-attention": ["--method", "class-attention", "--idle", "unchanged"],
    "class-attention-shifted": ["--method", "class-attention"],
    "merging": ["--method", "merging"],
}
PUBLISHED = {0.16: 4.4, 0.20: 4.6, 0.35: 12.8}  # points lost by the published version
HELD_OUT = 0.1  # share of the training images that thresholds are fitted on and that choose the epoch
ANSWERS_RATE = 0.2  # of the learning rate, where answers are learnt
MARGIN = 0.002  # of the multiply-adds more are asked for: test images are spared up to 0.0015 less than the images that thresholds are fitted on
INDEPENDENCE_IMAGES = 1024


def name_of(given, method, target):
    return f"skip-{method}-{target:.2f}-{given.dtype}"


def training(given, method):
    """The backbone of every method sees as many images; those without scorers see the scorers' share too. It learns the dense model's residual stream.
    Merged tokens have none to compare: they learn its answers, at a rate at which those do no harm."""
    scored, merges = METHODS[method][1].startswith("learned"), method == "merging"
    return [*METHODS[method], *(["--scorer-input", given.scorer_input] if scored else []), "--first-layer", given.first_layer, "--label-weight", 0, "--alpha", 1 if merges else 0,
            *(["--hidden-weight", 0] if merges else ["--hidden-weight", 1, "--class-token-share", given.class_token_share]), "--lr", given.lr * (ANSWERS_RATE if merges else 1),
            "--epochs", given.epochs if scored else given.epochs + given.scorer_epochs,
            "--scorer-epochs", given.scorer_epochs, "--scorer-batch", given.scorer_batch]


def skipping(runs, given, recipe, method, target):
    """A model that was taught and calibrated on training images, measured on the test images."""
    name = name_of(given, method, target)
    model = runs.path(f"{name}.safetensors")
    runs.once(name, lambda: {key: value for key, value in runs.vitprune(
        name, "skip", "train", given.weights, "--data", given.data, "--split", up.FIT, "--limit", recipe["images"], "--validation", HELD_OUT,
        *training(given, method), "--target-macs-saved", round(target + MARGIN, 6), "--calibration-images", recipe["calibrationImages"], "--batch", recipe["batchSize"],
        "--scorer-lr", recipe["scorerLearningRate"], "--warmup-epochs", recipe["warmUpEpochs"], "--weight-decay", recipe["weightDecay"],
        "--clip", recipe["gradientClip"], "--augment", recipe["augmentation"], "--dtype", given.dtype, "--seed", given.seeds[0], "--out", model,
        "--resume").items() if key in ("images", "validationImages", "scorerEpochs", "epochs", "steps", "trainLoss", "macsSaved", "calibrationImages", "seconds", "computedIn", "patchSkipping")})
    runs.once(f"{name}.test", lambda: {
        **{key: value for key, value in runs.vitprune(
            name, "skip", "evaluate", model, "--data", given.data, "--split", "test", "--dtype", given.dtype,
            *(["--limit", given.limit] if given.limit else [])).items()
            if key in ("images", "scorerImages", "top1", "denseExecutedMacs", "executedMacs", "macsSaved", "reEntries", "layers", "computedIn")},
        "commit": results.commit()})  # a work folder may have results of earlier ones
    if method == "learned" and target == max(given.targets):
        runs.once(f"{name}.independence", lambda: independent(runs, given, model))


def independent(runs, given, model):
    """Each image alone beside batches of 32: it must not matter."""
    words = ["dotnet", str(results.ROOT / "test/peers/Worker/bin/Release/net10.0/PeerWorker.dll"), "batch-independence", runs.threads, model, given.folder, 16 if given.quick else INDEPENDENCE_IMAGES]
    return {**runs.command("independence", *words), "commit": results.commit()}


def rows_of(runs, given, before):
    """What the work folder has, and what the file had of cases that it does not."""
    dense = up.finished_dense(runs, given) or before.get("dense")
    rows = [{"case": "dense", **dense}] if dense else []
    for target in sorted({*given.targets, *(row["target"] for row in before.values() if "target" in row)}):
        for method in METHODS:
            name = name_of(given, method, target)
            trained, tested = runs.finished(name), runs.finished(f"{name}.test")
            case = f"{method} at -{100 * target:.0f} %"
            if not (trained and tested):
                rows += [row for old, row in before.items() if old == case or old.startswith(f"{case}, ")]  # with its times
                continue
            row = {"case": case, "method": method, "target": target, **tested,
                   "contextAttention": method != "kept", "calibratedMacsSaved": trained["macsSaved"], "trainImages": trained["images"],
                   "calibrationImages": trained["calibrationImages"],
                   **{key: trained[key] for key in ("validationImages", "scorerEpochs", "epochs", "steps", "seconds", "patchSkipping")},
                   "learns": "the dense model's answers" if method == "merging" else "the dense model's residual stream",
                   "learningRate": given.lr * (ANSWERS_RATE if method == "merging" else 1)}
            if dense:
                row["lost"] = round(dense["top1"] - tested["top1"], 4)
                if target in PUBLISHED:
                    row["publishedLoss"] = PUBLISHED[target]
            rows.append(row)
            rows += up.speed_rows(runs, f"{name}.speed", f"{case}, ")
            if found := runs.finished(f"{name}.independence"):
                rows.append({"case": f"batch independence of {case}", **found})
    rows += [row for case, row in before.items() if case.startswith("batch independence") and case not in {row["case"] for row in rows}]
    return rows


def known(given, recipe):
    """The rows of the file that is there, if it is of the same recipe. How much the class token counts is nothing to merging, which learns answers."""
    if given.quick or not os.path.exists(given.out):
        return {}
    with open(given.out) as file:
        found = json.load(file)
    shares = [of.get("classTokenShare") for of in (found["recipe"], recipe)]
    if {**found["recipe"], "classTokenShare": 0} != {**recipe, "classTokenShare": 0}:
        return {}
    return {row["case"]: {"commit": found["commit"], **row} for row in found["rows"] if shares[0] == shares[1] or row["case"].startswith(("dense", "merging"))}


def main():
    parser = up.arguments(__doc__, NAME, ["dense", *METHODS, "speed"])
    parser.add_argument("--targets", type=float, nargs="+", default=[0.16, 0.20, 0.35], help="shares of the executed multiply-adds to save")
    parser.add_argument("--compared-targets", type=float, nargs="+", default=[0.35], help="targets at which other methods stand beside the learned one (default 0.35)")
    parser.add_argument("--images", type=int, default=5000, help="training images, evenly spread over the first 45,000, a tenth of them held out (default 5000)")
    parser.add_argument("--epochs", type=int, default=1)
    parser.add_argument("--scorer-epochs", type=int, default=1)
    parser.add_argument("--scorer-batch", type=int, default=8)
    parser.add_argument("--lr", type=float, default=1e-4)
    parser.add_argument("--class-token-share", type=float, default=0.5, help="how much of the residual stream's error is that of the class token (default 0.5)")
    parser.add_argument("--scorer-lr", type=float, default=1e-3)
    parser.add_argument("--scorer-input", default="token-and-class", choices=["token", "token-and-class", "token-and-neighbours"])
    parser.add_argument("--first-layer", type=int, default=2)
    parser.add_argument("--calibration-images", type=int, default=512)

    def recipe_of(given):
        if given.quick:
            given.images, given.epochs, given.scorer_epochs, given.calibration_images, given.targets = up.QUICK_IMAGES, 1, 1, 8, [0.35]
        return {**up.RECIPE, "images": given.images, "epochs": given.epochs, "scorerEpochs": given.scorer_epochs, "scorerBatchSize": given.scorer_batch,
                "labelWeight": 0, "hiddenWeight": 1, "classTokenShare": given.class_token_share, "answersRate": ANSWERS_RATE, "learningRate": given.lr,
                "scorerLearningRate": given.scorer_lr, "scorerInput": given.scorer_input, "firstLayer": given.first_layer, "calibrationImages": given.calibration_images}
    given, runs, recipe = up.begin(parser, NAME, recipe_of)
    results.build("test/peers/Worker")
    work = [lambda: up.dense(runs, given)] if "dense" in given.only else []
    for target in given.targets:
        for method in METHODS:
            if method in given.only and (method == "learned" or target in given.compared_targets):
                work.append(lambda method=method, target=target: skipping(runs, given, recipe, method, target))
    results.in_parallel(given.parallel, work)
    if "speed" in given.only:
        for method in ("learned", "kept", "merging"):
            name = name_of(given, method, max(given.targets))
            if runs.finished(name):
                os.environ["PEERS_CIFAR"] = given.folder
                up.speed(runs, given, f"{name}.speed", runs.path(f"{name}.safetensors"), comparison="skip")
    rows = rows_of(runs, given, known(given, recipe))
    up.write(given, NAME, rows, up.shown(
        given, NAME, "--targets", *sorted({row["target"] for row in rows if "target" in row}), "--images", given.images, "--epochs", given.epochs,
        "--scorer-epochs", given.scorer_epochs, "--scorer-batch", given.scorer_batch, "--lr", given.lr, "--class-token-share", given.class_token_share, "--scorer-lr", given.scorer_lr, "--scorer-input", given.scorer_input, "--first-layer", given.first_layer),
        images=given.images, epochs=given.epochs, scorerEpochs=given.scorer_epochs, testImages=given.limit or 10000, unit="percent of the test images", recipe=recipe,
        denseTrainedFurther="the dense model: its residual stream is its teacher's, so that there is nothing for it to learn")
    return 0


sys.exit(main())
