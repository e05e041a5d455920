using System;
using System.IO;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

[assembly: DisableRuntimeMarshalling]

namespace TorchSharp;

/// <summary>The entries of native/torch_offline.cpp. Statuses are 0, or -1 with the message left in the thread's last error.</summary>
internal static unsafe partial class NativeMethods
{
    private const string Library = "torch_offline";

    static NativeMethods() => NativeLibrary.SetDllImportResolver(typeof(NativeMethods).Assembly, Resolve);

    private static IntPtr Resolve(string name, Assembly assembly, DllImportSearchPath? path)
    {
        if (name != Library) return IntPtr.Zero;
        var folder = string.IsNullOrEmpty(assembly.Location) ? AppContext.BaseDirectory : Path.GetDirectoryName(assembly.Location);
        var file = Path.Combine(folder, "libtorch_offline.so");
        if (!File.Exists(file)) file = Path.Combine(AppContext.BaseDirectory, "libtorch_offline.so");
        try
        {
            return NativeLibrary.Load(file);
        }
        catch (Exception e) when (e is DllNotFoundException or BadImageFormatException)
        {
            throw new DllNotFoundException($"libtorch cannot be loaded ({e.Message}). Run ./setup.sh, then build again.", e);
        }
    }

    /// <summary>Throws when a native entry reported a failure.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void Check(int status)
    {
        if (status != 0) throw LastError();
    }

    internal static ExternalException LastError()
    {
        var length = (int)to_last_error(null, 0);
        var buffer = new byte[length];
        fixed (byte* p = buffer) to_last_error(p, length);
        return new ExternalException(Encoding.UTF8.GetString(buffer));
    }

    [DllImport(Library)] internal static extern long to_last_error(byte* buffer, long capacity);

    [DllImport(Library)] internal static extern int to_find(byte* name, byte* overload, void** op);
    [DllImport(Library)] internal static extern int to_has(byte* name, byte* overload);
    [DllImport(Library)] internal static extern int to_call(void* op, NativeArg* args, int count, NativeResult* results, int capacity);
    [DllImport(Library)] internal static extern void to_free_list(void** list);

    [DllImport(Library)] internal static extern void to_release(IntPtr t);
    [DllImport(Library)] internal static extern IntPtr to_retain(IntPtr t);
    [DllImport(Library), SuppressGCTransition] internal static extern long to_ndim(IntPtr t);
    [DllImport(Library), SuppressGCTransition] internal static extern long to_numel(IntPtr t);
    [DllImport(Library), SuppressGCTransition] internal static extern int to_dtype(IntPtr t);
    [DllImport(Library), SuppressGCTransition] internal static extern long to_element_size(IntPtr t);
    [DllImport(Library), SuppressGCTransition] internal static extern int to_device(IntPtr t);
    [DllImport(Library), SuppressGCTransition] internal static extern void to_sizes(IntPtr t, long* result);
    [DllImport(Library)] internal static extern int to_strides(IntPtr t, long* result);
    [DllImport(Library)] internal static extern int to_requires_grad(IntPtr t);
    [DllImport(Library)] internal static extern int to_is_leaf(IntPtr t);
    [DllImport(Library)] internal static extern int to_is_sparse(IntPtr t);
    [DllImport(Library)] internal static extern int to_is_contiguous(IntPtr t, int format);
    [DllImport(Library), SuppressGCTransition] internal static extern long to_storage_offset(IntPtr t);
    [DllImport(Library)] internal static extern int to_data(IntPtr t, void** result);
    [DllImport(Library)] internal static extern int to_from_data(void* data, int dtype, long* sizes, int ndim, IntPtr* result);
    [DllImport(Library)] internal static extern int to_set_requires_grad(IntPtr t, int value);
    [DllImport(Library)] internal static extern int to_retain_grad(IntPtr t);
    [DllImport(Library)] internal static extern int to_grad(IntPtr t, IntPtr* result);
    [DllImport(Library)] internal static extern int to_set_grad(IntPtr t, IntPtr grad);
    [DllImport(Library)] internal static extern int to_set_data(IntPtr t, IntPtr data);

    [DllImport(Library)] internal static extern int to_backward(IntPtr* outputs, long n, IntPtr* grads, long gradCount, int retain, int create, IntPtr* inputs, long inputCount);
    [DllImport(Library)] internal static extern int to_autograd_grad(IntPtr* outputs, long n, IntPtr* inputs, long inputCount, IntPtr* grads, long gradCount, int retain, int create, int allowUnused, IntPtr* result);
    [DllImport(Library)] internal static extern int to_managed_function(IntPtr* inputs, int n, IntPtr* outputs, int m, IntPtr* fixedOnes, int f, long id, delegate* unmanaged<long, IntPtr*, int, IntPtr*, int, int> run, delegate* unmanaged<long, void> forget, IntPtr* results);
    [DllImport(Library)] internal static extern int to_grad_enabled();
    [DllImport(Library)] internal static extern void to_set_grad_enabled(int value);
    [DllImport(Library)] internal static extern int to_inference_enabled();
    [DllImport(Library)] internal static extern void* to_inference_enter(int value);
    [DllImport(Library)] internal static extern void to_inference_leave(void* guard);

    [DllImport(Library)] internal static extern int to_num_threads();
    [DllImport(Library)] internal static extern int to_set_num_threads(int n);
    [DllImport(Library)] internal static extern int to_num_interop_threads();
    [DllImport(Library)] internal static extern int to_set_num_interop_threads(int n);
    [DllImport(Library)] internal static extern int to_cuda_count();
    [DllImport(Library)] internal static extern int to_cudnn();
    [DllImport(Library)] internal static extern int to_cuda_synchronize(long index);
    [DllImport(Library)] internal static extern int to_cuda_manual_seed(long seed);
    [DllImport(Library)] internal static extern int to_manual_seed(long seed);

    [DllImport(Library)] internal static extern int to_generator_new(int type, int index, ulong seed, IntPtr* result);
    [DllImport(Library)] internal static extern int to_generator_default(int type, int index, IntPtr* result);
    [DllImport(Library)] internal static extern void to_generator_release(IntPtr generator);
    [DllImport(Library)] internal static extern int to_generator_seed(IntPtr generator, int set, ulong* seed);
    [DllImport(Library)] internal static extern int to_generator_get_state(IntPtr generator, IntPtr* result);
    [DllImport(Library)] internal static extern int to_generator_set_state(IntPtr generator, IntPtr state);
}
