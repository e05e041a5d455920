using System;
using System.Collections.Generic;

namespace TorchSharp;

public static partial class torch
{
    public static Tensor bernoulli(Tensor input, Generator generator = null) => Aten.bernoulli.Call(input, generator);
    public static Tensor multinomial(Tensor input, long num_samples, bool replacement = false, Generator generator = null) =>
        Aten.multinomial.Call(input, num_samples, replacement, generator);
    public static Tensor poisson(Tensor input, Generator generator = null) => Aten.poisson.Call(input, generator);
    public static Tensor rand_like(Tensor input, ScalarType? dtype = null, Device device = null, bool requires_grad = false) =>
        Aten.rand_like.Call(input, dtype, Arg.Default, device).WithGrad(requires_grad);
    public static Tensor randn_like(Tensor input, ScalarType? dtype = null, Device device = null, bool requires_grad = false) =>
        Aten.randn_like.Call(input, dtype, Arg.Default, device).WithGrad(requires_grad);
    public static Tensor randint_like(Tensor input, long low, long high, ScalarType? dtype = null, Device device = null, bool requires_grad = false) =>
        Aten.randint_like_low_dtype.Call(input, low, high, dtype, Arg.Default, device).WithGrad(requires_grad);
    public static Tensor zeros_like(Tensor input, ScalarType? dtype = null, Device device = null, bool requires_grad = false) =>
        Aten.zeros_like.Call(input, dtype, Arg.Default, device).WithGrad(requires_grad);
    public static Tensor ones_like(Tensor input, ScalarType? dtype = null, Device device = null, bool requires_grad = false) =>
        Aten.ones_like.Call(input, dtype, Arg.Default, device).WithGrad(requires_grad);
    public static Tensor empty_like(Tensor input, ScalarType? dtype = null, Device device = null, bool requires_grad = false) =>
        Aten.empty_like.Call(input, dtype, Arg.Default, device).WithGrad(requires_grad);
    public static Tensor full_like(Tensor input, Scalar value, ScalarType? dtype = null, Device device = null, bool requires_grad = false) =>
        Aten.full_like.Call(input, value, dtype, Arg.Default, device).WithGrad(requires_grad);
}
