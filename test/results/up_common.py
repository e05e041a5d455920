"""What the commands about pruned models have in common. They may share a work folder: a model that was measured once is not measured again."""
import json
import os
import subprocess
import time

import results

# Whatever is scored, fitted or chosen uses training images: all but the last 5,000 to score and fit, those 5,000 to choose.
FIT, CHOOSE = "fit", "validation"
CHOICE_IMAGES = 1000         # of those 5,000
SCORES = "fisher.scores.json"
QUICK_IMAGES = 24


def arguments(description, name, parts, weights="vit_tiny_patch16_224_cifar100.safetensors", dtype="fp32", seeds=(0,)):
    parser = results.arguments(description, f"{name}.json", dtype=dtype, seeds=seeds)
    parser.set_defaults(out=None)
    parser.add_argument("--weights", required=True, type=os.path.abspath, help=weights)
    parser.add_argument("--only", nargs="+", choices=parts, default=parts, metavar="PART", help=f"parts to run, of {', '.join(parts)}; the file has what is there")
    parser.add_argument("--quick", action="store_true", help="a few images: shows that the command works; nothing is written but to the work folder")
    return parser


def begin(parser, name, recipe):
    """Arguments, data and runs. `recipe` makes what the runs depend on from the arguments."""
    given = parser.parse_args()
    if given.quick:
        given.work = os.path.join(given.work, "quick")
    given.out = given.out or (os.path.join(given.work, f"{name}.json") if given.quick else str(results.ROOT / "docs/results" / f"{name}.json"))
    given.limit = QUICK_IMAGES if given.quick else None
    given.data = f"cifar100:{given.folder}"
    content = {**recipe(given), "weights": results.weights_hash(given.weights), "dtype": given.dtype}
    runs = results.Runs(given.work, content, given.threads, name, given.parallel)
    results.build()
    return given, runs, content


def accuracy(runs, given, name, model, validation=None):
    """Of the test images, or of so many validation images."""
    part = f"{name}.{CHOOSE}{validation}" if validation else f"{name}.test"
    limit = given.limit or validation
    return runs.evaluated(part, model, given.data, given.dtype, CHOOSE if validation else "test", limit)


def choice(runs, name):
    """What `accuracy` found on the images that choose, or None."""
    return runs.finished(f"{name}.{CHOOSE}{CHOICE_IMAGES}")


def dense_name(runs, given):
    """What was asked for in bfloat16 and computed in fp32, as CPUs without bfloat16 units do, is fp32's figure too."""
    name = f"dense-{results.weights_hash(given.weights)}"
    other = runs.finished(f"{name}-bf16.test")
    return f"{name}-bf16" if other and other["computedIn"] == "fp32" else f"{name}-{given.dtype}"


def dense(runs, given):
    return accuracy(runs, given, dense_name(runs, given), given.weights)


def finished_dense(runs, given):
    return runs.finished(f"{dense_name(runs, given)}.test")


def proxies(given):
    return ["--proxy-images", 16] if given.quick else []


def fisher_scores(runs, given):
    """The file of Fisher scores of all channels, made once; what auto adds to it depends on the cut."""
    scores = runs.path(SCORES)
    runs.once("fisher-scores", lambda: {key: value for key, value in runs.vitprune(
        "fisher-scores", "score", given.weights, "--data", given.data, "--split", FIT, "--importance", "fisher", "--embed-keep-ratio", 0.5,
        *proxies(given), "--seed", 0, "--out", scores).items() if key in ("channels", "proxyImages", "seconds")})
    return scores


# Without augmentation the teacher answers once for each image.
RECIPE = {"batchSize": 64, "warmUpEpochs": 0.2, "weightDecay": 0.05, "gradientClip": 1.0, "augmentation": "none"}


def trained(runs, given, name, first, recipe):
    """A model after training, by the command that `first` begins, on training images that chose nothing."""
    model = runs.path(f"{name}.safetensors")
    runs.once(name, lambda: {key: value for key, value in runs.vitprune(
        name, *first, "--data", given.data, "--split", FIT, "--limit", recipe["images"], "--validation", "none", "--epochs", recipe["epochs"],
        "--batch", recipe["batchSize"], "--lr", recipe["learningRate"], "--warmup-epochs", recipe["warmUpEpochs"], "--weight-decay", recipe["weightDecay"],
        "--clip", recipe["gradientClip"], "--augment", recipe["augmentation"], "--dtype", given.dtype, "--seed", given.seeds[0], "--out", model,
        "--resume").items() if key in ("images", "epochs", "steps", "trainLoss", "imagesPerSecond", "seconds", "computedIn", "threads")})
    return model


def training(runs, name):
    """What a row says of a training; nothing of a model that was not trained."""
    run = runs.finished(name)
    return {} if run is None or "steps" not in run else {"trainImages": run["images"], **{key: run[key] for key in ("epochs", "steps", "trainLoss", "seconds")}}


def lost(reached, dense, further):
    """Points that a model is below the better of the dense model and, where it is there, the dense model trained further by the same recipe."""
    better = max([run for run in (dense, further) if run is not None], key=lambda run: run["top1"])
    return {"top1": round(better["top1"] - reached["top1"], 4), "against": "dense trained further" if better is further else "dense", "furtherIsThere": further is not None}


def speed(runs, given, name, model, cases="", comparison="pruned"):
    """Times of a model beside the dense one's, interleaved, by the command that compares such models; of the cases so named, or of all."""
    def run():
        environment = dict(os.environ, PEERS_MODEL=model, PEERS_CASES=f"{os.path.basename(model)} {cases}".strip(), **({"PEERS_SECONDS": "1"} if given.quick else {}))
        for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
            environment.pop(variable, None)
        began = time.monotonic()
        done = subprocess.run(["test/peers/compare.sh", comparison, "--json"], stdout=subprocess.PIPE, cwd=results.ROOT, env=environment, text=True)
        if not done.stdout.strip():
            raise SystemExit(f"test/peers/compare.sh {comparison} ended with {done.returncode} and no result")
        return {"model": os.path.basename(model), "seconds": round(time.monotonic() - began, 2), **json.loads(done.stdout)}
    return runs.once(name, run)


def speed_rows(runs, name, lead=""):
    """The rows of what `speed` measured, or none."""
    timed = runs.finished(name)
    if timed is None:
        return []
    rows = [{**case, "case": f"{lead}speed {case['case'].split(timed['model'])[-1].strip()}"} for case in timed["cases"]]
    return rows + [{"case": f"{lead}profile", **{key: value for key, value in part.items() if key != "case"}} for part in timed.get("profile", [])]


def shown(given, name, *more):
    """The command of a file, without the folders of the machine."""
    words = [f"test/results/{name}.sh CIFAR100FOLDER --weights WEIGHTS --work FOLDER --dtype {given.dtype} --threads {given.threads} --parallel {given.parallel}", *more]
    return " ".join(map(str, words + (["--quick"] if given.quick else [])))


def write(given, name, rows, command, **more):
    results.write(given.out, name, given, rows, command=command, **more)
