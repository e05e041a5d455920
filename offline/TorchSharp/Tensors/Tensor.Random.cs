using System;
using System.Collections.Generic;

namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        public Tensor bernoulli(Generator generator = null) => Aten.bernoulli.Call(this, generator);
        public Tensor bernoulli_(double p = 0.5, Generator generator = null) { Aten.bernoulli__float.Run(this, p, generator); return this; }
        public Tensor bernoulli_(Tensor p, Generator generator = null) { Aten.bernoulli__Tensor.Run(this, p, generator); return this; }
        public Tensor multinomial(long num_samples, bool replacement = false, Generator generator = null) =>
            Aten.multinomial.Call(this, num_samples, replacement, generator);
        public Tensor normal_(double mean = 0, double std = 1, Generator generator = null)
        {
            Aten.normal_.Run(this, mean, std, generator);
            return this;
        }

        public Tensor uniform_(double from, double to, Generator generator = null)
        {
            Aten.uniform_.Run(this, from, to, generator);
            return this;
        }

        public Tensor exponential_(double lambda = 1, Generator generator = null)
        {
            Aten.exponential_.Run(this, lambda, generator);
            return this;
        }

        public Tensor log_normal_(double mean = 0, double std = 1, Generator generator = null)
        {
            Aten.log_normal_.Run(this, mean, std, generator);
            return this;
        }

        public Tensor cauchy_(double median = 0, double sigma = 1, Generator generator = null)
        {
            Aten.cauchy_.Run(this, median, sigma, generator);
            return this;
        }

        public Tensor geometric_(double p, Generator generator = null) { Aten.geometric_.Run(this, p, generator); return this; }
        public Tensor poisson(Generator generator = null) => Aten.poisson.Call(this, generator);
        public Tensor rand_like(ScalarType? dtype = null, Device device = null, bool requires_grad = false) =>
            Aten.rand_like.Call(this, dtype, Arg.Default, device).WithGrad(requires_grad);
        public Tensor randn_like(ScalarType? dtype = null, Device device = null, bool requires_grad = false) =>
            Aten.randn_like.Call(this, dtype, Arg.Default, device).WithGrad(requires_grad);
        public Tensor randint_like(long low, long high, ScalarType? dtype = null, Device device = null, bool requires_grad = false) =>
            Aten.randint_like_low_dtype.Call(this, low, high, dtype, Arg.Default, device).WithGrad(requires_grad);
        public Tensor zeros_like(ScalarType? dtype = null, Device device = null, bool requires_grad = false) =>
            Aten.zeros_like.Call(this, dtype, Arg.Default, device).WithGrad(requires_grad);
        public Tensor ones_like(ScalarType? dtype = null, Device device = null, bool requires_grad = false) =>
            Aten.ones_like.Call(this, dtype, Arg.Default, device).WithGrad(requires_grad);
        public Tensor empty_like(ScalarType? dtype = null, Device device = null, bool requires_grad = false) =>
            Aten.empty_like.Call(this, dtype, Arg.Default, device).WithGrad(requires_grad);
        public Tensor full_like(Scalar value, ScalarType? dtype = null, Device device = null, bool requires_grad = false) =>
            Aten.full_like.Call(this, value, dtype, Arg.Default, device).WithGrad(requires_grad);
    }
}
