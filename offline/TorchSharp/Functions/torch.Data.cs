using System;

namespace TorchSharp;

public static partial class torch
{
    private static ScalarType default_dtype = ScalarType.Float32;

    public static void set_default_dtype(ScalarType dtype) => default_dtype = dtype;
    public static ScalarType get_default_dtype() => default_dtype;

    public static Tensor from_array(Array rawArray, Device device = null) => Data.OfAnyArray(rawArray, null, device, false);

    public static Tensor from_array(Array rawArray, ScalarType? dtype, Device device = null, bool requires_grad = false) =>
        Data.OfAnyArray(rawArray, dtype, device, requires_grad);

    public static Tensor as_tensor(Array data, ScalarType? dtype = null, Device device = null) => Data.OfAnyArray(data, dtype, device, false);

    public static Tensor as_tensor(Tensor data, ScalarType? dtype = null, Device device = null) =>
        (dtype is null || dtype == data.dtype) && (device is null || device.Equals(data.device)) ? data.alias() : data.to(dtype ?? data.dtype, device ?? data.device);

    // What a filled tensor holds when no type is asked for: PyTorch's rule.
    private static ScalarType TypeOf(Scalar value) =>
        value.Type == ScalarType.Bool ? ScalarType.Bool : value.IsIntegral ? ScalarType.Int64 : default_dtype;

    private static (Tensor, Tensor) Cast((Tensor, Tensor) pair, ScalarType? type) => (pair.Item1.CastTo(type), pair.Item2.CastTo(type));

    private static string Rounding(RoundingMode mode) => mode == RoundingMode.trunc ? "trunc" : "floor";
}
