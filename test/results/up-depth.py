"""up-depth.sh: pairs of halves of blocks removed, before and after a short fine-tune; beside the dense model trained further by the same recipe.

There are two fine-tunes: by labels and the teacher's answers, and by the teacher's residual stream after the blocks that remain; validation images say which
counts. For the second the dense model has nothing to learn, for its stream is its teacher's."""
import sys

import results
import up_common as up

NAME = "up-depth"
BY_ANSWERS, BY_STREAM = "fine-tuned by labels and answers", "fine-tuned by the residual stream"
PARTS = ["dense", "removed", "tuned", "further", "hidden"]


def remove(runs, given):
    """The shallower model, as it was saved."""
    model = runs.path("depth-removed.safetensors")
    runs.once("depth-removed", lambda: {key: value for key, value in runs.vitprune(
        "depth-removed", "prune", given.weights, "--method", "depth", "--remove-blocks", given.removals, "--data", given.data, "--split", up.FIT,
        *up.proxies(given), "--seed", 0, "--out", model).items() if key in ("proxyImages", "removals", "blocks", "seconds")})
    return model


def removed(runs, given):
    up.accuracy(runs, given, "depth-removed", remove(runs, given))


def measured(runs, given, name, model):
    """On the images that choose between the fine-tunes, and on those that are reported."""
    up.accuracy(runs, given, name, model, up.CHOICE_IMAGES)
    up.accuracy(runs, given, name, model)


def tuned(runs, given, recipe):
    """Trained against the original, loaded again, evaluated and inspected."""
    model = up.trained(runs, given, "depth-tuned", ["distill", remove(runs, given), "--teacher", given.weights], recipe)
    measured(runs, given, "depth-tuned", model)
    runs.once("depth-inspected", lambda: runs.command("depth-inspected", "./vitprune", "inspect", model, "--json"))


def hidden(runs, given, recipe):
    """Trained by the original's residual stream alone."""
    measured(runs, given, "depth-hidden", up.trained(
        runs, given, "depth-hidden", ["distill", remove(runs, given), "--teacher", given.weights, "--label-weight", 0, "--alpha", 0, "--hidden-weight", 1],
        {**recipe, "learningRate": recipe["hiddenLearningRate"]}))


def further(runs, given, recipe):
    up.accuracy(runs, given, "depth-further", up.trained(
        runs, given, "depth-further", ["distill", given.weights, "--teacher", given.weights], recipe))


def rows_of(runs, given):
    rows = []
    models = [("dense", up.dense_name(runs, given)), ("dense trained further", "depth-further"),
              (f"{given.removals} pairs removed", "depth-removed"), (BY_ANSWERS, "depth-tuned"), (BY_STREAM, "depth-hidden")]
    found = {case: runs.finished(f"{name}.test") for case, name in models}
    choice = {case: run["top1"] for case, name in models[-2:] if (run := up.choice(runs, name))}
    for case, name in models:
        if found[case]:
            more = up.training(runs, name)
            rows.append({"case": case, **found[case], **more})
            if case in choice:
                rows[-1]["validationTop1"] = choice[case]
            if name == "depth-removed":
                rows[-1].update({key: runs.finished(name)[key] for key in ("proxyImages", "removals", "seconds")})
    best = max(choice, key=choice.get, default=None)
    if found["dense"] and best and found[best]:
        rows.append({"case": "lost", **up.lost(found[best], found["dense"], found["dense trained further"]), "by": best})
    if inspected := runs.finished("depth-inspected"):
        origins = (inspected["pruning"] or {}).get("blockOrigins", [])
        rows.append({"case": "saved, loaded, inspected", "hybridBlocks": sum(block["attention"] != block["mlp"] for block in origins),
                     "parameters": inspected["parameters"], "macs": inspected["macs"], "pruning": inspected["pruning"],
                     "blocks": [{key: block[key] for key in ("block", "heads", "headDim", "mlpHiddenDim", "parameters", "macs")} for block in inspected["blocks"]]})
    return rows


def main():
    parser = up.arguments(__doc__, NAME, PARTS)
    parser.add_argument("--removals", type=int, default=2, help="blocks, or pairs of neighbouring halves, that go (default 2)")
    parser.add_argument("--images", type=int, default=5000, help="training images of the fine-tune, evenly spread over the first 45,000 (default 5000)")
    parser.add_argument("--epochs", type=int, default=1)
    parser.add_argument("--lr", type=float, default=2e-4)
    parser.add_argument("--hidden-lr", type=float, default=1e-3)

    def recipe_of(given):
        if given.quick:
            given.images = up.QUICK_IMAGES
        return {**up.RECIPE, "removals": given.removals, "images": given.images, "epochs": given.epochs, "learningRate": given.lr, "hiddenLearningRate": given.hidden_lr}
    given, runs, recipe = up.begin(parser, NAME, recipe_of)
    parts = {"dense": lambda: up.dense(runs, given), "removed": lambda: removed(runs, given), "further": lambda: further(runs, given, recipe),
             "tuned": lambda: tuned(runs, given, recipe), "hidden": lambda: hidden(runs, given, recipe)}
    results.in_parallel(given.parallel, [run for part, run in parts.items() if part in given.only])
    up.write(given, NAME, rows_of(runs, given), up.shown(given, NAME, "--removals", given.removals, "--images", given.images, "--epochs", given.epochs, "--lr", given.lr, "--hidden-lr", given.hidden_lr),
             images=given.images, epochs=given.epochs, testImages=given.limit or 10000, validationImages=given.limit or up.CHOICE_IMAGES,
             unit="percent of the images", recipe=recipe)
    return 0


sys.exit(main())
