using System;
using System.Collections.Generic;

namespace TorchSharp;

public static partial class torch
{
    public static Tensor eq(Tensor left, Tensor right) => Aten.eq_Tensor.Call(left, right);
    public static Tensor ne(Tensor left, Tensor right) => Aten.ne_Tensor.Call(left, right);
    public static Tensor lt(Tensor left, Tensor right) => Aten.lt_Tensor.Call(left, right);
    public static Tensor le(Tensor left, Tensor right) => Aten.le_Tensor.Call(left, right);
    public static Tensor gt(Tensor left, Tensor right) => Aten.gt_Tensor.Call(left, right);
    public static Tensor ge(Tensor left, Tensor right) => Aten.ge_Tensor.Call(left, right);
    public static Tensor greater(Tensor tensor, Tensor target) => Aten.greater_Tensor.Call(tensor, target);
    public static Tensor greater_equal(Tensor tensor, Tensor target) => Aten.greater_equal_Tensor.Call(tensor, target);
    public static Tensor less(Tensor tensor, Tensor target) => Aten.less_Tensor.Call(tensor, target);
    public static Tensor less_equal(Tensor tensor, Tensor target) => Aten.less_equal_Tensor.Call(tensor, target);
    public static Tensor not_equal(Tensor tensor, Tensor target) => Aten.not_equal_Tensor.Call(tensor, target);
    public static Tensor isclose(Tensor tensor, Tensor other, double rtol = 1E-05, double atol = 1E-08, bool nanEqual = false) =>
        Aten.isclose.Call(tensor, other, rtol, atol, nanEqual);
}
