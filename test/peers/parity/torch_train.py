"""PyTorch's side of the training parity: the 32x32 ViT from random weights, one plain script as a PyTorch user would write it.

torch_train.py CIFAR100FOLDER --seed N [--dtype fp32|bf16] [--threads N]      prints one JSON line
The recipe is `vitprune train`'s: see RECIPE in parity.py, which passes it to both sides."""
import argparse
import json
import math
import os
import sys
import time

import numpy
import torch
from torch.nn import functional as F

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "common"))
from torch_models import PlainViT  # noqa: E402


def read(path, limit=None):
    rows = numpy.fromfile(path, dtype=numpy.uint8).reshape(-1, 3074)[:limit]
    return torch.from_numpy(rows[:, 2:].reshape(-1, 3, 32, 32).copy()), torch.from_numpy(rows[:, 1].astype(numpy.int64))


def normalise(pixels):
    return pixels.float() / 127.5 - 1


def initialise(model):
    """As timm does: normal of 0.02, zero biases, a class token of 1e-6; the patch embedding keeps torch's own."""
    for name, parameter in model.named_parameters():
        if name.startswith("patch_embed"):
            bound = 1 / math.sqrt(3 * 4 * 4)
            torch.nn.init.uniform_(parameter, -bound, bound)
        elif name == "cls_token":
            torch.nn.init.normal_(parameter, std=1e-6)
        elif name == "pos_embed" or parameter.ndim > 1:
            torch.nn.init.normal_(parameter, std=0.02)
        else:
            torch.nn.init.constant_(parameter, 0 if name.endswith("bias") else 1)


def add_drop_path(model, rate):
    """Stochastic depth: the rate grows linearly from 0 in the first block to `rate` in the last, both halves alike."""
    for i, block in enumerate(model.blocks):
        p = rate * i / max(1, len(model.blocks) - 1)

        def drop(_, __, output, p=p, block=block):
            if p == 0 or not block.training:
                return output
            keep = (torch.rand(len(output), 1, 1) >= p).to(output.dtype)
            return output * keep / (1 - p)
        block.attn["proj"].register_forward_hook(drop)
        block.mlp["fc2"].register_forward_hook(drop)


def crop_and_flip(pixels, padding):
    count, _, side, _ = pixels.shape
    padded = F.pad(pixels, [padding] * 4)
    windows = padded.unfold(2, side, 1).unfold(3, side, 1)      # [B, 3, 2 * padding + 1, 2 * padding + 1, side, side]
    top, left = torch.randint(2 * padding + 1, (2, count))
    pixels = windows[torch.arange(count), :, top, left]
    flipped = torch.rand(count) < 0.5
    return torch.where(flipped[:, None, None, None], pixels.flip(3), pixels)


def cut_mix(images, targets, alpha):
    share = float(numpy.random.beta(alpha, alpha))
    side = images.shape[-1]
    cut = int(side * math.sqrt(1 - share))
    y, x = numpy.random.randint(side, size=2)
    top, bottom, left, right = max(0, y - cut // 2), min(side, y - cut // 2 + cut), max(0, x - cut // 2), min(side, x - cut // 2 + cut)
    partner = torch.randperm(len(images))
    mixed = images.clone()
    mixed[:, :, top:bottom, left:right] = images[partner, :, top:bottom, left:right]
    share = 1 - (bottom - top) * (right - left) / side ** 2
    return mixed, share * targets + (1 - share) * targets[partner]


def learning_rate(step, steps, warm_up, recipe):
    peak, first, last = recipe["learningRate"], recipe["warmUpLearningRate"], recipe["minLearningRate"]
    if step < warm_up:
        return first + (peak - first) * step / warm_up
    return last + 0.5 * (peak - last) * (1 + math.cos(math.pi * (step - warm_up) / (steps - warm_up)))


def groups(model, decay):
    whole = [p for n, p in model.named_parameters() if p.ndim > 1 and n not in ("cls_token", "pos_embed")]
    ids = {id(p) for p in whole}
    return [{"params": whole, "weight_decay": decay}, {"params": [p for p in model.parameters() if id(p) not in ids], "weight_decay": 0}]


def train(folder, recipe, seed, dtype):
    torch.manual_seed(seed)
    numpy.random.seed(seed)
    pixels, labels = read(f"{folder}/train.bin", recipe["images"])
    model = PlainViT(192, 3, 6, 4, 32, 100)
    initialise(model)
    add_drop_path(model, recipe["dropPath"])
    optimizer = torch.optim.AdamW(groups(model, recipe["weightDecay"]), recipe["learningRate"])
    batch, epochs = recipe["batchSize"], recipe["epochs"]
    per_epoch = math.ceil(len(pixels) / batch)
    step, steps, started = 0, epochs * per_epoch, time.time()
    for epoch in range(epochs):
        model.train()
        total = 0
        for index in torch.randperm(len(pixels)).split(batch):
            images = normalise(crop_and_flip(pixels[index], recipe["cropPadding"]))
            targets = F.one_hot(labels[index], 100).float()
            if numpy.random.rand() < recipe["cutMixProbability"]:
                images, targets = cut_mix(images, targets, recipe["cutMix"])
            targets = targets * (1 - recipe["labelSmoothing"]) + recipe["labelSmoothing"] / 100
            for group in optimizer.param_groups:
                group["lr"] = learning_rate(step, steps, recipe["warmUpEpochs"] * per_epoch, recipe)
            with torch.autocast("cpu", dtype=torch.bfloat16, enabled=dtype == "bf16"):
                logits = model(images)
            loss = -(targets * logits.float().log_softmax(1)).sum(1).mean()
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), recipe["gradientClip"])
            optimizer.step()
            total += loss.item() * len(index)
            step += 1
        print(f"peer seed {seed} epoch {epoch + 1}: loss {total / len(pixels):.4f}, {time.time() - started:.0f} s", file=sys.stderr, flush=True)
    return accuracy(model, folder)


def accuracy(model, folder):
    pixels, labels = read(f"{folder}/test.bin")
    model.eval()
    with torch.inference_mode():
        hits = sum(int((model(normalise(p)).argmax(1) == y).sum()) for p, y in zip(pixels.split(250), labels.split(250)))
    return 100 * hits / len(labels)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder")
    parser.add_argument("--recipe", required=True, help="JSON")
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--dtype", choices=["fp32", "bf16"], default="bf16")
    parser.add_argument("--threads", type=int, default=1)
    given = parser.parse_args()
    torch.set_num_threads(given.threads)
    started = time.time()
    top1 = train(given.folder, json.loads(given.recipe), given.seed, given.dtype)
    print(json.dumps({"seed": given.seed, "top1": top1, "seconds": round(time.time() - started, 1)}))


main()
