"""up-oneshot.sh: accuracy after channels were cut, without any training, by how the channels were chosen, with and without recovery."""
import os
import shutil
import sys

import results
import up_common as up

NAME = "up-oneshot"
SETTINGS = {"FFN 0.75": (0.75, 1), "FFN 0.5": (0.5, 1), "attention 0.75": (1, 0.75)}     # keep ratios of MLP and attention channels
METHODS = {"unified": "auto", "magnitude": "magnitude", "fisher": "fisher", "taylor": "taylor", "random": "random"}
PARTS = ["dense", "unified", "magnitude", "choice", "fisher", "taylor", "random"]
CHOICE_SETTINGS = ("FFN 0.5", "attention 0.75")
CHOICES = [("none", None), ("mean-shift", 256), ("mean-shift", 1024), ("least-squares", 256), ("least-squares", 1024)]


def stem(setting, method, seed):
    return f"{method}-{setting.replace(' ', '')}" + (f"-seed{seed}" if method == "random" else "")


def plan(runs, given, setting, method, seed):
    """What stays, and the model that is nothing but cut."""
    name = stem(setting, method, seed)
    (mlp, attention), importance = SETTINGS[setting], METHODS[method]
    made, bare = runs.path(f"{name}.kept.json"), runs.path(f"{name}.safetensors")

    def run():
        words = []
        if importance in ("auto", "fisher", "taylor"):
            words += up.proxies(given)
        if importance == "taylor":
            words += ["--scores", runs.path("taylor.scores.json")]
        elif importance == "fisher":
            words += ["--scores", up.fisher_scores(runs, given)]
        elif importance == "auto":
            scores = runs.path(f"{name}.scores.json")
            if not os.path.exists(scores):
                shutil.copyfile(up.fisher_scores(runs, given), f"{scores}.new")
                os.replace(f"{scores}.new", scores)
            words += ["--scores", scores, *(["--exact-images", 4, "--exact-image-passes", 200] if given.quick else [])]
        images = ["--data", given.data, "--split", up.FIT] if importance not in ("magnitude", "random") else []
        report = runs.vitprune(name, "prune", given.weights, *images, "--mlp-keep-ratio", mlp,
                               "--attention-keep-ratio", attention, "--importance", importance, *words, "--recovery", "none", "--seed", seed,
                               "--save-plan", made, "--out", bare)
        return {"exactChannels": report["exactChannels"], "seconds": report["seconds"]}
    with runs.locks["taylor's scores" if method == "taylor" else name]:
        runs.once(f"{name}.plan", run)
    return made, bare


def recovered(runs, given, setting, method, seed, how, images):
    """The cut model after recovery."""
    name = f"{stem(setting, method, seed)}.{how}{images}"
    model = runs.path(f"{name}.safetensors")
    made, _ = plan(runs, given, setting, method, seed)
    runs.once(name, lambda: {key: value for key, value in runs.vitprune(
        name, "prune", given.weights, "--plan", made, "--data", given.data, "--split", up.FIT, "--recovery", how,
        "--recovery-images", min(images, up.QUICK_IMAGES) if given.quick else images, "--seed", 0, "--out", model).items()
        if key in ("recovery", "seconds")})
    return model


def measure(runs, given, setting, method, seed=0):
    """Both rows of one choice of channels."""
    name = stem(setting, method, seed)
    _, bare = plan(runs, given, setting, method, seed)
    up.accuracy(runs, given, f"{name}.none", bare)
    up.accuracy(runs, given, f"{name}.{given.recovery}{given.recovery_images}",
                recovered(runs, given, setting, method, seed, given.recovery, given.recovery_images))


def choose(runs, given, setting, how, images):
    """One kind of recovery on validation images."""
    name = f"{stem(setting, 'unified', 0)}.{how}{images or ''}"
    model = recovered(runs, given, setting, "unified", 0, how, images) if images else plan(runs, given, setting, "unified", 0)[1]
    up.accuracy(runs, given, name, model, up.CHOICE_IMAGES)


def tasks(runs, given):
    """In the order of what matters first; the baselines one setting after another, so that nothing waits for Taylor's scores."""
    def both(method):
        seeds = given.seeds if method == "random" else [0]
        return [(setting, [lambda t=setting, s=seed: measure(runs, given, t, method, s) for seed in seeds]) for setting in given.settings]

    listed = []
    if "dense" in given.only:
        listed.append(lambda: up.dense(runs, given))
    if set(given.only) & {"unified", "fisher", "choice"}:
        listed.append(lambda: up.fisher_scores(runs, given))
    for method in ("unified", "magnitude"):
        listed += [task for _, found in both(method) for task in found if method in given.only]
    if "choice" in given.only:
        listed += [lambda t=setting, h=how, i=images: choose(runs, given, t, h, i)
                   for setting in CHOICE_SETTINGS if setting in given.settings for how, images in CHOICES]
    rest = [both(method) for method in ("fisher", "taylor", "random") if method in given.only]
    return listed + [task for same in zip(*rest) for _, found in same for task in found]


def rows_of(runs, given, setting):
    """What is there of a setting, the mean over the seeds of random included."""
    rows, missing = [], 0
    for method in METHODS:
        for how in ("none", f"{given.recovery}{given.recovery_images}"):
            recovery = {"recovery": "none"} if how == "none" else {"recovery": given.recovery, "recoveryImages": given.recovery_images}
            seeds = given.seeds if method == "random" else [0]
            found = {seed: runs.finished(f"{stem(setting, method, seed)}.{how}.test") for seed in seeds}
            missing += sum(run is None for run in found.values())
            for seed, run in found.items():
                if run is None:
                    continue
                scored = runs.finished(f"{stem(setting, method, seed)}.plan")
                more = {"exactChannels": scored["exactChannels"]} if method == "unified" else {"seed": seed} if method == "random" else {}
                rows.append({"case": f"{setting} {method}{f' seed {seed}' if method == 'random' else ''}, {recovery['recovery']}", "setting": setting,
                             "importance": METHODS[method], **recovery, **more, **run})
            if method == "random" and None not in found.values():
                rows.append({"case": f"{setting} random, {recovery['recovery']}", "setting": setting, "importance": "random", **recovery,
                             **results.summary([run["top1"] for run in found.values()])})
    if missing == 0:
        best = max((row for row in rows if "seed" not in row), key=lambda row: row.get("top1", row.get("mean")))
        rows.append({"case": f"{setting} best", "setting": setting, "best": best["case"], "top1": best.get("top1", best.get("mean")),
                     "unifiedIsBest": best["importance"] == "auto" and best["recovery"] != "none"})
    return rows, missing


def main():
    parser = up.arguments(__doc__, NAME, PARTS, dtype="bf16", seeds=(1, 2, 3))
    parser.add_argument("--recovery", choices=["least-squares", "mean-shift"], default="least-squares", help="the rows' recovery (default least-squares)")
    parser.add_argument("--recovery-images", type=int, default=256, help="images that it looks at (default 256)")
    given, runs, _ = up.begin(parser, NAME, lambda given: {"testImages": up.QUICK_IMAGES if given.quick else 10000, "scoredOn": up.FIT})
    given.settings = ["FFN 0.5"] if given.quick else list(SETTINGS)
    given.seeds = given.seeds[:1] if given.quick else given.seeds
    results.in_parallel(given.parallel, tasks(runs, given))

    rows, missing = [], 0
    if dense := up.finished_dense(runs, given):
        rows.append({"case": "dense", **dense})
    for setting in given.settings:
        found, lacking = rows_of(runs, given, setting)
        rows, missing = rows + found, missing + lacking
    for setting in CHOICE_SETTINGS:
        for how, images in CHOICES:
            if run := up.choice(runs, f"{stem(setting, 'unified', 0)}.{how}{images or ''}"):
                rows.append({"case": f"recovery choice {setting}: {how}{f' {images}' if images else ''}", "setting": setting, "recovery": how, "recoveryImages": images,
                             "validationImages": run["images"], "validationTop1": run["top1"]})
    up.write(given, NAME, rows, up.shown(given, NAME, "--seeds", *given.seeds, "--recovery", given.recovery, "--recovery-images", given.recovery_images),
             images=2000 if not given.quick else 16, testImages=10000 if not given.quick else up.QUICK_IMAGES, epochs=0, missing=missing,
             unit="percent of the test images", scoredOn="the first 45,000 training images", chosenOn="the last 5,000 training images")
    return 1 if not given.quick and any(row.get("unifiedIsBest") is False for row in rows) else 0


sys.exit(main())
