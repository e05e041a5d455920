"""The steps that a PyTorch script makes with this project's recipe: AdamW in two groups, warm-up and cosine, smoothing, clipping."""
import math

import torch
from torch.nn import functional as F

from counter_random import order


def groups(model, decay):
    """Weight matrices, which are decayed, and everything else."""
    exempt = ("token", "pos_embed", "relative_position_bias_table")
    whole = [p for n, p in model.named_parameters() if p.ndim > 1 and not any(e in n for e in exempt)]
    ids = {id(p) for p in whole}
    return [{"params": whole, "weight_decay": decay}, {"params": [p for p in model.parameters() if id(p) not in ids], "weight_decay": 0}]


def learning_rate(step, steps, warm_up, recipe):
    peak, first, last = recipe["learningRate"], recipe["warmUpLearningRate"], recipe["minLearningRate"]
    if step < warm_up:
        return first + (peak - first) * step / warm_up
    return last + 0.5 * (peak - last) * (1 + math.cos(math.pi * (step - warm_up) / (steps - warm_up)))


def make_step(model, optimizer, images, labels, recipe, half=False):
    with torch.autocast("cpu", dtype=torch.bfloat16, enabled=half):
        logits = model(images)
    loss = F.cross_entropy(logits.float(), labels, label_smoothing=recipe["labelSmoothing"])
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    torch.nn.utils.clip_grad_norm_(model.parameters(), recipe["gradientClip"])
    optimizer.step()
    return loss.item()


def first_losses(model, images, labels, recipe, seed, count):
    """Losses of the first steps without augmentation, in this project's order."""
    model.train()
    optimizer = torch.optim.AdamW(groups(model, recipe["weightDecay"]), recipe["learningRate"])
    per_epoch = math.ceil(len(images) / recipe["batchSize"])
    losses, epoch = [], 0
    while len(losses) < count:
        for index in torch.tensor(order(len(images), seed, epoch)).split(recipe["batchSize"]):
            for group in optimizer.param_groups:
                group["lr"] = learning_rate(len(losses), recipe["epochs"] * per_epoch, round(recipe["warmUpEpochs"] * per_epoch), recipe)
            losses.append(make_step(model, optimizer, images[index], labels[index], recipe))
            if len(losses) == count:
                break
        epoch += 1
    return losses
