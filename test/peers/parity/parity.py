"""parity.sh: test accuracy of `vitprune train` beside a PyTorch script's, same recipe, several seeds."""
import json
import math
import os
import sys

import first_steps
import results

RECIPE = {"images": 10000, "epochs": 10, "batchSize": 128, "learningRate": 1e-3, "warmUpLearningRate": 1e-6, "minLearningRate": 1e-5,
          "warmUpEpochs": 1, "weightDecay": 0.05, "gradientClip": 1.0, "labelSmoothing": 0.1, "dropPath": 0.1, "cropPadding": 4,
          "cutMix": 1.0, "cutMixProbability": 0.5}
LEAST_BOUND = 1.0       # percentage points


def ours(runs, given, seed):
    name, data = f"ours-{given.dtype}-{seed}", f"cifar100:{given.folder}"
    model = runs.path(f"{name}.safetensors")

    def run():
        # 'cifar-strong' is pad-and-crop by 4, flip, and CutMix with alpha 1 for half of the batches; the warm-up begins at 1e-6.
        report = runs.vitprune(
            name, "train", "--preset", "vit_patch4_32", "--data", data, "--split", "train", "--first", RECIPE["images"], "--validation", "none",
            "--epochs", RECIPE["epochs"], "--batch", RECIPE["batchSize"], "--lr", RECIPE["learningRate"], "--min-lr", RECIPE["minLearningRate"],
            "--warmup-epochs", RECIPE["warmUpEpochs"], "--weight-decay", RECIPE["weightDecay"], "--clip", RECIPE["gradientClip"],
            "--label-smoothing", RECIPE["labelSmoothing"], "--drop-path", RECIPE["dropPath"], "--augment", "cifar-strong",
            "--dtype", given.dtype, "--seed", seed, "--out", model, "--resume")
        return {"seed": seed, "top1": runs.top1(name, model, data)["top1"], "seconds": report["seconds"], "computedIn": report["computedIn"]}
    return runs.once(name, run)


def peer(runs, given, seed):
    name = f"peer-{given.dtype}-{seed}"
    script = os.path.join(os.path.dirname(os.path.abspath(__file__)), "torch_train.py")
    return runs.once(name, lambda: runs.command(
        name, sys.executable, script, given.folder, "--recipe", json.dumps(RECIPE), "--seed", seed, "--dtype", given.dtype, "--threads", given.threads))


def compare(given, mine, theirs):
    rows = []
    for side, found in (("ours", mine), ("PyTorch", theirs)):
        rows += [{"case": f"{side} seed {run['seed']}", **{k: v for k, v in run.items() if k != "seed"}} for run in found]
        rows.append({"case": side, **results.summary([run["top1"] for run in found])})
    means = {row["case"]: row for row in rows if "mean" in row}
    a, b = means["ours"], means["PyTorch"]
    error = math.hypot(a["standardError"], b["standardError"])
    difference, bound = a["mean"] - b["mean"], max(LEAST_BOUND, 2 * error)
    within = abs(difference) <= bound
    rows.append({"case": "difference", "mean": round(difference, 3), "standardError": round(error, 3), "bound": round(bound, 3), "within": within})
    # The runs of one side may have had an earlier call, so the command that would make them all is the one to show.
    command = f"test/peers/parity/parity.sh CIFAR100FOLDER --work FOLDER --dtype {given.dtype} --seeds {' '.join(map(str, given.seeds))} --threads {given.threads}"
    results.write(given.out, "train-parity", given, rows, command=command, images=RECIPE["images"], testImages=10000, epochs=RECIPE["epochs"],
                  unit="percent of the test images", recipe=RECIPE)
    return 0 if within else 1


def main():
    parser = results.arguments(__doc__, "train-parity.json")
    parser.add_argument("--only", choices=["ours", "peer"], help="run one side; the file is written once both are there")
    parser.add_argument("--first-steps", action="store_true", help="compare the losses of the first 20 steps at full size instead")
    given = parser.parse_args()
    if given.first_steps:
        return first_steps.main(given)
    runs = results.Runs(given.work, {**RECIPE, "dtype": given.dtype}, given.threads, parallel=given.parallel)
    if given.only != "peer":
        results.build()
    sides = {"ours": ours, "peer": peer}
    wanted = [side for side in sides if given.only in (None, side)]
    results.in_parallel(given.parallel, [lambda s=seed, f=sides[side]: f(runs, given, s) for seed in given.seeds for side in wanted])
    found = {side: [runs.finished(f"{side}-{given.dtype}-{seed}") for seed in given.seeds] for side in sides}
    if None in found["ours"] + found["peer"]:
        results.say("one side is not complete yet; nothing is written")
        return 0
    return compare(given, found["ours"], found["peer"])


sys.exit(main())
