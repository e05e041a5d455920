"""dimap-oneshot.sh: accuracy right after single weights were pruned, by method and share of all parameters removed."""
import os
import sys

import counting
import results

NAME = "dimap-oneshot"
REMOVED = [0.19, 0.28, 0.38, 0.5, 0.6, 0.7, 0.8]      # of all parameters
METHODS = {"dimap": ("dimap", "module"), "dimap-model": ("dimap", "model"), "magnitude-uniform": ("magnitude", "uniform"), "magnitude-global": ("magnitude", "global")}
QUICK = {"images": 24, "removed": [0.28, 0.6], "methods": ["dimap", "magnitude-uniform"]}
LAYERS = {"qkv": "attn.qkv.weight", "projection": "attn.proj.weight", "fc1": "mlp.fc1.weight", "fc2": "mlp.fc2.weight"}


def measured(runs, given, case, file, name):
    """Accuracy and size of a model."""
    limit = ["--limit", QUICK["images"]] if given.quick else []
    return runs.once(f"{name}.test", lambda: {key: value for key, value in runs.vitprune(
        name, "evaluate", file, "--data", case["data"], "--split", case["split"], "--dtype", given.dtype, *limit).items()
        if key in ("images", "top1", "top5", "parameters", "nonzeroParameters", "macs", "nonzeroMacs", "computedIn")})


def point(runs, given, case, method, removed):
    """One pruned model; its file goes again once it is measured."""
    name, (way, scope) = f"{case['name']}-{method}-{removed:g}", METHODS[method]
    file = runs.path(f"{name}.safetensors")
    if runs.finished(f"{name}.test"):
        return

    def prune():
        report = runs.vitprune(name, "prune", case["file"], "--method", way, "--scope", scope, "--budget-parameters", round(1 - removed, 6), "--out", file)
        shares = {tensor["tensor"]: tensor["share"] for tensor in report["tensors"]}
        layers = {layer: " ".join(f"{share:.3f}" for tensor, share in shares.items() if tensor.endswith(suffix)) for layer, suffix in LAYERS.items()}
        return {"ratio": report["ratio"], "nominalMacs": report["after"]["nominalMacs"], "seconds": report["seconds"], "sparsity": layers}
    if not os.path.exists(file) and runs.finished(name):
        os.remove(runs.path(f"{name}.json"))
    runs.once(name, prune)
    measured(runs, given, case, file, name)
    os.remove(file)


def rows_of(runs, given, case):
    dense = runs.finished(f"{case['name']}-dense.test")
    rows = [{"case": f"{case['name']} dense", "model": case["model"], "method": "dense", "removed": 0, **dense}]
    for method in given.methods:
        for removed in given.removed:
            name = f"{case['name']}-{method}-{removed:g}"
            rows.append({"case": f"{case['name']} {method} {removed:g}", "model": case["model"], "method": method, "removed": removed,
                         **runs.finished(name), **runs.finished(f"{name}.test")})
    return rows + [compared(case, rows, other, removed) for other in given.methods if other.startswith("magnitude") for removed in given.removed]


def compared(case, rows, other, removed):
    """DIMAP by module beside another method at one point, with the counting error of the difference; above is what is so by twice the error."""
    ours, theirs = (next(row for row in rows if row["method"] == method and row["removed"] == removed) for method in ("dimap", other))
    error = counting.error(ours["images"], ours["top1"], theirs["top1"])
    difference = ours["top1"] - theirs["top1"]
    return {"case": f"{case['name']} dimap beside {other} {removed:g}", "removed": removed, "beside": other, "difference": round(difference, 3),
            "countingError": round(error, 3), "notBelow": difference >= -error, "above": difference > 2 * error}


def main():
    parser = results.arguments(__doc__, f"{NAME}.json", seeds=(0,))
    parser.set_defaults(out=None)
    parser.add_argument("--photos", required=True, type=os.path.abspath, help="photographs of ImageNet classes: val/WNID/*.JPEG")
    parser.add_argument("--vit", required=True, type=os.path.abspath, help="vit_tiny_patch16_224.safetensors")
    parser.add_argument("--deit", required=True, type=os.path.abspath, help="deit_tiny_patch16_224.safetensors")
    parser.add_argument("--swin", type=os.path.abspath, help="a Swin that was trained on CIFAR-100; without it there are no rows of it")
    parser.add_argument("--quick", action="store_true", help="a few images and points, to the work folder: shows that the command works")
    given = parser.parse_args()
    if given.quick:
        given.work = os.path.join(given.work, "quick")
    given.out = given.out or (os.path.join(given.work, f"{NAME}.result.json") if given.quick else str(results.ROOT / "docs/results" / f"{NAME}.json"))
    given.removed, given.methods = (QUICK["removed"], QUICK["methods"]) if given.quick else (REMOVED, list(METHODS))
    photos, cifar = {"data": f"imagenet:{given.photos}", "split": "val"}, {"data": f"cifar100:{given.folder}", "split": "test"}
    cases = [{"name": "vit", "model": "vit_tiny_patch16_224", "file": given.vit, **photos}, {"name": "deit", "model": "deit_tiny_patch16_224", "file": given.deit, **photos}]
    if given.swin:
        cases.append({"name": f"swin-{results.weights_hash(given.swin)}", "model": "swin_patch2_window4_32", "file": given.swin, **cifar})
    # The Swin's hash stands in the names of its runs, so that one may be added, or trained further, later.
    runs = results.Runs(given.work, {"vit": results.weights_hash(given.vit), "deit": results.weights_hash(given.deit), "dtype": given.dtype}, given.threads, parallel=given.parallel)
    results.build()
    tasks = [lambda c=case: measured(runs, given, c, c["file"], f"{c['name']}-dense") for case in cases]
    tasks += [lambda c=case, m=method, r=removed: point(runs, given, c, m, r) for removed in given.removed for method in given.methods for case in cases]
    results.in_parallel(given.parallel, tasks)

    rows = [row for case in cases for row in rows_of(runs, given, case)]
    for row in rows:
        row["case"] = " ".join("swin" if word.startswith("swin-") else word for word in row["case"].split(" "))
    command = (f"test/results/{NAME}.sh CIFAR100FOLDER --work FOLDER --photos ../shared/data/imagenet-compatible --vit vit_tiny_patch16_224.safetensors "
               f"--deit deit_tiny_patch16_224.safetensors{' --swin MODEL' if given.swin else ''} --dtype {given.dtype} --threads {given.threads}"
               f"{' --quick' if given.quick else ''}")
    results.write(given.out, NAME, given, rows, command=command, images=QUICK["images"] if given.quick else {"vit, deit": 1000, "swin": 10000}, epochs=0,
                  unit="percent of the images", speed="no speed-up: weights are zero, tensors keep their sizes",
                  sparsity="share of zeros in each block's matrices, all stages in order")
    beside = [row for row in rows if row["case"].startswith("swin") and row.get("beside") == "magnitude-uniform"]
    holds = all(row["notBelow"] and (row["above"] or row["removed"] < 0.5) for row in beside)
    return 0 if holds or given.quick else 1


sys.exit(main())
