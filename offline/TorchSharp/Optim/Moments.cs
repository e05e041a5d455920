using System;
using static TorchSharp.torch;

namespace TorchSharp.Modules;

/// <summary>The step that Adam and AdamW share, on whole lists of tensors at a time.</summary>
internal static class Moments
{
    internal static void Validate(double lr, double beta1, double beta2, double eps, double decay)
    {
        if (lr < 0) throw new ArgumentException($"Invalid learning rate: {lr}");
        if (beta1 is < 0 or >= 1) throw new ArgumentException($"Invalid beta1 value: {beta1}");
        if (beta2 is < 0 or >= 1) throw new ArgumentException($"Invalid beta2 value: {beta2}");
        if (eps < 0) throw new ArgumentException($"Invalid eps value: {eps}");
        if (decay < 0) throw new ArgumentException($"Invalid weight_decay value: {decay}");
    }

    internal static void Step(bool decoupled, double lr, double beta1, double beta2, double eps, double decay, bool maximize, long step,
        Tensor[] parameters, Tensor[] gradients, Tensor[] averages, Tensor[] squares, Tensor[] maxima)
    {
        if (parameters.Length == 0) return;
        if (maximize) gradients = Aten._foreach_neg.CallList(gradients);
        if (decay != 0 && decoupled) Aten._foreach_mul__Scalar.Run(parameters, 1 - lr * decay);
        if (decay != 0 && !decoupled) gradients = Aten._foreach_add_List.CallList(gradients, parameters, decay);

        Aten._foreach_mul__Scalar.Run(averages, beta1);
        Aten._foreach_add__List.Run(averages, gradients, 1 - beta1);
        Aten._foreach_mul__Scalar.Run(squares, beta2);
        Aten._foreach_addcmul__Scalar.Run(squares, gradients, gradients, 1 - beta2);
        if (maxima is not null)
            for (var i = 0; i < maxima.Length; i++) maxima[i].copy_(torch.maximum(maxima[i], squares[i]));

        var denominators = Aten._foreach_sqrt.CallList(maxima ?? squares);
        Aten._foreach_div__Scalar.Run(denominators, Math.Sqrt(1 - Math.Pow(beta2, step)));
        Aten._foreach_add__Scalar.Run(denominators, eps);
        Aten._foreach_addcdiv__Scalar.Run(parameters, averages, denominators, -lr / (1 - Math.Pow(beta1, step)));
    }
}
