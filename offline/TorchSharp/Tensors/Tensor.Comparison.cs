using System;
using System.Collections.Generic;

namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        public Tensor eq(Tensor target) => Aten.eq_Tensor.Call(this, target);
        public Tensor eq(Scalar target) => Aten.eq_Tensor.Call(this, target);
        public Tensor ne(Tensor target) => Aten.ne_Tensor.Call(this, target);
        public Tensor ne(Scalar target) => Aten.ne_Tensor.Call(this, target);
        public Tensor lt(Tensor target) => Aten.lt_Tensor.Call(this, target);
        public Tensor lt(Scalar target) => Aten.lt_Tensor.Call(this, target);
        public Tensor le(Tensor target) => Aten.le_Tensor.Call(this, target);
        public Tensor le(Scalar target) => Aten.le_Tensor.Call(this, target);
        public Tensor gt(Tensor target) => Aten.gt_Tensor.Call(this, target);
        public Tensor gt(Scalar target) => Aten.gt_Tensor.Call(this, target);
        public Tensor ge(Tensor target) => Aten.ge_Tensor.Call(this, target);
        public Tensor ge(Scalar target) => Aten.ge_Tensor.Call(this, target);
        public Tensor greater(Tensor target) => Aten.greater_Tensor.Call(this, target);
        public Tensor greater_equal(Tensor target) => Aten.greater_equal_Tensor.Call(this, target);
        public Tensor less(Tensor target) => Aten.less_Tensor.Call(this, target);
        public Tensor less_equal(Tensor target) => Aten.less_equal_Tensor.Call(this, target);
        public Tensor not_equal(Tensor target) => Aten.not_equal_Tensor.Call(this, target);
        public Tensor isclose(Tensor other, double rtol = 1E-05, double atol = 1E-08, bool nanEqual = false) =>
            Aten.isclose.Call(this, other, rtol, atol, nanEqual);
        public Tensor eq_(Tensor target) { Aten.eq__Tensor.Run(this, target); return this; }
        public Tensor eq_(Scalar target) { Aten.eq__Tensor.Run(this, target); return this; }
        public Tensor ne_(Tensor target) { Aten.ne__Tensor.Run(this, target); return this; }
        public Tensor ne_(Scalar target) { Aten.ne__Tensor.Run(this, target); return this; }
        public Tensor lt_(Tensor target) { Aten.lt__Tensor.Run(this, target); return this; }
        public Tensor lt_(Scalar target) { Aten.lt__Tensor.Run(this, target); return this; }
        public Tensor le_(Tensor target) { Aten.le__Tensor.Run(this, target); return this; }
        public Tensor le_(Scalar target) { Aten.le__Tensor.Run(this, target); return this; }
        public Tensor gt_(Tensor target) { Aten.gt__Tensor.Run(this, target); return this; }
        public Tensor gt_(Scalar target) { Aten.gt__Tensor.Run(this, target); return this; }
        public Tensor ge_(Tensor target) { Aten.ge__Tensor.Run(this, target); return this; }
        public Tensor ge_(Scalar target) { Aten.ge__Tensor.Run(this, target); return this; }
        public Tensor less_equal_(Tensor target) { Aten.less_equal__Tensor.Run(this, target); return this; }
        public Tensor not_equal_(Tensor target) { Aten.not_equal__Tensor.Run(this, target); return this; }
    }
}
