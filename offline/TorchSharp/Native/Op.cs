using System;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using static TorchSharp.torch;

namespace TorchSharp;

/// <summary>An ATen operator. It is looked up when first called, because the versions of libtorch differ in what they have.</summary>
internal sealed unsafe class Op(string name, string overload = "")
{
    private const int ScratchLength = 48;
    private void* _handle;

    internal bool Exists
    {
        get
        {
            fixed (byte* n = Utf8(name)) fixed (byte* o = Utf8(overload)) return NativeMethods.to_has(n, o) != 0;
        }
    }

    internal Tensor Call(params ReadOnlySpan<Arg> args)
    {
        NativeResult r;
        Invoke(args, &r, 1);
        return Tensor.Wrap((IntPtr)r.Value);
    }

    /// <summary>For operators that change an argument: the result is that argument again and needs no second object.</summary>
    internal void Run(params ReadOnlySpan<Arg> args) => Invoke(args, null, 0);

    internal (Tensor, Tensor) Call2(params ReadOnlySpan<Arg> args)
    {
        var r = stackalloc NativeResult[2];
        Invoke(args, r, 2);
        return (Tensor.Wrap((IntPtr)r[0].Value), Tensor.Wrap((IntPtr)r[1].Value));
    }

    internal (Tensor, Tensor, Tensor) Call3(params ReadOnlySpan<Arg> args)
    {
        var r = stackalloc NativeResult[3];
        Invoke(args, r, 3);
        return (Tensor.Wrap((IntPtr)r[0].Value), Tensor.Wrap((IntPtr)r[1].Value), Tensor.Wrap((IntPtr)r[2].Value));
    }

    internal Tensor[] CallList(params ReadOnlySpan<Arg> args)
    {
        NativeResult r;
        Invoke(args, &r, 1);
        var list = (void**)r.Value;
        var tensors = new Tensor[r.Length];
        for (var i = 0; i < tensors.Length; i++) tensors[i] = Tensor.Wrap((IntPtr)list[i]);
        NativeMethods.to_free_list(list);
        return tensors;
    }

    internal bool CallBool(params ReadOnlySpan<Arg> args)
    {
        NativeResult r;
        Invoke(args, &r, 1);
        return r.Value != 0;
    }

    internal long CallLong(params ReadOnlySpan<Arg> args)
    {
        NativeResult r;
        Invoke(args, &r, 1);
        return r.Value;
    }

    [SkipLocalsInit]
    private void Invoke(ReadOnlySpan<Arg> args, NativeResult* results, int capacity)
    {
        if (_handle == null) Find();
        var native = stackalloc NativeArg[args.Length];
        var scratch = stackalloc long[ScratchLength];
        var used = 0;
        void* spill = null;
        try
        {
            for (var i = 0; i < args.Length; i++)
            {
                ref readonly var a = ref args[i];
                ref var n = ref native[i];
                n.Tag = (int)a.Tag;
                n.Extra = a.Extra;
                n.Value = a.Value;
                switch (a.Tag)
                {
                    case Tag.Tensor: n.Value = (long)Unsafe.As<Tensor>(a.Ref).Handle; break;
                    case Tag.Generator: n.Value = (long)Unsafe.As<Generator>(a.Ref).Handle; break;
                    case Tag.IntList:
                        var ints = Unsafe.As<long[]>(a.Ref);
                        n.Length = ints.Length;
                        ints.CopyTo(new Span<long>(Reserve(ints.Length, scratch, ref used, ref spill, ref n), ints.Length));
                        break;
                    case Tag.DoubleList:
                        var doubles = Unsafe.As<double[]>(a.Ref);
                        n.Length = doubles.Length;
                        doubles.CopyTo(new Span<double>(Reserve(doubles.Length, scratch, ref used, ref spill, ref n), doubles.Length));
                        break;
                    case Tag.BoolList:
                        var bools = Unsafe.As<bool[]>(a.Ref);
                        n.Length = bools.Length;
                        bools.CopyTo(new Span<bool>(Reserve(bools.Length, scratch, ref used, ref spill, ref n), bools.Length));
                        break;
                    case Tag.TensorList:
                        var tensors = Unsafe.As<Tensor[]>(a.Ref);
                        n.Length = tensors.Length;
                        var handles = Reserve(tensors.Length, scratch, ref used, ref spill, ref n);
                        for (var k = 0; k < tensors.Length; k++) handles[k] = tensors[k] is null ? 0 : (long)tensors[k].Handle;
                        break;
                    case Tag.String:
                        var text = Encoding.UTF8.GetBytes(Unsafe.As<string>(a.Ref));
                        n.Length = text.Length;
                        text.CopyTo(new Span<byte>(Reserve((text.Length + 7) / 8, scratch, ref used, ref spill, ref n), text.Length));
                        break;
                }
            }
            var status = NativeMethods.to_call(_handle, native, args.Length, results, capacity);
            for (var i = 0; i < args.Length; i++) GC.KeepAlive(args[i].Ref);
            if (status != 0) throw NativeMethods.LastError();
        }
        finally
        {
            while (spill != null)
            {
                var next = *(void**)spill;
                NativeMemory.Free(spill);
                spill = next;
            }
        }
    }

    // Short lists lie on the stack; long ones in blocks whose first word links to the block before.
    private static long* Reserve(int length, long* scratch, ref int used, ref void* spill, ref NativeArg n)
    {
        long* place;
        if (used + length <= ScratchLength)
        {
            place = scratch + used;
            used += length;
        }
        else
        {
            var block = (long*)NativeMemory.Alloc((nuint)(length + 1), sizeof(long));
            *(void**)block = spill;
            spill = block;
            place = block + 1;
        }
        n.Value = (long)place;
        return place;
    }

    private void Find()
    {
        void* handle;
        fixed (byte* n = Utf8(name)) fixed (byte* o = Utf8(overload)) NativeMethods.Check(NativeMethods.to_find(n, o, &handle));
        _handle = handle;
    }

    private static byte[] Utf8(string s) => Encoding.UTF8.GetBytes(s + '\0');
}
