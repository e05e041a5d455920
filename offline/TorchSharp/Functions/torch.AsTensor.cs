using System;
using System.Collections.Generic;

namespace TorchSharp;

public static partial class torch
{
    public static Tensor as_tensor(IList<bool> rawArray, ScalarType? dtype = null, Device device = null) =>
        Data.Of<bool>(Data.Span(rawArray), [rawArray.Count], dtype, device, false);

    public static Tensor as_tensor(bool[] rawArray, ScalarType? dtype = null, Device device = null) =>
        Data.Of<bool>(rawArray, [rawArray.Length], dtype, device, false);

    public static Tensor as_tensor(IList<byte> rawArray, ScalarType? dtype = null, Device device = null) =>
        Data.Of<byte>(Data.Span(rawArray), [rawArray.Count], dtype, device, false);

    public static Tensor as_tensor(byte[] rawArray, ScalarType? dtype = null, Device device = null) =>
        Data.Of<byte>(rawArray, [rawArray.Length], dtype, device, false);

    public static Tensor as_tensor(IList<sbyte> rawArray, ScalarType? dtype = null, Device device = null) =>
        Data.Of<sbyte>(Data.Span(rawArray), [rawArray.Count], dtype, device, false);

    public static Tensor as_tensor(sbyte[] rawArray, ScalarType? dtype = null, Device device = null) =>
        Data.Of<sbyte>(rawArray, [rawArray.Length], dtype, device, false);

    public static Tensor as_tensor(IList<short> rawArray, ScalarType? dtype = null, Device device = null) =>
        Data.Of<short>(Data.Span(rawArray), [rawArray.Count], dtype, device, false);

    public static Tensor as_tensor(short[] rawArray, ScalarType? dtype = null, Device device = null) =>
        Data.Of<short>(rawArray, [rawArray.Length], dtype, device, false);

    public static Tensor as_tensor(IList<int> rawArray, ScalarType? dtype = null, Device device = null) =>
        Data.Of<int>(Data.Span(rawArray), [rawArray.Count], dtype, device, false);

    public static Tensor as_tensor(int[] rawArray, ScalarType? dtype = null, Device device = null) =>
        Data.Of<int>(rawArray, [rawArray.Length], dtype, device, false);

    public static Tensor as_tensor(IList<long> rawArray, ScalarType? dtype = null, Device device = null) =>
        Data.Of<long>(Data.Span(rawArray), [rawArray.Count], dtype, device, false);

    public static Tensor as_tensor(long[] rawArray, ScalarType? dtype = null, Device device = null) =>
        Data.Of<long>(rawArray, [rawArray.Length], dtype, device, false);

    public static Tensor as_tensor(IList<float> rawArray, ScalarType? dtype = null, Device device = null) =>
        Data.Of<float>(Data.Span(rawArray), [rawArray.Count], dtype, device, false);

    public static Tensor as_tensor(float[] rawArray, ScalarType? dtype = null, Device device = null) =>
        Data.Of<float>(rawArray, [rawArray.Length], dtype, device, false);

    public static Tensor as_tensor(IList<double> rawArray, ScalarType? dtype = null, Device device = null) =>
        Data.Of<double>(Data.Span(rawArray), [rawArray.Count], dtype, device, false);

    public static Tensor as_tensor(double[] rawArray, ScalarType? dtype = null, Device device = null) =>
        Data.Of<double>(rawArray, [rawArray.Length], dtype, device, false);

    public static Tensor as_tensor(IList<BFloat16> rawArray, ScalarType? dtype = null, Device device = null) =>
        Data.Of<BFloat16>(Data.Span(rawArray), [rawArray.Count], dtype, device, false);

    public static Tensor as_tensor(BFloat16[] rawArray, ScalarType? dtype = null, Device device = null) =>
        Data.Of<BFloat16>(rawArray, [rawArray.Length], dtype, device, false);
}
