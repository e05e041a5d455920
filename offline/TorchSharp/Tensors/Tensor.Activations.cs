using System;
using System.Collections.Generic;

namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        public Tensor relu() => Aten.relu.Call(this);
        public Tensor relu6() => Aten.relu6.Call(this);
        public Tensor gelu() => Aten.gelu.Call(this);
        public Tensor gelu(Modules.GELU.Approximate approximate) => Aten.gelu.Call(this, Named(approximate));
        public Tensor silu() => Aten.silu.Call(this);
        public Tensor elu(double alpha = 1) => Aten.elu.Call(this, alpha);
        public Tensor elu(Scalar alpha, Scalar scale, Scalar input_scale) => Aten.elu.Call(this, alpha, scale, input_scale);
        public Tensor leaky_relu(Scalar negative_slope) => Aten.leaky_relu.Call(this, negative_slope);
        public Tensor hardtanh(Scalar min, Scalar max) => Aten.hardtanh.Call(this, min, max);
        public Tensor hardswish() => Aten.hardswish.Call(this);
        public Tensor hardsigmoid() => Aten.hardsigmoid.Call(this);
        public Tensor selu() => Aten.selu.Call(this);
        public Tensor celu() => Aten.celu.Call(this);
        public Tensor celu(Scalar alpha) => Aten.celu.Call(this, alpha);
        public Tensor threshold(Scalar threshold, Scalar value) => Aten.threshold.Call(this, threshold, value);
        public Tensor relu_() { Aten.relu_.Run(this); return this; }
        public Tensor relu6_() { Aten.relu6_.Run(this); return this; }
        public Tensor gelu_() { Aten.gelu_.Run(this); return this; }
        public Tensor gelu_(Modules.GELU.Approximate approximate) { Aten.gelu_.Run(this, Named(approximate)); return this; }
        public Tensor silu_() { Aten.silu_.Run(this); return this; }
        public Tensor elu_(double alpha = 1) { Aten.elu_.Run(this, alpha); return this; }
        public Tensor elu_(Scalar alpha, Scalar scale, Scalar input_scale) { Aten.elu_.Run(this, alpha, scale, input_scale); return this; }
        public Tensor leaky_relu_(Scalar negative_slope) { Aten.leaky_relu_.Run(this, negative_slope); return this; }
        public Tensor hardtanh_(Scalar min, Scalar max) { Aten.hardtanh_.Run(this, min, max); return this; }
        public Tensor hardswish_() { Aten.hardswish_.Run(this); return this; }
        public Tensor hardsigmoid_() { Aten.hardsigmoid_.Run(this); return this; }
        public Tensor selu_() { Aten.selu_.Run(this); return this; }
        public Tensor celu_() { Aten.celu_.Run(this); return this; }
        public Tensor celu_(Scalar alpha) { Aten.celu_.Run(this, alpha); return this; }
        public Tensor threshold_(Scalar threshold, Scalar value) { Aten.threshold_.Run(this, threshold, value); return this; }
        public Tensor softmax(long dim, ScalarType? dtype = null) => Aten.softmax_int.Call(this, dim, dtype);
        public Tensor log_softmax(long dim, ScalarType? dtype = null) => Aten.log_softmax_int.Call(this, dim, dtype);
        public Tensor softplus(double beta = 1, double threshold = 20) => Aten.softplus.Call(this, beta, threshold);
        public Tensor prelu(Tensor target) => Aten.prelu.Call(this, target);
        public Tensor glu(long dim = -1) => Aten.glu.Call(this, dim);
        public Tensor log_sigmoid() => Aten.log_sigmoid.Call(this);
    }
}
