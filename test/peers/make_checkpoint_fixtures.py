#!/usr/bin/env python3
"""Writes the checkpoint fixtures of test/MLNet.ViTPruning.Core.Tests/Fixtures/checkpoints.

Needs python3-torch and python3-torchvision (Debian). Small files that PyTorch itself wrote, with the values that the tests
expect given by formulas, and two small random torchvision models with an input and their logits.
"""
import argparse
import collections
import os
import pathlib
import pickle
import zipfile

import numpy as np
import torch
from torch import nn
from torchvision.models.swin_transformer import SwinTransformer
from torchvision.models.vision_transformer import VisionTransformer

OUT = pathlib.Path(__file__).resolve().parent.parent / "MLNet.ViTPruning.Core.Tests/Fixtures/checkpoints"


def state_dict():
    """Every type, and the layouts a state dict can have: views, transposed, shared storage, scalar, empty."""
    base = torch.arange(24, dtype=torch.float32)
    return collections.OrderedDict(
        float32=base.reshape(2, 3, 4).clone(),
        float16=(base[:6] / 4).half(),
        bfloat16=(base[:6] / 4).bfloat16(),
        float64=base[:4].double() / 3,
        int64=torch.tensor([-(2 ** 40), 0, 2 ** 40]),
        int32=torch.tensor([-7, 7], dtype=torch.int32),
        uint8=torch.tensor([0, 255], dtype=torch.uint8),
        boolean=torch.tensor([True, False, True]),
        transposed=base[:6].clone().reshape(2, 3).t(),
        every_second=base.clone()[1:20:2],
        tail=base[20:],
        scalar=torch.tensor(1.5),
        empty=torch.zeros(0, 3),
        parameter=nn.Parameter(torch.tensor([1.0, -1.0])),
    )


class RunsAProgram:
    def __reduce__(self):
        return os.system, ("touch /tmp/vitpruning-fixture-was-run",)


def rezip(source, target, compression):
    with zipfile.ZipFile(source) as a, zipfile.ZipFile(target, "w", compression) as b:
        for name in a.namelist():
            b.writestr(zipfile.ZipInfo(name), a.read(name), compression)


def model(name, net, side):
    net.eval()
    generator = torch.Generator().manual_seed(7)
    with torch.no_grad():
        for p in net.parameters():
            p.copy_(torch.randn(p.shape, generator=generator) * 0.2 + (1 if p.dim() == 1 else 0))
        pixels = torch.randn(2, 3, side, side, generator=generator)
        logits = net(pixels)
    torch.save(net.state_dict(), OUT / f"{name}.pth")
    torch.save({"input": pixels, "logits": logits}, OUT / f"{name}_logits.pth")


def main():
    OUT.mkdir(parents=True, exist_ok=True)
    sd = state_dict()
    torch.save(sd, OUT / "state_dict.pth")
    torch.save(sd, OUT / "legacy.pth", _use_new_zipfile_serialization=False)
    rezip(OUT / "state_dict.pth", OUT / "compressed.pth", zipfile.ZIP_DEFLATED)
    linear = nn.Linear(3, 2)
    with torch.no_grad():
        linear.weight.copy_(torch.arange(6.0).reshape(2, 3))
        linear.bias.copy_(torch.tensor([1.0, 2.0]))
    torch.save(linear.state_dict(), OUT / "linear.pth")  # its OrderedDict carries _metadata
    prefixed = {f"module.{k}": v for k, v in linear.state_dict().items()}
    torch.save({"model": prefixed, "optimizer": {"lr": 0.1, "state": [1, None]}, "epoch": 3}, OUT / "wrapped.pth")
    torch.save({"model": linear.state_dict(), "args": argparse.Namespace(lr=0.1)}, OUT / "namespace.pth")
    torch.save({"weight": torch.ones(1), "payload": RunsAProgram()}, OUT / "malicious.pth")
    torch.save(linear, OUT / "whole_module.pth")
    for protocol in (2, 4):
        value = {"data": np.arange(12, dtype=np.uint8).reshape(2, 6), "fine_labels": [3, 99], b"name": "x", "big": 2 ** 70, "pi": 3.5, "f": np.asfortranarray(np.arange(6, dtype="<f4").reshape(2, 3))}
        (OUT / f"numpy_protocol{protocol}.pickle").write_bytes(pickle.dumps(value, protocol))

    torch.manual_seed(0)
    model("torchvision_vit", VisionTransformer(image_size=16, patch_size=8, num_layers=2, num_heads=2, hidden_dim=8, mlp_dim=12, num_classes=5), 16)
    model("torchvision_swin", SwinTransformer(patch_size=[2, 2], embed_dim=8, depths=[2, 2], num_heads=[1, 2], window_size=[4, 4], mlp_ratio=2.0, num_classes=5), 16)
    (OUT / "README.txt").write_text(
        f"Made by test/peers/make_checkpoint_fixtures.py with PyTorch {torch.__version__} (Debian's python3-torch).\n"
        "malicious.pth names posix.system, as a hostile file would; reading it must refuse, and run nothing.\n"
        "pvt_v2*.pth are made by test/peers/make_pvt_fixtures.py.\n")


main()
