using System;
using System.Collections.Generic;

namespace TorchSharp;

public static partial class torch
{
    public static Tensor add(Tensor left, Tensor right) => Aten.add_Tensor.Call(left, right);
    public static Tensor add(Tensor left, Scalar right) => Aten.add_Tensor.Call(left, right);
    public static Tensor add(Tensor left, Tensor right, Scalar alpha) => Aten.add_Tensor.Call(left, right, alpha);
    public static Tensor add(Tensor left, Scalar right, Scalar alpha) => Aten.add_Tensor.Call(left, right, alpha);
    public static Tensor sub(Tensor left, Tensor right) => Aten.sub_Tensor.Call(left, right);
    public static Tensor sub(Tensor left, Scalar right) => Aten.sub_Tensor.Call(left, right);
    public static Tensor subtract(Tensor left, Tensor right) => Aten.subtract_Tensor.Call(left, right);
    public static Tensor subtract(Tensor left, Scalar right) => Aten.subtract_Scalar.Call(left, right);
    public static Tensor mul(Tensor left, Tensor right) => Aten.mul_Tensor.Call(left, right);
    public static Tensor mul(Tensor left, Scalar right) => Aten.mul_Tensor.Call(left, right);
    public static Tensor multiply(Tensor left, Tensor right) => Aten.multiply_Tensor.Call(left, right);
    public static Tensor multiply(Tensor left, Scalar right) => Aten.multiply_Scalar.Call(left, right);
    public static Tensor div(Tensor left, Tensor right, RoundingMode rounding_mode = RoundingMode.None) =>
        rounding_mode == RoundingMode.None ? Aten.div_Tensor.Call(left, right) : Aten.div_Tensor_mode.Call(left, right, Rounding(rounding_mode));
    public static Tensor div(Tensor left, Scalar right, RoundingMode rounding_mode = RoundingMode.None) =>
        rounding_mode == RoundingMode.None ? Aten.div_Tensor.Call(left, right) : Aten.div_Scalar_mode.Call(left, right, Rounding(rounding_mode));
    public static Tensor divide(Tensor left, Tensor right, RoundingMode rounding_mode = RoundingMode.None) =>
        rounding_mode == RoundingMode.None ? Aten.div_Tensor.Call(left, right) : Aten.div_Tensor_mode.Call(left, right, Rounding(rounding_mode));
    public static Tensor divide(Tensor left, Scalar right, RoundingMode rounding_mode = RoundingMode.None) =>
        rounding_mode == RoundingMode.None ? Aten.div_Tensor.Call(left, right) : Aten.div_Scalar_mode.Call(left, right, Rounding(rounding_mode));
    public static Tensor true_divide(Tensor dividend, Tensor divisor) => Aten.true_divide_Tensor.Call(dividend, divisor);
    public static Tensor floor_divide(Tensor input, Tensor other) => Aten.floor_divide.Call(input, other);
    public static Tensor pow(Tensor left, Tensor exponent) => Aten.pow_Tensor_Tensor.Call(left, exponent);
    public static Tensor pow(Tensor left, Scalar exponent) => Aten.pow_Tensor_Scalar.Call(left, exponent);
    public static Tensor remainder(Tensor left, Tensor right) => Aten.remainder_Tensor.Call(left, right);
    public static Tensor remainder(Tensor left, Scalar right) => Aten.remainder_Scalar.Call(left, right);
    public static Tensor fmod(Tensor left, Tensor right) => Aten.fmod_Tensor.Call(left, right);
    public static Tensor fmod(Tensor left, Scalar right) => Aten.fmod_Scalar.Call(left, right);
    public static Tensor addcdiv(Tensor input, Tensor tensor1, Tensor tensor2, Scalar value) =>
        Aten.addcdiv.Call(input, tensor1, tensor2, value);
    public static Tensor addcmul(Tensor input, Tensor tensor1, Tensor tensor2, Scalar value) =>
        Aten.addcmul.Call(input, tensor1, tensor2, value);
    public static Tensor lerp(Tensor input, Tensor end, Tensor weight) => Aten.lerp_Tensor.Call(input, end, weight);
    public static Tensor maximum(Tensor input, Tensor other) => Aten.maximum.Call(input, other);
    public static Tensor minimum(Tensor input, Tensor other) => Aten.minimum.Call(input, other);
    public static Tensor fmax(Tensor input, Tensor other) => Aten.fmax.Call(input, other);
    public static Tensor fmin(Tensor input, Tensor other) => Aten.fmin.Call(input, other);
    public static Tensor atan2(Tensor input, Tensor other) => Aten.atan2.Call(input, other);
    public static Tensor arctan2(Tensor input, Tensor other) => Aten.arctan2.Call(input, other);
    public static Tensor hypot(Tensor left, Tensor right) => Aten.hypot.Call(left, right);
    public static Tensor clamp(Tensor input, Scalar min = null, Scalar max = null) => Aten.clamp.Call(input, min, max);
    public static Tensor clamp(Tensor input, Tensor min = null, Tensor max = null) => Aten.clamp_Tensor.Call(input, min, max);
    public static Tensor clip(Tensor input, Scalar min = null, Scalar max = null) => Aten.clip.Call(input, min, max);
    public static Tensor clamp_min(Tensor input, Scalar min) => Aten.clamp_min.Call(input, min);
    public static Tensor clamp_max(Tensor input, Scalar max) => Aten.clamp_max.Call(input, max);
    public static Tensor logical_and(Tensor left, Tensor right) => Aten.logical_and.Call(left, right);
    public static Tensor logical_or(Tensor left, Tensor right) => Aten.logical_or.Call(left, right);
    public static Tensor logical_xor(Tensor left, Tensor right) => Aten.logical_xor.Call(left, right);
    public static Tensor bitwise_and(Tensor left, Tensor right) => Aten.bitwise_and_Tensor.Call(left, right);
    public static Tensor bitwise_or(Tensor left, Tensor right) => Aten.bitwise_or_Tensor.Call(left, right);
    public static Tensor bitwise_xor(Tensor left, Tensor right) => Aten.bitwise_xor_Tensor.Call(left, right);
    public static Tensor float_power(Tensor input, Tensor target) => Aten.float_power_Tensor_Tensor.Call(input, target);
    public static Tensor xlogy(Tensor x, Tensor y) => Aten.xlogy_Tensor.Call(x, y);
    public static Tensor xlogy(Tensor x, Scalar y) => Aten.xlogy_Scalar_Other.Call(x, y);
    public static Tensor logaddexp(Tensor left, Tensor right) => Aten.logaddexp.Call(left, right);
    public static Tensor logaddexp2(Tensor left, Tensor right) => Aten.logaddexp2.Call(left, right);
    public static Tensor copysign(Tensor input, Tensor other) => Aten.copysign_Tensor.Call(input, other);
    public static Tensor heaviside(Tensor input, Tensor values) => Aten.heaviside.Call(input, values);
    public static Tensor gcd(Tensor left, Tensor right) => Aten.gcd.Call(left, right);
    public static Tensor lcm(Tensor input, Tensor other) => Aten.lcm.Call(input, other);
    public static Tensor ldexp(Tensor input, Tensor other) => Aten.ldexp_Tensor.Call(input, other);
}
