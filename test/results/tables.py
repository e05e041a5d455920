#!/usr/bin/env python3
"""The tables that README makes of docs/results: prints those of the named files, or of all that are there.

  test/results/tables.py [NAME ...]     NAME as in docs/results/NAME.json
  test/results/tables.py --write        puts each between its marks in README: <!-- table: NAME --> and <!-- end of table -->
  test/results/tables.py --check        exit code 1 where README shows something else than the files say"""
import json
import pathlib
import re
import sys

import counting

ROOT = pathlib.Path(__file__).resolve().parents[2]
RESULTS, README = ROOT / "docs/results", ROOT / "README.md"
COMPARISONS = {      # what the columns are, and what stands above the table where README has no words of its own
    "train-compare": ("images/s", "PyTorch", ""),
    "dense-compare": ("images/s", "PyTorch", ""),
    "pruned-compare": ("pruned", "dense", "Pruned models beside the dense ones they were cut from, both here, interleaved in one run. Ratio: how many times faster.\n\n"),
    "skip-compare": ("skipping", "dense", "A model that skips patches, 35 % of the executed multiply-adds saved, beside the same model without, interleaved in one run, images/s. `learned` and `topk` "
                     "see all tokens, `kept` computed ones alone. Ratio: how many times faster; the multiply-adds promise 1.54.\n\n"),
    "dimap-scores-compare": ("DIMAP", "NumPy", "DIMAP of Swin-B's 83.8 M attention and MLP weights, from scores to masks, beside NumPy's argsort and cumulative sum of the same tensors "
                             "alone, interleaved; and the memory of either, ours with the masks (80 MiB), which NumPy does not make. Ratio: how many times faster, or smaller.\n\n"),
    "kl-scores-compare": ("fast path", "naive loop", "Exact KL scores of ViT-Tiny on 8 images by prefix caching and suffix evaluation beside one whole pass for each channel, both here, in "
                          "channels a second (images a second in the first row). The last rows say how well Fisher's estimates agree with exact scores.\n\n"),
}
MARK = re.compile(r"(<!-- table: ([\w-]+) -->\n)(.*?)(<!-- end of table -->)", re.DOTALL)


def table(head, rows):
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(str(cell) for cell in line) + " |" for line in lines) + "\n"


def percent(row, key="top1"):
    """A row's accuracy; of several seeds mean and standard error."""
    if row is None:
        return "-"
    return f"{row[key]:.1f}" if key in row else f"{row['mean']:.1f} ± {row['standardError']:.1f}"


def millions(count):
    return f"{count / 1e6:.2f}" if count < 1e8 else f"{count / 1e6:.0f}"


def source(name, file):
    command = file.get("command") or f"test/peers/compare.sh {file['name']} --json"
    return f"`{command}` at {file['commit']} ([{name}.json](docs/results/{name}.json))"


def loaded(name):
    """A file of docs/results, or None."""
    file = RESULTS / f"{name}.json"
    return json.loads(file.read_text()) if file.exists() else None


def named(file):
    return {row["case"]: row for row in file["rows"]}


def pace(number):
    return f"{number:.1f}" if number >= 1 else f"{number:.3f}"


def count(number):
    return f"{number:,}"


def ratio_and_spread(case):
    return f"{case['ratio']:.2f}" + (f" ({case['low']:.2f} to {case['high']:.2f})" if case.get("low") is not None else "")


def comparison(name, file):
    """A comparison's cases, taken apart into columns where their names allow it."""
    ours, peer, lead = COMPARISONS[name]
    pattern = re.compile(r"(\S+) (fp32|bf16)( insisted)? batch (\d+) threads (\d+)$")
    apart = [pattern.match(case["case"]) for case in file["cases"]]
    has_macs, has_bar = (any(case.get(key) is not None for case in file["cases"]) for key in ("macsRatio", "bar"))
    rows = []
    for case, found in zip(file["cases"], apart):
        words = [found[1], found[2] + (", insisted on" if found[3] else ""), found[4], found[5]] if all(apart) else [case["case"]]
        bar = case.get("bar")
        reached = "-" if bar is None else f"{bar:.2f}{'' if case['ratio'] >= bar else ', missed'}"
        rows.append([*words, pace(case["ours"]), pace(case["peer"]), ratio_and_spread(case), *([f"{case['macsRatio']:.2f}" if "macsRatio" in case else "-"] if has_macs else []), *([reached] if has_bar else [])])
    head = ["model", "dtype", "batch", "threads"] if all(apart) else ["case"]
    units = sorted({case["unit"] for case in file["cases"]})
    unit = f", {units[0]}" if len(units) == 1 and ours != units[0] else ""
    return f"{lead}{table([*head, ours + unit, peer, 'ratio (10th to 90th percentile)', *(['MACs ratio'] if has_macs else []), *(['bar'] if has_bar else [])], rows)}\n{source(name, file)}\n"


def by_seed(name, file, lead, ways):
    """Two ways of the same work, several seeds."""
    rows, shown = named(file), []
    for way in ways:
        if way in rows:
            each = ", ".join(f"{row['top1']:.2f}" for case, row in rows.items() if case.startswith(f"{way} seed"))
            shown.append([way, f"{rows[way]['mean']:.2f} ± {rows[way]['standardError']:.2f}" if "mean" in rows[way] else f"{rows[way]['top1']:.2f}", each])
    difference = rows["difference"]
    shown.append(["difference", f"{difference['mean']:.2f} ± {difference['standardError']:.2f}", f"at most {difference['bound']:.2f} is level" if "bound" in difference else ""])
    return (f"{lead}\n{count(file['images'])} training images, {file['epochs']} epochs, top-1 in percent of {count(file['testImages'])} test images, mean and its "
            f"standard error:\n\n{table(['', 'top-1', 'each seed'], shown)}\n{source(name, file)}\n")


def parity(name, file):
    return by_seed(name, file, "The same recipe trained here and in PyTorch 1.13.", ["ours", "PyTorch"])


def distill(name, file):
    return by_seed(name, file, "A pruned student distilled from its original beside the same student trained with the labels alone.",
                   ["teacher", "student before training", "distilled", "cross-entropy"])


def arithmetic(file):
    """What the rows were computed in, and what was asked for where that is not the same."""
    computed = ", ".join(sorted({row["computedIn"] for row in file["rows"] if "computedIn" in row}))
    return f"computed in {computed}" if computed == file["dtype"] else f"asked for in {file['dtype']}, computed in {computed}"


def oneshot(name, file):
    measured = [row for row in file["rows"] if "importance" in row and "seed" not in row]
    settings = list(dict.fromkeys(row["setting"] for row in measured))
    names = {"auto": "unified, default (`auto`)", "fisher": "unified, `fisher` alone", "magnitude": "`magnitude`", "taylor": "`taylor`", "random": "`random`"}

    def found(importance, setting, recovers):
        return next((row for row in measured if row["importance"] == importance and row["setting"] == setting and (row["recovery"] != "none") == recovers), None)
    rows = [[text, *(percent(found(importance, setting, recovers)) for setting in settings for recovers in (False, True))] for importance, text in names.items()
            if any(row["importance"] == importance for row in measured)]
    head = ["channels chosen by", *(f"{setting}{', recovered' if recovers else ''}" for setting in settings for recovers in (False, True))]
    dense = named(file).get("dense")
    text = (f"Cut, not trained: `vit_tiny_patch16_224_cifar100`, top-1 in percent of {count(file['testImages'])} test images{f' (dense: {percent(dense)})' if dense else ''}, "
            f"{arithmetic(file)}; "
            f"`random`: mean and standard error of its seeds.\n\n{table(head, rows)}")
    if file.get("missing"):
        text += f"\nNot measured yet: {file['missing']} of the table's runs.\n"
    for row in file["rows"]:
        if row.get("unifiedIsBest") is False:
            default = found("auto", row["setting"], True)["top1"]
            text += (f"\nAt {row['setting']} the default with recovery is not the best row: {row['best'].removeprefix(row['setting'] + ' ')} is above it by "
                     f"{row['top1'] - default:.2f} ± {counting.error(file['testImages'], row['top1'], default):.2f} points.\n")
    choices = [row for row in file["rows"] if "validationTop1" in row]
    if choices:
        places = list(dict.fromkeys(row["setting"] for row in choices))
        kinds = list(dict.fromkeys((row["recovery"], row["recoveryImages"]) for row in choices))
        reached = {(row["recovery"], row["recoveryImages"], row["setting"]): row["validationTop1"] for row in choices}
        text += (f"\nRecovery is chosen on validation images ({count(choices[0]['validationImages'])} of the last 5,000 training images, which the model has seen), not on test images:\n\n"
                 + table(["recovery", "images", *places], [[how, images or "-", *(f"{reached[how, images, place]:.1f}" if (how, images, place) in reached else "-" for place in places)] for how, images in kinds]))
    return f"{text}\n{source(name, file)}\n"


def models(file, cases):
    rows = named(file)
    return table(["", "top-1", "parameters, M", "MACs, M", "minutes of training"],
                 [[case, percent(rows[case]), millions(rows[case]["parameters"]), millions(rows[case]["macs"]),
                   f"{rows[case]['seconds'] / 60:.0f}" if "trainImages" in rows[case] else "-"] for case in cases if case in rows])


def lost(file):
    row = named(file).get("lost")
    if row is None:
        return ""
    against = f" against {row['against']}" if "against" in row else ""
    unknown = "" if row.get("furtherIsThere", True) else "; the dense model trained further is not measured yet"
    return f"\nLost: {row['top1']:.2f} points{against}{unknown}.\n"


def recipe(file):
    return f"{count(file['images'])} training images, {file['epochs']} epoch{'s' if file['epochs'] != 1 else ''}, top-1 in percent of {count(file['testImages'])} test images"


def distilled(name, file):
    first = file["recipe"].get("hiddenEpochs", 0)
    text = f"Half of the multiply-adds cut away, then distilled{f' ({first} of the epochs from the residual stream alone)' if first else ''}: {recipe(file)}.\n\n{models(file, ['dense', 'dense trained further', *(['after the hidden states'] if 'top1' in named(file).get('after the hidden states', {}) else []), 'pruned and distilled'])}{lost(file)}"
    if "pruned and distilled" in named(file):
        text += f"\nScoring, trying the candidates and training took {named(file)['pruned and distilled']['minutes']:.0f} minutes, of {file['budgetMinutes']}.\n"
    timed = [row for row in file["rows"] if row["case"].startswith("speed ")]
    if timed:
        text += "\n" + table(["beside the dense model", "images/s", "dense", "faster by", "MACs ratio", "bar"],
                             [[row["case"].removeprefix("speed "), pace(row["ours"]), pace(row["peer"]), ratio_and_spread(row), f"{row['macsRatio']:.2f}",
                               row["bar"] if row["bar"] is not None else "-"] for row in timed])
    tried = [row for row in file["rows"] if row["case"].startswith("candidate ")]
    if tried:
        text += f"\nWhat was cut was chosen by {count(tried[0]['validationImages'])} validation images, recovered but not trained{', of those that gain enough time' if any(row.get('timeRatio') for row in tried) else ''}:\n\n" + table(
            ["candidate", "top-1", "MACs, M", "times faster", ""], [[row["case"].removeprefix("candidate "), percent(row, "validationTop1"), millions(row["macs"]),
                                                           f"{row['timeRatio']:.2f}" if row.get("timeRatio") else "-", "chosen" if row["chosen"] else ""] for row in tried])
    return f"{text}\n{source(name, file)}\n"


def depth(name, file):
    removed = next((row for row in file["rows"] if row["case"].endswith("pairs removed")), None)
    measured = [row["case"] for row in file["rows"] if "top1" in row and "macs" in row]
    text = f"Depth, before and after a short fine-tune against the original: {recipe(file)}.\n\n{models(file, measured)}{lost(file)}"
    if removed:
        text += f"\nRemoved, in this order: {'; '.join(removal['removed'] for removal in removed['removals'])}.\n"
    return f"{text}\n{source(name, file)}\n"


def transfer(name, file):
    rows = named(file)
    photographs = ", ".join(f"{words} {percent(rows[f'{case}, photographs'])}" for case, words in (("dense", "dense"), ("cut", "cut"), ("restored", "restored")) if f"{case}, photographs" in rows)
    return (f"Fine-tuned on CIFAR-100 from ImageNet weights, dense ones and ones that were cut and restored on 500 photographs: {recipe(file)}. Of {count(rows['dense, photographs']['images'])} other photographs: {photographs}.\n\n"
            f"{models(file, ['dense, fine-tuned', 'pruned, fine-tuned'])}{lost(file)}\n{source(name, file)}\n")


def times(rows):
    """Of the models of a file whose time was measured: their pace beside the dense model's."""
    timed = [row for row in rows if "speed " in row["case"]]
    return "\n" + table(["beside the dense model", "images/s", "dense", "faster by", "MACs ratio"], [
        [row["case"].replace("speed ", ""), pace(row["ours"]), pace(row["peer"]), ratio_and_spread(row), f"{row['macsRatio']:.2f}"]
        for row in timed]) if timed else ""


def skipping(name, file):
    """What is lost by method and target, then what each layer keeps."""
    words = {"learned": "learned", "kept": "learned, computed tokens see each other alone", "top-k": "learned, fixed number", "published": "labels and idle patches as published", "random": "random", "random-shifted": "random, idle patches shifted",
             "class-attention": "class attention", "class-attention-shifted": "class attention, idle patches shifted", "merging": "merging"}
    rows = [row for row in file["rows"] if "target" in row]
    head = ["", "multiply-adds saved", "top-1", "lost", "published loss", "scorer accuracy, balanced", "patches that come back"]

    def scores(row):
        known = [layer for layer in row["layers"] if layer.get("scorerAccuracy") is not None]
        return f"{sum(layer['scorerAccuracy'] for layer in known) / len(known):.2f}, {sum(layer['balancedAccuracy'] for layer in known) / len(known):.2f}" if known else "-"
    text = (f"Patches skipped at equal executed multiply-adds: {count(file['images'])} training images, a tenth of them held out, {file['scorerEpochs']} epoch{'s' if file['scorerEpochs'] != 1 else ''} of the scorers, {file['epochs']} of the "
            f"backbone (of both together where there are no scorers), top-1 in percent of {count(file['testImages'])} test images{', computed in bfloat16' if file['dtype'] == 'bf16' else ''}, dense {percent(named(file).get('dense'))}.\n\n"
            + table(head, [[words[row["method"]], f"{100 * row['macsSaved']:.1f} %", percent(row), f"{row['lost']:.2f}" if "lost" in row else "-",
                            row.get("publishedLoss", "-") if row["method"] in ("learned", "kept") else "-", scores(row), f"{row['reEntries']:.0f}" if row.get("reEntries") is not None else "-"] for row in rows]))
    scored = [row for row in rows if any(layer.get("scorerAccuracy") is not None for layer in row["layers"])]
    if scored:
        layers = sorted({layer["layer"] for row in scored for layer in row["layers"]})
        text += "\nShare of the patches that a layer skips, and balanced accuracy of its scorer:\n\n" + table(
            ["layer", *layers], [[f"{words[row['method']]}, {100 * row['target']:.0f} %", *(next((f"{1 - layer['keptShare']:.2f}, {layer['balancedAccuracy']:.2f}" for layer in row["layers"] if layer["layer"] == at), "-")
                                                                                           for at in layers)] for row in scored])
    for row in file["rows"]:
        if row["case"].startswith("batch independence"):
            text += (f"\nEach image alone beside batches of 32, {row['case'].removeprefix('batch independence of ')}: logits differ by at most {row['float64Difference']:.0e} in float64 ({row['float64Images']} images), and in fp32 by at most "
                     f"{row['fp32Difference']:.0e} for the {count(row['images'] - row['nearAThreshold'])} of {count(row['images'])} images that have no score within 0.0001 of its threshold ({100 * row['nearAThresholdShare']:.1f} % have one).\n")
    return f"{text}{times(file['rows'])}\n{source(name, file)}\n"


def structured(name, file):
    rows = file["rows"]
    shown = [row["case"] for row in rows if row.get("chosen") or row["case"].endswith("distilled")]
    text = f"Structured DIMAP on a Swin, before and after distillation: {recipe(file)}.\n\n{models(file, ['dense', 'dense trained further', *shown])}"
    if not any(row["case"].endswith("distilled") for row in rows):
        text += "\nNot measured yet: accuracy after distillation.\n"
    for row in rows:
        if row["case"].endswith(", lost"):
            unknown = "" if row["furtherIsThere"] else "; the dense model trained further is not measured yet"
            text += f"\nLost with {row['case'].removesuffix(', lost')}: {row['top1']:.2f} points against {row['against']}{unknown}.\n"
    tried = [row for row in rows if "validationTop1" in row]
    if tried:
        text += (f"\nWhat is to be distilled is chosen by {count(tried[0]['validationImages'])} validation images; without recovery no image is looked at:\n\n"
                 + table(["cut, not trained", "top-1", "of validation images", "MACs, M", "parameters, M", ""],
                         [[row["case"], percent(row), percent(row, "validationTop1"), millions(row["macs"]), millions(row["parameters"]), "chosen" if row["chosen"] else ""] for row in tried]))
    return f"{text}{times(rows)}\n{source(name, file)}\n"


def finetuned(name, file):
    rows = named(file)
    shown = [["dense", "-", percent(rows.get("dense")), percent(rows.get("dense trained further")), "-", "-", "-", "-"]]
    unknown = any(row["case"].endswith(", lost") and not row["furtherIsThere"] for row in file["rows"])
    for row in file["rows"]:
        if "ratio" in row and not row["case"].endswith("fine-tuned"):
            tuned, loss = rows.get(f"{row['case']}, fine-tuned"), rows.get(f"{row['case']}, lost")
            shown.append(["DIMAP", f"{100 * row['ratio']:.0f} %", percent(row), percent(tuned), f"{loss['top1']:.2f} (aim {loss['aim']:.0f})" if loss else "-",
                          millions(row["sizes"]["nonzeroParameters"]), f"{millions(row['sizes']['nonzeroMacs'])} ({millions(row['sizes']['nominalMacs'])} as published)", "-" if tuned is None else "yes" if tuned["masksUnchanged"] else tuned["fault"]])
    text = (f"DIMAP on a Swin, masked and fine-tuned with the labels: {recipe(file)}. Masked weights are zero; there is no speed-up.\n\n"
            f"{table(['', 'weights removed', 'not trained', 'fine-tuned', 'lost', 'parameters that are not zero, M', 'MACs with weights that are not zero, M', 'masks unchanged'], shown)}"
            f"\nLost: against the better of the two dense models{'; the one trained further is not measured yet' if unknown else ''}.\n")
    dead = [f"{sum(row['dead'].values())} at {100 * row['ratio']:.0f} %" for row in file["rows"] if "dead" in row]
    if dead:
        text += f"\nHeads and channels that the masks leave without any effect: {', '.join(dead)}.\n"
    if resumed := rows.get("killed and resumed"):
        text += f"\nA training that was killed and resumed ended with {'the same file' if resumed['same'] else 'another file'} as one without a break.\n"
    return f"{text}\n{source(name, file)}\n"


def weights_oneshot(name, file):
    """A table for each model: methods down, shares removed across."""
    text = "Single weights pruned, not trained: top-1 in percent by share of all parameters removed. Masked weights are zero; there is no speed-up.\n"
    explained = []

    def ends(shares):
        each = [100 * float(share) for share in shares.split(" ")]
        return f"{each[0]:.0f} to {each[-1]:.0f} % (least {min(each):.0f}, most {max(each):.0f})"
    words = {"dimap": "DIMAP by module", "dimap-model": "DIMAP by model", "magnitude-uniform": "magnitude, uniform", "magnitude-global": "magnitude, global"}
    for model in dict.fromkeys(row["model"] for row in file["rows"] if "model" in row):
        rows = [row for row in file["rows"] if row.get("model") == model]
        shares = sorted({row["removed"] for row in rows if row["removed"]})
        found = {(row["method"], row["removed"]): row for row in rows}
        ratios = [next(row["ratio"] for row in rows if row["removed"] == share) for share in shares]
        shown = [["of the attention and MLP weights", *(f"{100 * ratio:.1f} %" for ratio in ratios)]]
        shown += [[text_of_method, *(percent(found.get((method, share))) for share in shares)] for method, text_of_method in words.items() if any(row["method"] == method for row in rows)]
        if ("dimap", shares[0]) in found:
            shown.append(["multiply-adds left, layer by layer (DIMAP by module)", *(f"{100 * found['dimap', share]['nonzeroMacs'] / found['dimap', share]['macs']:.0f} %" for share in shares)])
        dense = found["dense", 0]
        short = next(row["case"].removesuffix(" dense") for row in rows if row["method"] == "dense")
        beside = {(row["beside"], row["removed"]): row for row in file["rows"] if "beside" in row and row["case"].startswith(f"{short} ")}
        for other in ("magnitude-uniform", "magnitude-global"):
            if (other, shares[0]) in beside:
                shown.append([f"DIMAP by module beside {words[other]}, points", *(f"{beside[other, share]['difference']:+.1f} ± {beside[other, share]['countingError']:.1f}" for share in shares)])
        for way in ("dimap", "magnitude-global"):
            if (way, 0.5) in found:
                parts = found[way, 0.5]["sparsity"]
                explained.append(f"{model}, {words[way]} at 50 %: " + ", ".join(f"{layer} {ends(share)}" for layer, share in parts.items()))
        text += f"\n{model} ({count(dense['images'])} images, dense {percent(dense)}):\n\n{table(['', *(f'{100 * share:.0f} %' for share in shares)], shown)}"
    if explained:
        text += "\nZeros of the first to the last block's matrices:\n\n" + "".join(f"- {line}\n" for line in explained)
    return f"{text}\n{source(name, file)}\n"


def trained(name, file):
    """The Swin that other measurements stand on."""
    rows = named(file)
    made, full, half = rows["trained"], rows["fp32 weights"], rows["bf16 weights"]
    shown = [[part, percent(row), percent(row, "top5"), millions(row["parameters"]), millions(row["macs"])] for part, row in (("weights as trained", full), ("bfloat16 weights, the file", half))]
    return (f"`examples/models/swin_patch2_window4_32_cifar100.safetensors` ({half['fileBytes'] / 1e6:.1f} MB): a Swin of 32 x 32 images, from random weights, {file['epochs']} epochs of {count(made['images'])} training images in "
            f"bfloat16 mixed precision, distilled from the ViT-Tiny of CIFAR-100 (85.8 %), which sees each image once. Percent of {count(full['images'])} test images; "
            f"{made['validationAccuracy']:.1f} % of {count(made['validationImages'])} validation images.\n\n"
            f"{table(['', 'top-1', 'top-5', 'parameters, M', 'MACs, M'], shown)}\n{source(name, file)}\n")


def glance(name):
    """The figures that a reader wants first, of those files that are there."""
    def rows_of(name):
        file = loaded(name) or {"rows": []}
        return {row["case"]: row for row in file.get("rows", file.get("cases"))}

    def line(what, model, before, after, gain):
        return [what, model, f"{percent(before)} to {percent(after)}" if after else "-", gain]

    def better(rows, lost):
        """The dense model that a loss was counted against."""
        return rows[rows[lost]["against"] if lost in rows else "dense"]

    def faster(row):
        return f"{row['ratio']:.2f} times" if row else "-"

    shown, vit, swin = [], "ViT-Tiny, CIFAR-100", "Swin, CIFAR-100"
    student, skips, timed = rows_of("up-distilled"), rows_of("skip-accuracy"), rows_of("skip-compare")
    pruned, cut, masked, tuned = rows_of("pruned-compare"), rows_of("dimap-structured"), rows_of("dimap-oneshot"), rows_of("dimap-finetuned")
    if row := student.get("pruned and distilled"):
        shown.append(line(f"UP-ViTs: half of the multiply-adds cut away and distilled, {row['minutes']:.0f} minutes in all", vit, better(student, "lost"), row, faster(student.get("speed fp32 batch 32"))))
    for share in (20, 35):
        if row := skips.get(f"learned at -{share} %"):
            shown.append(line(f"patch skipping: {share} % of the executed multiply-adds", vit, skips["dense"], row, faster(timed.get("learned fp32 batch 32 threads 2") if share == 35 else None)))
    if row := skips.get("merging at -35 %"):
        shown.append(line("token merging, taught by the same images: 35 % of the executed multiply-adds", vit, skips["dense"], row, faster(skips.get("merging at -35 %, speed fp32 batch 32 threads 2"))))
    if row := pruned.get("swin_tiny_patch4_window7_224 structured heads 0.5 fp32 batch 32"):
        shown.append(line("structured DIMAP: half of the multiply-adds", "Swin-T, random weights", None, None, faster(row)))
    if row := cut.get("50 % of the MACs, distilled"):
        shown.append(line(f"structured DIMAP: half of the multiply-adds, distilled for {row['epochs']} epochs", swin, better(cut, "50 % of the MACs, lost"), row,
                          faster(cut.get("50 % of the MACs, speed fp32 batch 32"))))
    if row := masked.get("swin dimap 0.5"):
        shown.append(line("DIMAP: half of the parameters zero, nothing trained, no image seen", swin, masked["swin dense"], row, "no speed-up"))
    if row := tuned.get("DIMAP 0.55, fine-tuned"):
        shown.append(line("DIMAP: 55 % of the attention and MLP weights zero, fine-tuned", swin, better(tuned, "DIMAP 0.55, lost"), row, "no speed-up"))
    return "Top-1 in percent of 10,000 test images; times of two cores, fp32, 32 images at once. All figures, with their commands and files, stand below.\n\n" + table(
        ["what goes", "of", "top-1", "faster by"], shown) + "\n" if shown else ""


def of_file(make):
    """A table of the file of its own name, or nothing where that is not there."""
    def text(name):
        file = loaded(name)
        return make(name, file) if file else ""
    return text


OF_FILES = {**{name: comparison for name in COMPARISONS}, "train-parity": parity, "distill": distill, "up-oneshot": oneshot, "up-distilled": distilled,
          "up-depth": depth, "up-transfer": transfer, "skip-accuracy": skipping, "skip-accuracy-20000": skipping, "dimap-oneshot": weights_oneshot,
          "dimap-structured": structured, "dimap-finetuned": finetuned, "swin-trained": trained}


TABLES = {"glance": glance, **{name: of_file(make) for name, make in OF_FILES.items()}}


def main(words):
    if words and words[0] in ("--write", "--check"):
        before = README.read_text()
        after = MARK.sub(lambda found: found[1] + TABLES[found[2]](found[2]) + found[4], before)
        if words[0] == "--write":
            README.write_text(after)
        return 1 if words[0] == "--check" and after != before else 0
    unknown = [word for word in words if word not in TABLES]
    if unknown:
        raise SystemExit(f"tables: there is no table of {', '.join(unknown)}; there are: {', '.join(TABLES)}; --write and --check stand alone.")
    for name in words or TABLES:
        if text := TABLES[name](name):
            print(f"### {name}\n\n{text}")
    return 0


sys.exit(main(sys.argv[1:]))
