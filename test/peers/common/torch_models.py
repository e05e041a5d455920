"""What a PyTorch user would run: torchvision's models and a plain ViT in timm's style, all from timm's keys."""
import re

import torch
import torchvision
from torch import nn
from torch.nn import functional as F


class PlainBlock(nn.Module):
    def __init__(self, dim, heads):
        super().__init__()
        self.heads = heads
        self.norm1, self.norm2 = nn.LayerNorm(dim, eps=1e-6), nn.LayerNorm(dim, eps=1e-6)
        self.attn = nn.ModuleDict({"qkv": nn.Linear(dim, 3 * dim), "proj": nn.Linear(dim, dim)})
        self.mlp = nn.ModuleDict({"fc1": nn.Linear(dim, 4 * dim), "fc2": nn.Linear(4 * dim, dim)})

    def forward(self, x):
        b, n, c = x.shape
        q, k, v = self.attn["qkv"](self.norm1(x)).reshape(b, n, 3, self.heads, c // self.heads).permute(2, 0, 3, 1, 4).unbind(0)
        weights = ((q * (c // self.heads) ** -0.5) @ k.transpose(-2, -1)).softmax(dim=-1)
        x = x + self.attn["proj"]((weights @ v).transpose(1, 2).reshape(b, n, c))
        return x + self.mlp["fc2"](F.gelu(self.mlp["fc1"](self.norm2(x))))


class PlainViT(nn.Module):
    def __init__(self, dim=192, heads=3, depth=12, patch=16, image=224, classes=1000):
        super().__init__()
        self.patch_embed = nn.ModuleDict({"proj": nn.Conv2d(3, dim, patch, patch)})
        self.cls_token = nn.Parameter(torch.zeros(1, 1, dim))
        self.pos_embed = nn.Parameter(torch.zeros(1, (image // patch) ** 2 + 1, dim))
        self.blocks = nn.ModuleList(PlainBlock(dim, heads) for _ in range(depth))
        self.norm, self.head = nn.LayerNorm(dim, eps=1e-6), nn.Linear(dim, classes)

    def forward(self, x):
        x = self.patch_embed["proj"](x).flatten(2).transpose(1, 2)
        x = torch.cat([self.cls_token.expand(len(x), -1, -1), x], 1) + self.pos_embed
        for block in self.blocks:
            x = block(x)
        return self.head(self.norm(x)[:, 0])


VIT_KEYS = [
    (r"^cls_token$", "class_token"), (r"^pos_embed$", "encoder.pos_embedding"), (r"^patch_embed\.proj\.", "conv_proj."),
    (r"^norm\.", "encoder.ln."), (r"^head\.", "heads.head."), (r"^blocks\.(\d+)\.", r"encoder.layers.encoder_layer_\1."),
    (r"\.norm(\d)\.", r".ln_\1."), (r"\.attn\.qkv\.", ".self_attention.in_proj_"), (r"\.attn\.proj\.", ".self_attention.out_proj."),
    (r"\.mlp\.fc1\.", ".mlp.0."), (r"\.mlp\.fc2\.", ".mlp.3."),
]
# torchvision numbers patch embedding 0, stage s 2s + 1, and the merging in front of it 2s.
SWIN_KEYS = [
    (r"^patch_embed\.proj\.", "features.0.0."), (r"^patch_embed\.norm\.", "features.0.2."), (r"^head\.fc\.", "head."),
    (r"^layers\.(\d)\.downsample\.", lambda m: f"features.{2 * int(m[1])}."),
    (r"^layers\.(\d)\.blocks\.(\d+)\.", lambda m: f"features.{2 * int(m[1]) + 1}.{m[2]}."),
    (r"\.mlp\.fc1\.", ".mlp.0."), (r"\.mlp\.fc2\.", ".mlp.3."),
]


def swin_keys(depths):
    """timm's names of a Swin's parameters."""
    pairs = lambda *names: [f"{name}.{part}" for name in names for part in ("weight", "bias")]  # noqa: E731
    keys = pairs("patch_embed.proj", "patch_embed.norm", "norm", "head.fc")
    for stage, depth in enumerate(depths):
        if stage > 0:
            keys += [f"layers.{stage}.downsample.reduction.weight"] + pairs(f"layers.{stage}.downsample.norm")
        for block in range(depth):
            name = f"layers.{stage}.blocks.{block}"
            keys += pairs(*(f"{name}.{part}" for part in ("norm1", "norm2", "attn.qkv", "attn.proj", "mlp.fc1", "mlp.fc2")))
            keys.append(f"{name}.attn.relative_position_bias_table")
    return keys


def renamed(weights, rules):
    result = {}
    for name, value in weights.items():
        for pattern, target in rules:
            name = re.sub(pattern, target, name)
        result[name] = value
    return result


def vit(image, patch, depth, heads, dim, classes):
    return {
        "torchvision": (torchvision.models.VisionTransformer(image, patch, depth, heads, dim, 4 * dim, num_classes=classes), VIT_KEYS),
        "plain": (PlainViT(dim, heads, depth, patch, image, classes), []),
    }


def swin(patch, dim, depths, heads, window, classes):
    model = torchvision.models.SwinTransformer([patch] * 2, dim, depths, heads, [window] * 2, stochastic_depth_prob=0, num_classes=classes)
    return {"torchvision": (model, SWIN_KEYS)}


# Presets and the models that compute them; the small ones are the training fixtures'.
ARCHITECTURES = {
    "vit_tiny_patch16_224": lambda: vit(224, 16, 12, 3, 192, 1000),
    "vit_patch4_32": lambda: vit(32, 4, 6, 3, 192, 100),
    "swin_tiny_patch4_window7_224": lambda: swin(4, 96, [2, 2, 6, 2], [3, 6, 12, 24], 7, 1000),
    "swin_patch2_window4_32": lambda: swin(2, 64, [2, 2, 6], [2, 4, 8], 4, 100),
    "small vit": lambda: vit(16, 4, 3, 2, 32, 10),
    "small swin": lambda: swin(2, 16, [2, 2], [2, 4], 2, 10),
}


def load(model, rules, weights):
    weights = renamed(weights, rules)
    if rules is SWIN_KEYS:
        weights = {name: value for name, value in weights.items() if "relative_position_index" not in name}
    missing, unexpected = model.load_state_dict(weights, strict=False)
    assert not unexpected and all(name.endswith("relative_position_index") for name in missing), (missing, unexpected)


def build(architecture, weights):
    """{name: model in evaluation mode} of everything that computes this architecture, from {timm's key: array}."""
    if architecture not in ARCHITECTURES:
        raise ValueError(f"no peer for {architecture}")
    weights = {name: torch.from_numpy(value) for name, value in weights.items()}
    models = ARCHITECTURES[architecture]()
    for model, rules in models.values():
        load(model, rules, weights)
    return {name: model.eval() for name, (model, _) in models.items()}
