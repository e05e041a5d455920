"""dimap-finetuned.sh: a Swin masked by DIMAP at the paper's three ratios and fine-tuned; the unpruned one trained as long beside it."""
import filecmp
import os
import shutil
import subprocess
import sys
import time

import masks
import results
import up_common as up

NAME = "dimap-finetuned"
PARTS = ["dense", "masked", "finetuned", "further", "resumed"]
RATIOS = {0.15: 0.0, 0.35: 0.0, 0.55: 1.0}      # of the weights of QKV, PRJ and MLP, with what may be lost, in points
# The paper's 30 epochs with 15 of warm-up from 2e-8, shortened in proportion; AdamW, cosine from 2e-5 to 2e-7, hardly any decay.
RECIPE = {**up.RECIPE, "minLearningRate": 2e-7, "warmUpLearningRate": 2e-8, "weightDecay": 1e-8, "labelSmoothing": 0.1}
WARM_UP_SHARE = 0.5
KILL_IMAGES, KILL_STEPS = 1280, 4


def masked_name(ratio):
    return f"dimap-{round(100 * ratio)}"


def mask(runs, given, ratio):
    name = masked_name(ratio)
    model = runs.path(f"{name}.safetensors")
    runs.once(name, lambda: {key: value for key, value in runs.vitprune(name, "prune", given.weights, "--method", "dimap", "--ratio", ratio, "--out", model).items()
                             if key in ("before", "after", "modules", "seconds")})
    up.accuracy(runs, given, name, model)
    # Whole rows and columns of zeros, if there are any, can go without a change of the function.
    runs.once(f"{name}-dead", lambda: {key: value for key, value in runs.vitprune(
        f"{name}-dead", "prune", model, "--method", "dead-groups", "--out", runs.path(f"{name}-dead.safetensors")).items() if key in ("dead", "before", "after")})
    return model


def tune(runs, given, recipe, name, start, before=None):
    """Fine-tunes with the labels; of a masked model also says whether the masks are what they were."""
    words = ["train", start, "--min-lr", recipe["minLearningRate"], "--warmup-lr", recipe["warmUpLearningRate"], "--label-smoothing", recipe["labelSmoothing"]]
    model = up.trained(runs, given, name, words, recipe)
    up.accuracy(runs, given, name, model)
    if before:
        runs.once(f"{name}-masks", lambda: {"fault": masks.fault(before, model)})


def killed_and_resumed(runs, given, recipe):
    """The same short training twice, once killed in the middle: both files are the same, and so are the masks."""
    ratio = max(RATIOS)
    start = mask(runs, given, ratio)
    epochs = 1 if recipe["images"] >= KILL_IMAGES else recipe["epochs"]
    short = {**recipe, "images": min(KILL_IMAGES, recipe["images"]), "epochs": epochs, "warmUpEpochs": WARM_UP_SHARE * epochs}

    def words(out):
        return ["./vitprune", "train", start, "--data", given.data, "--split", up.FIT, "--limit", short["images"], "--validation", "none", "--epochs", short["epochs"],
                "--batch", 4 if given.quick else short["batchSize"], "--lr", short["learningRate"], "--warmup-epochs", short["warmUpEpochs"], "--augment", short["augmentation"],
                "--checkpoint-steps", 1 if given.quick else KILL_STEPS, "--threads", runs.threads, "--dtype", given.dtype, "--seed", given.seeds[0], "--out", out, "--resume", "--json"]

    def run():
        whole, broken = runs.path("resumed-whole.safetensors"), runs.path("resumed-killed.safetensors")
        for out in (whole, broken):
            shutil.rmtree(out.replace(".safetensors", ".run"), ignore_errors=True)
        runs.command("resumed", *words(whole))
        killed = kill(words(broken), broken.replace(".safetensors", ".run"), runs.environment())
        report = runs.command("resumed", *words(broken))
        if not killed or not 0 < report["resumedFromStep"] < report["steps"]:
            raise SystemExit(f"the training was {'' if killed else 'not '}killed and went on from step {report['resumedFromStep']} of {report['steps']}: nothing was shown; run it again")
        return {"same": filecmp.cmp(whole, broken, shallow=False), "fault": masks.fault(start, broken), "resumedFromStep": report["resumedFromStep"], "steps": report["steps"]}
    return runs.once("resumed", run)


def kill(words, folder, environment):
    """Starts a training and kills it, without a warning, when it has saved a checkpoint. Whether that was in time."""
    process = subprocess.Popen([str(word) for word in words], cwd=results.ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while process.poll() is None:
        if os.path.exists(os.path.join(folder, "checkpoint.safetensors")):
            process.kill()
            process.wait()
            return True
        time.sleep(0.02)
    return False


def rows_of(runs, dense, further):
    rows = []
    for ratio, bar in RATIOS.items():
        name = masked_name(ratio)
        before, dead = runs.finished(f"{name}.test"), runs.finished(f"{name}-dead")
        if before and dead:
            made = runs.finished(name)
            rows.append({"case": f"DIMAP {ratio}", "ratio": ratio, **before, "sizes": made["after"], "dead": dead["dead"]})
        after, found = runs.finished(f"{name}-tuned.test"), runs.finished(f"{name}-tuned-masks")
        if after and found:
            rows.append({"case": f"DIMAP {ratio}, fine-tuned", "ratio": ratio, **after, **up.training(runs, f"{name}-tuned"), "masksUnchanged": found["fault"] is None, "fault": found["fault"]})
            if dense:
                rows.append({"case": f"DIMAP {ratio}, lost", **up.lost(after, dense, further), "aim": bar})
    if resumed := runs.finished("resumed"):
        rows.append({"case": "killed and resumed", **resumed})
    return rows


def main():
    parser = up.arguments(__doc__, NAME, PARTS, weights="a Swin trained on CIFAR-100")
    parser.add_argument("--images", type=int, default=45000, help="training images, evenly spread over the first 45,000 (default 45000)")
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--lr", type=float, default=2e-5)
    parser.add_argument("--augment", choices=["none", "cifar", "cifar-strong"], default="cifar-strong", help="default cifar-strong: pad, crop, flip, CutMix")

    def recipe_of(given):
        if given.quick:
            given.images, given.epochs = up.QUICK_IMAGES, 2
        return {**RECIPE, "augmentation": given.augment, "images": given.images, "epochs": given.epochs, "warmUpEpochs": WARM_UP_SHARE * given.epochs, "learningRate": given.lr}
    given, runs, recipe = up.begin(parser, NAME, recipe_of)
    tasks = [lambda: up.dense(runs, given)] if "dense" in given.only else []
    if "masked" in given.only or "finetuned" in given.only:
        tasks += [lambda r=ratio: mask(runs, given, r) for ratio in RATIOS]
    results.in_parallel(given.parallel, tasks)
    tasks = []
    if "finetuned" in given.only:
        tasks += [lambda r=ratio: tune(runs, given, recipe, f"{masked_name(r)}-tuned", mask(runs, given, r), mask(runs, given, r)) for ratio in RATIOS]
    if "further" in given.only:
        tasks.append(lambda: tune(runs, given, recipe, "dimap-further", given.weights))
    if "resumed" in given.only:
        tasks.append(lambda: killed_and_resumed(runs, given, recipe))
    results.in_parallel(given.parallel, tasks)

    dense, further = up.finished_dense(runs, given), runs.finished("dimap-further.test")
    rows = [{"case": "dense", **dense}] if dense else []
    if further:
        rows.append({"case": "dense trained further", **further, **up.training(runs, "dimap-further")})
    rows += rows_of(runs, dense, further)
    up.write(given, NAME, rows, up.shown(given, NAME, "--images", given.images, "--epochs", given.epochs, "--lr", given.lr, "--augment", given.augment),
             images=given.images, epochs=given.epochs, testImages=given.limit or 10000, unit="percent of the images", recipe=recipe)
    faults = [row["case"] for row in rows if row.get("fault") or row.get("same") is False]
    if faults:
        results.say(f"masks changed: {', '.join(faults)}")
    return 1 if faults else 0


sys.exit(main())
