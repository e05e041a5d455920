"""distill.sh: a pruned student distilled from its original beside the same student trained with cross-entropy alone."""
import math
import os
import sys

import results

PRUNING = {"mlpKeepRatio": 0.5, "attentionKeepRatio": 0.5}
# Without augmentation the teacher answers once for each image. Both ways of training have the same recipe.
RECIPE = {"batchSize": 64, "warmUpEpochs": 0.2, "weightDecay": 0.05, "gradientClip": 1.0, "augmentation": "none"}


def prune(runs, given, data):
    student = runs.path("student.safetensors")
    runs.once("student", lambda: runs.vitprune(
        "student", "prune", given.weights, "--data", data, "--split", "train", "--mlp-keep-ratio", PRUNING["mlpKeepRatio"],
        "--attention-keep-ratio", PRUNING["attentionKeepRatio"], "--seed", 0, "--out", student))
    return student


def train(runs, given, data, student, way, seed):
    name = f"{way}-{given.dtype}-{seed}"
    model = runs.path(f"{name}.safetensors")
    first = ["distill", student, "--teacher", given.weights] if way == "distilled" else ["train", student]

    def run():
        report = runs.vitprune(
            name, *first, "--data", data, "--split", "train", "--limit", given.images, "--validation", "none", "--epochs", given.epochs,
            "--batch", RECIPE["batchSize"], "--lr", given.lr, "--warmup-epochs", RECIPE["warmUpEpochs"], "--weight-decay", RECIPE["weightDecay"],
            "--clip", RECIPE["gradientClip"], "--augment", RECIPE["augmentation"], "--dtype", given.dtype, "--seed", seed, "--out", model, "--resume")
        return {"seed": seed, "top1": runs.top1(name, model, data)["top1"], "trainLoss": report["trainLoss"], "seconds": report["seconds"],
                "computedIn": report["computedIn"]}
    return runs.once(name, run)


def main():
    parser = results.arguments(__doc__, "distill.json")
    parser.add_argument("--weights", required=True, type=os.path.abspath, help="vit_tiny_patch16_224_cifar100.safetensors: teacher, and origin of the student")
    parser.add_argument("--images", type=int, default=5000, help="training images, evenly spread over the 50,000 (default 5000)")
    parser.add_argument("--epochs", type=int, default=2)
    parser.add_argument("--lr", type=float, default=5e-4)
    given = parser.parse_args()
    data = f"cifar100:{given.folder}"
    recipe = {**PRUNING, **RECIPE, "images": given.images, "epochs": given.epochs, "learningRate": given.lr}
    runs = results.Runs(given.work, {**recipe, "dtype": given.dtype}, given.threads, parallel=given.parallel)
    results.build()
    student = prune(runs, given, data)
    ways = ("distilled", "cross-entropy")
    tasks = [lambda w=way, s=seed: train(runs, given, data, student, w, s) for seed in given.seeds for way in ways]
    tasks += [lambda: runs.top1("teacher", given.weights, data), lambda: runs.top1("pruned", student, data)]
    results.in_parallel(given.parallel, tasks)

    rows = [{"case": "teacher", **runs.finished("teacher.test")}, {"case": "student before training", **runs.finished("pruned.test")}]
    means = {}
    for way in ways:
        found = [runs.finished(f"{way}-{given.dtype}-{seed}") for seed in given.seeds]
        rows += [{"case": f"{way} seed {run['seed']}", **{k: v for k, v in run.items() if k != "seed"}} for run in found]
        means[way] = results.summary([run["top1"] for run in found])
        rows.append({"case": way, **means[way]})
    error = math.hypot(*(mean["standardError"] for mean in means.values()))
    difference = means["distilled"]["mean"] - means["cross-entropy"]["mean"]
    above = difference > error
    rows.append({"case": "difference", "mean": round(difference, 3), "standardError": round(error, 3), "above": above})
    command = (f"test/results/distill.sh CIFAR100FOLDER --weights vit_tiny_patch16_224_cifar100.safetensors --work FOLDER --dtype {given.dtype} "
               f"--seeds {' '.join(map(str, given.seeds))} --threads {given.threads} --images {given.images} --epochs {given.epochs} --lr {given.lr}")
    results.write(given.out, "distill", given, rows, command=command, images=given.images, testImages=10000, epochs=given.epochs,
                  unit="percent of the test images", recipe=recipe)
    return 0 if above else 1


sys.exit(main())
