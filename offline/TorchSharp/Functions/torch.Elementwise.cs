using System;
using System.Collections.Generic;

namespace TorchSharp;

public static partial class torch
{
    public static Tensor abs(Tensor input) => Aten.abs.Call(input);
    public static Tensor absolute(Tensor input) => Aten.absolute.Call(input);
    public static Tensor acos(Tensor input) => Aten.acos.Call(input);
    public static Tensor acosh(Tensor input) => Aten.acosh.Call(input);
    public static Tensor asin(Tensor input) => Aten.asin.Call(input);
    public static Tensor asinh(Tensor input) => Aten.asinh.Call(input);
    public static Tensor atan(Tensor input) => Aten.atan.Call(input);
    public static Tensor atanh(Tensor input) => Aten.atanh.Call(input);
    public static Tensor ceil(Tensor input) => Aten.ceil.Call(input);
    public static Tensor cos(Tensor input) => Aten.cos.Call(input);
    public static Tensor cosh(Tensor input) => Aten.cosh.Call(input);
    public static Tensor digamma(Tensor input) => Aten.digamma.Call(input);
    public static Tensor erf(Tensor input) => Aten.erf.Call(input);
    public static Tensor erfc(Tensor input) => Aten.erfc.Call(input);
    public static Tensor erfinv(Tensor input) => Aten.erfinv.Call(input);
    public static Tensor exp(Tensor input) => Aten.exp.Call(input);
    public static Tensor exp2(Tensor input) => Aten.exp2.Call(input);
    public static Tensor expm1(Tensor input) => Aten.expm1.Call(input);
    public static Tensor floor(Tensor input) => Aten.floor.Call(input);
    public static Tensor frac(Tensor input) => Aten.frac.Call(input);
    public static Tensor lgamma(Tensor input) => Aten.lgamma.Call(input);
    public static Tensor log(Tensor input) => Aten.log.Call(input);
    public static Tensor log10(Tensor input) => Aten.log10.Call(input);
    public static Tensor log1p(Tensor input) => Aten.log1p.Call(input);
    public static Tensor log2(Tensor input) => Aten.log2.Call(input);
    public static Tensor neg(Tensor input) => Aten.neg.Call(input);
    public static Tensor negative(Tensor input) => Aten.negative.Call(input);
    public static Tensor positive(Tensor input) => Aten.positive.Call(input);
    public static Tensor reciprocal(Tensor input) => Aten.reciprocal.Call(input);
    public static Tensor rsqrt(Tensor input) => Aten.rsqrt.Call(input);
    public static Tensor sigmoid(Tensor input) => Aten.sigmoid.Call(input);
    public static Tensor sign(Tensor input) => Aten.sign.Call(input);
    public static Tensor sgn(Tensor input) => Aten.sgn.Call(input);
    public static Tensor sin(Tensor input) => Aten.sin.Call(input);
    public static Tensor sinh(Tensor input) => Aten.sinh.Call(input);
    public static Tensor sinc(Tensor input) => Aten.sinc.Call(input);
    public static Tensor sqrt(Tensor input) => Aten.sqrt.Call(input);
    public static Tensor square(Tensor input) => Aten.square.Call(input);
    public static Tensor tan(Tensor input) => Aten.tan.Call(input);
    public static Tensor tanh(Tensor input) => Aten.tanh.Call(input);
    public static Tensor trunc(Tensor input) => Aten.trunc.Call(input);
    public static Tensor fix(Tensor input) => Aten.fix.Call(input);
    public static Tensor isfinite(Tensor tensor) => Aten.isfinite.Call(tensor);
    public static Tensor isinf(Tensor tensor) => Aten.isinf.Call(tensor);
    public static Tensor isnan(Tensor input) => Aten.isnan.Call(input);
    public static Tensor isneginf(Tensor tensor) => Aten.isneginf.Call(tensor);
    public static Tensor isposinf(Tensor tensor) => Aten.isposinf.Call(tensor);
    public static Tensor signbit(Tensor input) => Aten.signbit.Call(input);
    public static Tensor logical_not(Tensor input) => Aten.logical_not.Call(input);
    public static Tensor bitwise_not(Tensor input) => Aten.bitwise_not.Call(input);
    public static Tensor nan_to_num(Tensor input, double nan = 0, double? posinf = null, double? neginf = null) =>
        Aten.nan_to_num.Call(input, nan, posinf, neginf);
    public static Tensor logit(Tensor input, double? eps = null) => Aten.logit.Call(input, eps);
    public static Tensor deg2rad(Tensor input) => Aten.deg2rad.Call(input);
    public static Tensor rad2deg(Tensor input) => Aten.rad2deg.Call(input);
    public static Tensor round(Tensor input, long decimals = 0) =>
        decimals == 0 ? Aten.round.Call(input) : Aten.round_decimals.Call(input, decimals);
    public static Tensor angle(Tensor input) => Aten.angle.Call(input);
    public static Tensor i0(Tensor input) => Aten.i0.Call(input);
}
