#!/usr/bin/env python3
"""Writes pvt_v2*.pth of test/MLNet.ViTPruning.Core.Tests/Fixtures/checkpoints.

Needs python3-torch (Debian). A small random PVTv2, computed here in plain functions from the paper (arXiv:2106.13797), with an input
and its logits: once under timm's names, once under the authors'. The tests also call forward() on the weights of the presets.
"""
import pathlib

import torch
from torch.nn import functional as F

OUT = pathlib.Path(__file__).resolve().parent.parent / "MLNet.ViTPruning.Core.Tests/Fixtures/checkpoints"

SIDE, STRIDE, CLASSES = 32, 4, 5
WIDTHS, DEPTHS, HEADS, HIDDEN, RATIOS = [4, 8, 6], [2, 1, 1], [1, 2, 2], [12, 16, 10], [4, 2, 1]
NORM_EPS = 1e-3  # of blocks and stages; unusually large, so that a norm with the wrong one shows
CONV_EPS = 1e-5  # of the norms behind convolutions


def draw():
    """Random weights under timm's names."""
    generator = torch.Generator().manual_seed(11)
    weights = {}

    def add(name, *shape):
        weights[name + ".weight"] = torch.randn(shape, generator=generator) * 0.3 + (1 if len(shape) == 1 else 0)
        weights[name + ".bias"] = torch.randn(shape[0], generator=generator) * 0.3

    for s, width in enumerate(WIDTHS):
        opening = "patch_embed" if s == 0 else f"stages.{s}.downsample"
        kernel = 2 * STRIDE - 1 if s == 0 else 3
        add(opening + ".proj", width, 3 if s == 0 else WIDTHS[s - 1], kernel, kernel)
        add(opening + ".norm", width)
        for i in range(DEPTHS[s]):
            block = f"stages.{s}.blocks.{i}."
            add(block + "norm1", width)
            add(block + "attn.q", width, width)
            add(block + "attn.kv", 2 * width, width)
            add(block + "attn.proj", width, width)
            if RATIOS[s] > 1:
                add(block + "attn.sr", width, width, RATIOS[s], RATIOS[s])
                add(block + "attn.norm", width)
            add(block + "norm2", width)
            add(block + "mlp.fc1", HIDDEN[s], width)
            add(block + "mlp.dwconv", HIDDEN[s], 1, 3, 3)
            add(block + "mlp.fc2", width, HIDDEN[s])
        add(f"stages.{s}.norm", width)
    add("head", CLASSES, WIDTHS[-1])
    return weights


def forward(w, x, all_heads, norm_eps):
    """Logits of images x; widths, depths, kernels and reduction ratios are those of the weights, whose names are timm's."""
    depths = {}
    for name in w:
        if name.endswith("norm1.weight"):
            depths[int(name.split(".")[1])] = int(name.split(".")[3]) + 1

    def linear(name, t):
        return F.linear(t, w[name + ".weight"], w[name + ".bias"])

    def norm(name, t, eps):
        return F.layer_norm(t, t.shape[-1:], w[name + ".weight"], w[name + ".bias"], eps)

    def conv(name, t, stride, padding, groups=1):
        return F.conv2d(t, w[name + ".weight"], w[name + ".bias"], stride, padding, groups=groups)

    def attention(name, t, heads, h):
        b, n, c = t.shape
        seen = t
        if name + "sr.weight" in w:
            ratio = w[name + "sr.weight"].shape[-1]
            seen = conv(name + "sr", t.transpose(1, 2).reshape(b, c, h, h), ratio, 0).flatten(2).transpose(1, 2)
            seen = norm(name + "norm", seen, CONV_EPS)
        q = linear(name + "q", t)
        k, v = linear(name + "kv", seen).split(c, -1)
        d = c // heads
        mixed = []
        for head in range(heads):
            part = slice(head * d, (head + 1) * d)
            scores = q[..., part] @ k[..., part].transpose(1, 2) * d ** -0.5
            mixed.append(scores.softmax(-1) @ v[..., part])
        return linear(name + "proj", torch.cat(mixed, -1))

    def mlp(name, t, h):
        hidden = linear(name + "fc1", t)
        b, n, m = hidden.shape
        hidden = conv(name + "dwconv", hidden.transpose(1, 2).reshape(b, m, h, h), 1, 1, groups=m).flatten(2).transpose(1, 2)
        return linear(name + "fc2", F.gelu(hidden))

    for s, heads in enumerate(all_heads):
        opening = "patch_embed" if s == 0 else f"stages.{s}.downsample"
        stride = (w[opening + ".proj.weight"].shape[-1] + 1) // 2
        x = conv(opening + ".proj", x, stride, stride - 1)
        h = x.shape[-1]
        t = norm(opening + ".norm", x.flatten(2).transpose(1, 2), CONV_EPS)
        for i in range(depths[s]):
            block = f"stages.{s}.blocks.{i}."
            t = t + attention(block + "attn.", norm(block + "norm1", t, norm_eps), heads, h)
            t = t + mlp(block + "mlp.", norm(block + "norm2", t, norm_eps), h)
        t = norm(f"stages.{s}.norm", t, norm_eps)
        x = t.transpose(1, 2).reshape(t.shape[0], -1, h, h)
    return linear("head", t.mean(1))


def authors(name):
    """The name in the authors' numbering, which counts stages from 1 and has the convolution one level deeper."""
    if name.startswith("patch_embed."):
        return name.replace("patch_embed.", "patch_embed1.")
    if not name.startswith("stages."):
        return name
    _, stage, rest = name.split(".", 2)
    stage = int(stage) + 1
    if rest.startswith("downsample."):
        return rest.replace("downsample.", f"patch_embed{stage}.")
    if rest.startswith("norm."):
        return rest.replace("norm.", f"norm{stage}.")
    return rest.replace("blocks.", f"block{stage}.").replace("mlp.dwconv.", "mlp.dwconv.dwconv.")


def main():
    weights = draw()
    pixels = torch.randn(2, 3, SIDE, SIDE, generator=torch.Generator().manual_seed(12))
    with torch.no_grad():
        logits = forward({name: weight.double() for name, weight in weights.items()}, pixels.double(), HEADS, NORM_EPS).float()
    torch.save(weights, OUT / "pvt_v2.pth")
    torch.save({authors(name): weight for name, weight in weights.items()}, OUT / "pvt_v2_authors.pth")
    torch.save({"input": pixels, "logits": logits}, OUT / "pvt_v2_logits.pth")


if __name__ == "__main__":
    main()
