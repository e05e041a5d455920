"""up-distilled.sh: half of the multiply-adds cut away, then distilled; beside the dense model trained further by the same recipe.

The student learns the residual stream of its teacher first, block by block and nothing else, and the labels and the teacher's answers then. The dense
model has the same stream as its teacher: for it the first part is without a gradient, so it is trained by the second."""
import math
import os
import sys

import results
import up_common as up

NAME = "up-distilled"
PARTS = ["dense", "candidates", "distilled", "speed", "further"]
MACS_KEEP, MULTIPLE, BUDGET_MINUTES = 0.5, 16, 90      # widths in multiples: heads of 40 channels gain less time than of 32 or 48
ATTENTION = [0.5, 0.75]                         # keep ratios of attention; that of the MLPs follows
FIRST_STEP = 0.7                                # of the multiply-adds, where they go in two steps
EMBED, EMBED_ATTENTION = 0.75, 0.75             # one candidate with a narrower residual stream
RECOVERY_IMAGES = 256
TIMED = "fp32 batch 32"


def mlp_keep(shape, attention, embed=1.0):
    """The share of MLP channels with which a ViT, all blocks alike, has at most the wanted multiply-adds; in whole multiples of channels."""
    block, tokens = shape["blocks"][0], (shape["configuration"]["imageSize"] // shape["configuration"]["patchSize"]) ** 2 + 1
    blocks, width, hidden = len(shape["blocks"]), block["embedDim"] * embed, block["mlpHiddenDim"]
    channels = block["heads"] * round(block["headDim"] * attention / MULTIPLE) * MULTIPLE
    rest = (shape["macs"] - sum(one["macs"] for one in shape["blocks"])) * embed        # patches and head
    halves = blocks * (4 * tokens * width * channels + 2 * tokens * tokens * channels)
    kept = (MACS_KEEP * shape["macs"] - rest - halves) / (blocks * 2 * tokens * width)
    return math.floor(kept / MULTIPLE) * MULTIPLE / hidden


def candidates(shape, quick):
    """How half of the multiply-adds may go: the words of the command line of one cut, or of one after the other."""
    found = {f"attention {keep}": [["--attention-keep-ratio", keep, "--mlp-keep-ratio", mlp_keep(shape, keep)]] for keep in ATTENTION}
    found["budget"] = [["--budget-macs", MACS_KEEP]]
    found["budget in two steps"] = [["--budget-macs", FIRST_STEP], ["--budget-macs", MACS_KEEP / FIRST_STEP]]    # scored anew between them
    found[f"embed {EMBED}"] = [["--embed-keep-ratio", EMBED, "--attention-keep-ratio", EMBED_ATTENTION, "--mlp-keep-ratio", mlp_keep(shape, EMBED_ATTENTION, EMBED)]]
    return dict(list(found.items())[1:4]) if quick else found


def try_one(runs, given, name, steps):
    """One way to cut, recovered, on validation images."""
    stem, model = stem_of(name), given.weights
    for step, words in enumerate(steps, 1):
        last = step == len(steps)
        part, before, model = stem if last else f"{stem}-{step}", model, runs.path(f"{stem}.safetensors" if last else f"{stem}-{step}.safetensors")
        scores = ["--scores", up.fisher_scores(runs, given)] if step == 1 else []
        runs.once(part, lambda: {key: value for key, value in runs.vitprune(
            part, "prune", before, "--data", given.data, "--split", up.FIT, "--importance", "fisher", *up.proxies(given), *scores, *words,
            "--width-multiple", MULTIPLE, "--recovery", "least-squares", "--recovery-images", up.QUICK_IMAGES if given.quick else RECOVERY_IMAGES,
            "--seed", 0, "--out", model).items() if key in ("attentionKeepRatio", "mlpKeepRatio", "embedKeepRatio", "budget", "after", "seconds")})
    up.accuracy(runs, given, stem, model, up.CHOICE_IMAGES)


def stem_of(name):
    return f"half-{name.replace(' ', '')}"


def seconds(runs, name, steps):
    """What it took to make and to time a candidate."""
    stem = stem_of(name)
    return sum(runs.finished(part)["seconds"] for part in [*(f"{stem}-{step}" for step in range(1, len(steps))), stem, f"{stem}.time"])


def timed(runs, given, stem):
    """How many times faster than the dense model a candidate is, and what is asked for: 0.8 of what the multiply-adds promise."""
    return up.speed(runs, given, f"{stem}.time", runs.path(f"{stem}.safetensors"), TIMED)["cases"][0]


def chosen(runs, stems):
    """The one that is best on the validation images among those that gain enough time, or, where none does, of all; None while some are not measured."""
    top1 = {stem: up.choice(runs, stem) for stem in stems}
    times = {stem: runs.finished(f"{stem}.time") for stem in stems}
    if None in [*top1.values(), *times.values()]:
        return None
    gains = [stem for stem in stems if times[stem]["cases"][0]["ratio"] >= times[stem]["cases"][0]["bar"]]
    return max(gains or stems, key=lambda stem: top1[stem]["top1"])


def taught(runs, given, shares=True):
    """The teacher answers once for each image. The student's minutes count its answers, so only what comes after may use them again."""
    return ["--teacher", given.weights, "--teacher-view", "clean", *(["--teacher-outputs", runs.path("half-teacher.safetensors")] if shares else [])]


def hidden(runs, given, start, recipe):
    """The student after learning its teacher's residual stream."""
    return up.trained(runs, given, "half-hidden", ["distill", start, "--teacher", given.weights, "--label-weight", 0, "--alpha", 0, "--hidden-weight", 1],
                      {**recipe, "epochs": recipe["hiddenEpochs"], "learningRate": recipe["hiddenLearningRate"]})


def student_rows(runs, ways, dense, further):
    """What was reached, and what it lost against the better of the dense models."""
    reached, rows = runs.finished("half-distilled.test"), []
    if reached is None:
        return rows
    spent = sum(seconds(runs, name, steps) for name, steps in ways.items()) + sum(runs.finished(part)["seconds"] for part in ("fisher-scores", "half-hidden", "half-distilled"))
    between = up.choice(runs, "half-hidden")
    rows.append({"case": "after the hidden states", **(runs.finished("half-hidden.test") or {}), "validationImages": between["images"], "validationTop1": between["top1"], **up.training(runs, "half-hidden")})
    rows.append({"case": "pruned and distilled", **reached, **up.training(runs, "half-distilled"), "minutes": round(spent / 60, 1),
                 "withinBudget": spent <= 60 * BUDGET_MINUTES})
    if dense is not None:
        rows[-1]["macsShare"] = round(reached["macs"] / dense["macs"], 4)
        rows.append({"case": "lost", **up.lost(reached, dense, further)})
    return rows


def main():
    parser = up.arguments(__doc__, NAME, PARTS)
    parser.set_defaults(threads=2)
    parser.add_argument("--images", type=int, default=45000, help="training images, evenly spread over the first 45,000 (default 45000)")
    parser.add_argument("--hidden-epochs", type=int, default=1)
    parser.add_argument("--hidden-lr", type=float, default=1e-3)
    parser.add_argument("--epochs", type=int, default=1)
    parser.add_argument("--lr", type=float, default=1e-4)

    def recipe_of(given):
        if given.quick:
            given.images, given.epochs = up.QUICK_IMAGES, 2
        return {**up.RECIPE, "images": given.images, "hiddenEpochs": given.hidden_epochs, "hiddenLearningRate": given.hidden_lr,
                "epochs": given.epochs, "learningRate": given.lr}
    given, runs, recipe = up.begin(parser, NAME, recipe_of)
    shape = runs.once("half-shape", lambda: runs.command("half-shape", "./vitprune", "inspect", given.weights, "--json"))
    ways = candidates(shape, given.quick)
    stems = [stem_of(name) for name in ways]
    tasks = [lambda: up.dense(runs, given)] if "dense" in given.only else []
    if "candidates" in given.only:
        tasks += [lambda n=name, s=steps: try_one(runs, given, n, s) for name, steps in ways.items()]
    results.in_parallel(given.parallel, tasks)
    if "candidates" in given.only:
        for stem in stems:
            timed(runs, given, stem)

    # The student has the machine for itself: its time is what is limited.
    student, model = chosen(runs, stems), runs.path("half-distilled.safetensors")
    if "distilled" in given.only and student:
        start = hidden(runs, given, runs.path(f"{student}.safetensors"), recipe)
        up.accuracy(runs, given, "half-hidden", start, up.CHOICE_IMAGES)
        up.accuracy(runs, given, "half-hidden", start)          # for the reader; nothing is chosen by it
        up.trained(runs, given, "half-distilled", ["distill", start, *taught(runs, given)], recipe)
        up.accuracy(runs, given, "half-distilled", model)
    if "speed" in given.only and os.path.exists(model):
        up.speed(runs, given, "half-speed", model)
    if "further" in given.only:
        up.accuracy(runs, given, "half-further", up.trained(
            runs, given, "half-further", ["distill", given.weights, *taught(runs, given, shares=runs.finished("half-distilled") is not None)], recipe))

    dense = up.finished_dense(runs, given)
    further = runs.finished("half-further.test")
    rows = [{"case": "dense", **dense}] if dense else []
    if further:
        rows.append({"case": "dense trained further", **further, **up.training(runs, "half-further")})
    for name, stem in zip(ways, stems):
        if run := up.choice(runs, stem):
            cut = runs.finished(stem)
            ratios = ("embedKeepRatio", "budget") if cut["budget"] else ("attentionKeepRatio", "mlpKeepRatio", "embedKeepRatio")
            rows.append({"case": f"candidate {name}", **{key: cut[key] for key in ratios}, "parameters": run["parameters"], "macs": run["macs"],
                         "validationImages": run["images"], "validationTop1": run["top1"],
                         "timeRatio": timing["cases"][0]["ratio"] if (timing := runs.finished(f"{stem}.time")) else None, "chosen": stem == student})
    rows += student_rows(runs, ways, dense, further)
    rows += up.speed_rows(runs, "half-speed")
    up.write(given, NAME, rows, up.shown(given, NAME, "--images", given.images, "--hidden-epochs", given.hidden_epochs, "--hidden-lr", given.hidden_lr,
                                         "--epochs", given.epochs, "--lr", given.lr),
             images=given.images, epochs=given.hidden_epochs + given.epochs, testImages=given.limit or 10000, unit="percent of the images", recipe=recipe, budgetMinutes=BUDGET_MINUTES)
    return 0


sys.exit(main())
