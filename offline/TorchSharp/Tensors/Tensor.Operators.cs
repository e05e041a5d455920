using System;

namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        public static Tensor operator +(Tensor left, Tensor right) => Aten.add_Tensor.Call(left, right);
        public static Tensor operator +(Tensor left, Scalar right) => Aten.add_Tensor.Call(left, right);
        public static Tensor operator +(Tensor left, int right) => Aten.add_Tensor.Call(left, right);
        public static Tensor operator +(Tensor left, long right) => Aten.add_Tensor.Call(left, right);
        public static Tensor operator +(Tensor left, float right) => Aten.add_Tensor.Call(left, right);
        public static Tensor operator +(Tensor left, double right) => Aten.add_Tensor.Call(left, right);
        public static Tensor operator +(Scalar left, Tensor right) => Aten.add_Tensor.Call(right, left);
        public static Tensor operator +(int left, Tensor right) => Aten.add_Tensor.Call(right, left);
        public static Tensor operator +(long left, Tensor right) => Aten.add_Tensor.Call(right, left);
        public static Tensor operator +(float left, Tensor right) => Aten.add_Tensor.Call(right, left);
        public static Tensor operator +(double left, Tensor right) => Aten.add_Tensor.Call(right, left);

        public static Tensor operator -(Tensor left, Tensor right) => Aten.sub_Tensor.Call(left, right);
        public static Tensor operator -(Tensor left, Scalar right) => Aten.sub_Tensor.Call(left, right);
        public static Tensor operator -(Tensor left, int right) => Aten.sub_Tensor.Call(left, right);
        public static Tensor operator -(Tensor left, long right) => Aten.sub_Tensor.Call(left, right);
        public static Tensor operator -(Tensor left, float right) => Aten.sub_Tensor.Call(left, right);
        public static Tensor operator -(Tensor left, double right) => Aten.sub_Tensor.Call(left, right);
        public static Tensor operator -(Scalar left, Tensor right) => Aten.sub_Tensor.Call(left, right);
        public static Tensor operator -(int left, Tensor right) => Aten.sub_Tensor.Call(left, right);
        public static Tensor operator -(long left, Tensor right) => Aten.sub_Tensor.Call(left, right);
        public static Tensor operator -(float left, Tensor right) => Aten.sub_Tensor.Call(left, right);
        public static Tensor operator -(double left, Tensor right) => Aten.sub_Tensor.Call(left, right);

        public static Tensor operator *(Tensor left, Tensor right) => Aten.mul_Tensor.Call(left, right);
        public static Tensor operator *(Tensor left, Scalar right) => Aten.mul_Tensor.Call(left, right);
        public static Tensor operator *(Tensor left, int right) => Aten.mul_Tensor.Call(left, right);
        public static Tensor operator *(Tensor left, long right) => Aten.mul_Tensor.Call(left, right);
        public static Tensor operator *(Tensor left, float right) => Aten.mul_Tensor.Call(left, right);
        public static Tensor operator *(Tensor left, double right) => Aten.mul_Tensor.Call(left, right);
        public static Tensor operator *(Scalar left, Tensor right) => Aten.mul_Tensor.Call(right, left);
        public static Tensor operator *(int left, Tensor right) => Aten.mul_Tensor.Call(right, left);
        public static Tensor operator *(long left, Tensor right) => Aten.mul_Tensor.Call(right, left);
        public static Tensor operator *(float left, Tensor right) => Aten.mul_Tensor.Call(right, left);
        public static Tensor operator *(double left, Tensor right) => Aten.mul_Tensor.Call(right, left);

        public static Tensor operator /(Tensor left, Tensor right) => Aten.div_Tensor.Call(left, right);
        public static Tensor operator /(Tensor left, Scalar right) => Aten.div_Tensor.Call(left, right);
        public static Tensor operator /(Tensor left, int right) => Aten.div_Tensor.Call(left, right);
        public static Tensor operator /(Tensor left, long right) => Aten.div_Tensor.Call(left, right);
        public static Tensor operator /(Tensor left, float right) => Aten.div_Tensor.Call(left, right);
        public static Tensor operator /(Tensor left, double right) => Aten.div_Tensor.Call(left, right);
        public static Tensor operator /(Scalar left, Tensor right) => Quotient(left, right);
        public static Tensor operator /(int left, Tensor right) => Quotient(left, right);
        public static Tensor operator /(long left, Tensor right) => Quotient(left, right);
        public static Tensor operator /(float left, Tensor right) => Quotient(left, right);
        public static Tensor operator /(double left, Tensor right) => Quotient(left, right);

        public static Tensor operator %(Tensor left, Tensor right) => Aten.remainder_Tensor.Call(left, right);
        public static Tensor operator %(Tensor left, Scalar right) => Aten.remainder_Tensor.Call(left, right);
        public static Tensor operator %(Tensor left, int right) => Aten.remainder_Tensor.Call(left, right);
        public static Tensor operator %(Tensor left, long right) => Aten.remainder_Tensor.Call(left, right);
        public static Tensor operator %(Tensor left, float right) => Aten.remainder_Tensor.Call(left, right);
        public static Tensor operator %(Tensor left, double right) => Aten.remainder_Tensor.Call(left, right);

        public static Tensor operator ==(Tensor left, Tensor right) => Aten.eq_Tensor.Call(left, right);
        public static Tensor operator ==(Tensor left, Scalar right) => Aten.eq_Tensor.Call(left, right);
        public static Tensor operator ==(Scalar left, Tensor right) => Aten.eq_Tensor.Call(right, left);
        public static Tensor operator !=(Tensor left, Tensor right) => Aten.ne_Tensor.Call(left, right);
        public static Tensor operator !=(Tensor left, Scalar right) => Aten.ne_Tensor.Call(left, right);
        public static Tensor operator !=(Scalar left, Tensor right) => Aten.ne_Tensor.Call(right, left);
        public static Tensor operator <(Tensor left, Tensor right) => Aten.lt_Tensor.Call(left, right);
        public static Tensor operator <(Tensor left, Scalar right) => Aten.lt_Tensor.Call(left, right);
        public static Tensor operator <(Scalar left, Tensor right) => Aten.gt_Tensor.Call(right, left);
        public static Tensor operator >(Tensor left, Tensor right) => Aten.gt_Tensor.Call(left, right);
        public static Tensor operator >(Tensor left, Scalar right) => Aten.gt_Tensor.Call(left, right);
        public static Tensor operator >(Scalar left, Tensor right) => Aten.lt_Tensor.Call(right, left);
        public static Tensor operator <=(Tensor left, Tensor right) => Aten.le_Tensor.Call(left, right);
        public static Tensor operator <=(Tensor left, Scalar right) => Aten.le_Tensor.Call(left, right);
        public static Tensor operator <=(Scalar left, Tensor right) => Aten.ge_Tensor.Call(right, left);
        public static Tensor operator >=(Tensor left, Tensor right) => Aten.ge_Tensor.Call(left, right);
        public static Tensor operator >=(Tensor left, Scalar right) => Aten.ge_Tensor.Call(left, right);
        public static Tensor operator >=(Scalar left, Tensor right) => Aten.le_Tensor.Call(right, left);

        public static Tensor operator -(Tensor tensor) => Aten.neg.Call(tensor);
        public static Tensor operator ~(Tensor left) => Aten.bitwise_not.Call(left);
        public static Tensor operator &(Tensor left, Tensor right) => Aten.bitwise_and_Tensor.Call(left, right);
        public static Tensor operator |(Tensor left, Tensor right) => Aten.bitwise_or_Tensor.Call(left, right);
        public static Tensor operator ^(Tensor left, Tensor right) => Aten.bitwise_xor_Tensor.Call(left, right);

        // One division, as PyTorch does it: the reciprocal times the number.
        private static Tensor Quotient(Arg left, Tensor right)
        {
            using var inverse = Aten.reciprocal.Call(right);
            return Aten.mul_Tensor.Call(inverse, left);
        }

        public static implicit operator Tensor(byte value) => torch.tensor(value);
        public static implicit operator Tensor(sbyte value) => torch.tensor(value);
        public static implicit operator Tensor(short value) => torch.tensor(value);
        public static implicit operator Tensor(int value) => torch.tensor(value);
        public static implicit operator Tensor(long value) => torch.tensor(value);
        public static implicit operator Tensor(float value) => torch.tensor(value);
        public static implicit operator Tensor(double value) => torch.tensor(value);
        public static implicit operator Tensor(bool value) => torch.tensor(value);
        public static implicit operator Tensor(byte[] value) => torch.tensor(value);
        public static implicit operator Tensor(sbyte[] value) => torch.tensor(value);
        public static implicit operator Tensor(short[] value) => torch.tensor(value);
        public static implicit operator Tensor(int[] value) => torch.tensor(value);
        public static implicit operator Tensor(long[] value) => torch.tensor(value);
        public static implicit operator Tensor(float[] value) => torch.tensor(value);
        public static implicit operator Tensor(double[] value) => torch.tensor(value);
        public static implicit operator Tensor(bool[] value) => torch.tensor(value);
        public static implicit operator Tensor(Scalar scalar) => Data.OfScalar(scalar);

        public static explicit operator float(Tensor value) => value.ToNumber<float>();
        public static explicit operator double(Tensor value) => value.ToNumber<double>();
        public static explicit operator sbyte(Tensor value) => value.ToNumber<sbyte>();
        public static explicit operator byte(Tensor value) => value.ToNumber<byte>();
        public static explicit operator short(Tensor value) => value.ToNumber<short>();
        public static explicit operator int(Tensor value) => value.ToNumber<int>();
        public static explicit operator long(Tensor value) => value.ToNumber<long>();
        public static explicit operator bool(Tensor value) => value.ToNumber<bool>();
    }
}
