// The whole bridge between the managed TorchSharp surface and libtorch (1.13 and 2.x).
//
// Operators are called by name through libtorch's dispatcher, so that autograd, dtype rules, devices and error messages are
// PyTorch's own and no operator needs code here. The rest is what is no operator: storage, autograd's entry points, modes,
// generators, threads. A tensor handle is an owned c10::TensorImpl*, a generator handle an owned c10::GeneratorImpl*.
// No exception leaves this file: every entry returns a status and leaves the message for to_last_error.
#include <ATen/CPUGeneratorImpl.h>
#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <ATen/ScalarOps.h>
#include <ATen/core/Tensor.h>
#include <ATen/core/dispatch/Dispatcher.h>
#include <ATen/ops/empty.h>
#include <c10/core/InferenceMode.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/csrc/autograd/custom_function.h>
#include <torch/csrc/autograd/grad_mode.h>
#include <torch/csrc/autograd/variable.h>
#include <torch/cuda.h>

#include <algorithm>
#include <cstring>
#include <mutex>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#define API extern "C" __attribute__((visibility("default")))

namespace {

thread_local std::string last_error;

// c10's messages end with a C++ backtrace, which helps no C# caller.
void keep(const char* what)
{
    last_error = what;
    for (const char* mark : {"\nException raised from", "\nC++ CapturedTraceback"}) {
        auto at = last_error.find(mark);
        if (at != std::string::npos) last_error.resize(at);
    }
}

template <typename F>
int guarded(F&& f)
{
    try { f(); return 0; }
    catch (const c10::Error& e) { keep(e.what_without_backtrace()); }
    catch (const std::exception& e) { keep(e.what()); }
    catch (...) { last_error = "libtorch failed without a message"; }
    return -1;
}

using Impl = c10::TensorImpl;
using TensorPtr = c10::intrusive_ptr<Impl, c10::UndefinedTensorImpl>;

at::Tensor borrow(void* handle)
{
    return handle == nullptr ? at::Tensor() : at::Tensor(TensorPtr::reclaim_copy(static_cast<Impl*>(handle)));
}

void* give(at::Tensor t) { return t.defined() ? t.unsafeReleaseTensorImpl() : nullptr; }

at::Generator generator_of(void* handle)
{
    return at::Generator(c10::intrusive_ptr<c10::GeneratorImpl>::reclaim_copy(static_cast<c10::GeneratorImpl*>(handle)));
}

// c10::optional in libtorch 1.13, std::optional in 2.x.
using OptionalTensors = std::decay_t<decltype(std::declval<c10::IValue>().toOptionalTensorList())>;

enum Tag : int32_t { Default = 0, None, TensorArg, Int, Double, Bool, IntList, DoubleList, BoolList, TensorList, DeviceArg, String, GeneratorArg };

struct Arg { int32_t tag; int32_t extra; int64_t value; int64_t length; };
struct Result { int32_t tag; int32_t length; int64_t value; };

double as_double(int64_t bits) { double d; std::memcpy(&d, &bits, sizeof d); return d; }
int64_t as_bits(double d) { int64_t bits; std::memcpy(&bits, &d, sizeof d); return bits; }

enum class Kind { Other, Tensor, Float, IntList, FloatList, OptionalTensorList };

// What a schema says about one argument, worked out once per operator.
struct Slot { Kind kind = Kind::Other; bool has_default = false; c10::IValue default_value; };

struct Operator
{
    c10::OperatorHandle handle;
    std::vector<Slot> slots;

    explicit Operator(c10::OperatorHandle h) : handle(h)
    {
        for (const auto& a : handle.schema().arguments()) {
            Slot s;
            auto type = a.type();
            if (auto optional = type->cast<c10::OptionalType>()) type = optional->getElementType();
            if (type->kind() == c10::TypeKind::TensorType) s.kind = Kind::Tensor;
            if (type->kind() == c10::TypeKind::FloatType) s.kind = Kind::Float;
            if (auto list = type->cast<c10::ListType>()) {
                auto element = list->getElementType();
                if (element->kind() == c10::TypeKind::OptionalType) s.kind = Kind::OptionalTensorList;
                else if (element->kind() == c10::TypeKind::FloatType) s.kind = Kind::FloatList;
                else if (element->kind() != c10::TypeKind::TensorType && element->kind() != c10::TypeKind::BoolType) s.kind = Kind::IntList;
            }
            if (a.default_value().has_value()) { s.has_default = true; s.default_value = *a.default_value(); }
            slots.push_back(std::move(s));
        }
    }
};

// A number where a tensor is asked for, as Python's operators pass it: of no dimensions and without a say in the result's type.
at::Tensor wrapped(const c10::Scalar& number)
{
    auto t = c10::scalar_to_tensor(number);
    t.unsafeGetTensorImpl()->set_wrapped_number(true);
    return t;
}

c10::IValue to_ivalue(const Arg& a, const Slot& slot, const Operator& op, size_t position)
{
    switch (a.tag) {
        case Default:
            TORCH_CHECK(slot.has_default, op.handle.schema().name(), ": argument ", op.handle.schema().arguments()[position].name(), " has no default");
            return slot.default_value;
        case None: return c10::IValue();
        case TensorArg: return borrow(reinterpret_cast<void*>(a.value));
        case Int:
            if (slot.kind == Kind::Tensor) return wrapped(a.value);
            if (slot.kind == Kind::Float) return static_cast<double>(a.value);
            if (slot.kind == Kind::IntList) return c10::List<int64_t>({a.value});
            return a.value;
        case Double:
            if (slot.kind == Kind::Tensor) return wrapped(as_double(a.value));
            if (slot.kind == Kind::FloatList) return c10::List<double>({as_double(a.value)});
            return as_double(a.value);
        case Bool:
            if (slot.kind == Kind::Tensor) return wrapped(a.value != 0);
            return a.value != 0;
        case IntList: {
            auto p = reinterpret_cast<const int64_t*>(a.value);
            return c10::IValue(std::vector<int64_t>(p, p + a.length));
        }
        case DoubleList: {
            auto p = reinterpret_cast<const double*>(a.value);
            return c10::IValue(std::vector<double>(p, p + a.length));
        }
        case BoolList: {
            auto p = reinterpret_cast<const uint8_t*>(a.value);
            c10::List<bool> list;
            for (int64_t i = 0; i < a.length; i++) list.push_back(p[i] != 0);
            return list;
        }
        case TensorList: {
            auto p = reinterpret_cast<void* const*>(a.value);
            if (slot.kind == Kind::OptionalTensorList) {
                OptionalTensors list;
                list.reserve(a.length);
                for (int64_t i = 0; i < a.length; i++) {
                    if (p[i] == nullptr) list.push_back(OptionalTensors::value_type());
                    else list.push_back(borrow(p[i]));
                }
                return list;
            }
            c10::List<at::Tensor> list;
            list.reserve(a.length);
            for (int64_t i = 0; i < a.length; i++) list.push_back(borrow(p[i]));
            return list;
        }
        case DeviceArg: return c10::Device(static_cast<c10::DeviceType>(a.extra), static_cast<c10::DeviceIndex>(a.value));
        case String: return std::string(reinterpret_cast<const char*>(a.value), a.length);
        case GeneratorArg: return c10::IValue(generator_of(reinterpret_cast<void*>(a.value)));
    }
    TORCH_CHECK(false, "unknown argument tag ", a.tag);
}

void put(c10::IValue&& v, Result& r)
{
    r = {None, 0, 0};
    if (v.isTensor()) r = {TensorArg, 0, reinterpret_cast<int64_t>(give(std::move(v).toTensor()))};
    else if (v.isInt()) r = {Int, 0, v.toInt()};
    else if (v.isDouble()) r = {Double, 0, as_bits(v.toDouble())};
    else if (v.isBool()) r = {Bool, 0, v.toBool() ? 1 : 0};
    else if (v.isTensorList()) {
        auto list = std::move(v).toTensorVector();
        auto handles = new void*[list.size() + 1];
        for (size_t i = 0; i < list.size(); i++) handles[i] = give(std::move(list[i]));
        r = {TensorList, static_cast<int32_t>(list.size()), reinterpret_cast<int64_t>(handles)};
    }
}

c10::Device device_of(int32_t type, int32_t index) { return c10::Device(static_cast<c10::DeviceType>(type), static_cast<c10::DeviceIndex>(index)); }

std::vector<at::Tensor> tensors_of(void* const* handles, int64_t n)
{
    std::vector<at::Tensor> list;
    list.reserve(n);
    for (int64_t i = 0; i < n; i++) list.push_back(borrow(handles[i]));
    return list;
}

}  // namespace

API int64_t to_last_error(char* buffer, int64_t capacity)
{
    auto n = std::min<int64_t>(capacity, static_cast<int64_t>(last_error.size()));
    if (n > 0) std::memcpy(buffer, last_error.data(), n);
    return static_cast<int64_t>(last_error.size());
}

// ---- operators -------------------------------------------------------------------------------------------------------

API int to_find(const char* name, const char* overload, void** op)
{
    return guarded([&] { *op = new Operator(c10::Dispatcher::singleton().findSchemaOrThrow(name, overload)); });
}

API int to_has(const char* name, const char* overload)
{
    return c10::Dispatcher::singleton().findSchema({name, overload}).has_value() ? 1 : 0;
}

API int to_call(void* op_handle, const Arg* args, int32_t count, Result* results, int32_t capacity)
{
    auto& op = *static_cast<Operator*>(op_handle);
    return guarded([&] {
        torch::jit::Stack stack;
        stack.reserve(op.slots.size());
        static const Arg missing{Default, 0, 0, 0};
        for (size_t i = 0; i < op.slots.size(); i++)
            stack.push_back(to_ivalue(i < static_cast<size_t>(count) ? args[i] : missing, op.slots[i], op, i));
        op.handle.callBoxed(&stack);
        for (int32_t i = 0; i < capacity; i++) {
            results[i] = {None, 0, 0};
            if (static_cast<size_t>(i) < stack.size()) put(std::move(stack[i]), results[i]);
        }
    });
}

API void to_free_list(void** list) { delete[] list; }

// ---- tensors ---------------------------------------------------------------------------------------------------------

API void to_release(void* t) { TensorPtr::reclaim(static_cast<Impl*>(t)); }
API void* to_retain(void* t) { return give(borrow(t)); }
API int64_t to_ndim(void* t) { return static_cast<Impl*>(t)->dim(); }
API int64_t to_numel(void* t) { return static_cast<Impl*>(t)->numel(); }
API int32_t to_dtype(void* t) { return static_cast<int32_t>(c10::typeMetaToScalarType(static_cast<Impl*>(t)->dtype())); }
API int64_t to_element_size(void* t) { return static_cast<int64_t>(static_cast<Impl*>(t)->dtype().itemsize()); }
API int32_t to_device(void* t) { auto d = static_cast<Impl*>(t)->device(); return static_cast<int32_t>(d.type()) * 65536 + (static_cast<int32_t>(d.index()) + 1); }
API int32_t to_requires_grad(void* t) { return borrow(t).requires_grad() ? 1 : 0; }
API int32_t to_is_leaf(void* t) { return borrow(t).is_leaf() ? 1 : 0; }
API int32_t to_is_sparse(void* t) { return borrow(t).is_sparse() ? 1 : 0; }
API int32_t to_is_contiguous(void* t, int32_t format) { return borrow(t).is_contiguous(static_cast<c10::MemoryFormat>(format)) ? 1 : 0; }
API int64_t to_storage_offset(void* t) { return static_cast<Impl*>(t)->storage_offset(); }

API void to_sizes(void* t, int64_t* out) { auto s = static_cast<Impl*>(t)->sizes(); std::copy(s.begin(), s.end(), out); }
API int to_strides(void* t, int64_t* out) { return guarded([&] { auto s = static_cast<Impl*>(t)->strides(); std::copy(s.begin(), s.end(), out); }); }
API int to_data(void* t, void** out) { return guarded([&] { *out = borrow(t).data_ptr(); }); }

API int to_from_data(const void* data, int32_t dtype, const int64_t* sizes, int32_t ndim, void** out)
{
    return guarded([&] {
        auto t = at::empty(c10::IntArrayRef(sizes, ndim), c10::TensorOptions().dtype(static_cast<c10::ScalarType>(dtype)));
        if (t.numel() > 0) std::memcpy(t.data_ptr(), data, t.nbytes());
        *out = give(std::move(t));
    });
}

API int to_set_requires_grad(void* t, int32_t value) { return guarded([&] { borrow(t).requires_grad_(value != 0); }); }
API int to_retain_grad(void* t) { return guarded([&] { borrow(t).retain_grad(); }); }
API int to_grad(void* t, void** out) { return guarded([&] { *out = give(borrow(t).grad()); }); }
API int to_set_grad(void* t, void* grad) { return guarded([&] { borrow(t).mutable_grad() = borrow(grad); }); }
API int to_set_data(void* t, void* data) { return guarded([&] { borrow(t).set_data(borrow(data)); }); }

// ---- autograd --------------------------------------------------------------------------------------------------------

API int to_backward(void* const* outputs, int64_t n, void* const* grads, int64_t grads_n, int32_t retain, int32_t create, void* const* inputs, int64_t inputs_n)
{
    const bool keep_graph = retain < 0 ? create != 0 : retain != 0;
    return guarded([&] { torch::autograd::backward(tensors_of(outputs, n), tensors_of(grads, grads_n), keep_graph, create != 0, tensors_of(inputs, inputs_n)); });
}

API int to_autograd_grad(void* const* outputs, int64_t n, void* const* inputs, int64_t inputs_n, void* const* grads, int64_t grads_n, int32_t retain, int32_t create, int32_t allow_unused, void** out)
{
    return guarded([&] {
        auto list = torch::autograd::grad(tensors_of(outputs, n), tensors_of(inputs, inputs_n), tensors_of(grads, grads_n), retain != 0, create != 0, allow_unused != 0);
        for (size_t i = 0; i < list.size(); i++) out[i] = give(std::move(list[i]));
    });
}

// A function whose backward pass is managed code. Its forward pass has run already, outside of autograd; here its results get
// their place in the graph. `forget` tells the managed side that the graph needs its part no more.
namespace {

using ManagedBackward = int32_t (*)(int64_t id, void* const* gradients, int32_t count, void** results, int32_t wanted);
using ManagedForget = void (*)(int64_t id);

struct ManagedPart : torch::CustomClassHolder
{
    int64_t id;
    ManagedBackward run;
    ManagedForget forget;
    ManagedPart(int64_t i, ManagedBackward r, ManagedForget f) : id(i), run(r), forget(f) {}
    ~ManagedPart() override { forget(id); }
};

struct ManagedFunction : torch::autograd::Function<ManagedFunction>
{
    static torch::autograd::variable_list forward(torch::autograd::AutogradContext* ctx, at::TensorList inputs, const std::vector<at::Tensor>* outputs,
        const std::vector<at::Tensor>* fixed, c10::intrusive_ptr<ManagedPart> part)
    {
        ctx->saved_data["part"] = c10::IValue::make_capsule(part);
        ctx->saved_data["inputs"] = static_cast<int64_t>(inputs.size());
        ctx->mark_non_differentiable(*fixed);
        return *outputs;
    }

    static torch::autograd::variable_list backward(torch::autograd::AutogradContext* ctx, torch::autograd::variable_list gradients)
    {
        auto part = c10::static_intrusive_pointer_cast<ManagedPart>(ctx->saved_data["part"].toCapsule());
        auto n = static_cast<size_t>(ctx->saved_data["inputs"].toInt());
        std::vector<void*> in, out(n, nullptr);
        for (auto& g : gradients) in.push_back(g.defined() ? static_cast<void*>(g.unsafeGetTensorImpl()) : nullptr);
        TORCH_CHECK(part->run(part->id, in.data(), static_cast<int32_t>(in.size()), out.data(), static_cast<int32_t>(n)) == 0, "the backward pass of a managed function failed");
        torch::autograd::variable_list results;
        for (auto p : out) results.push_back(p == nullptr ? at::Tensor() : at::Tensor(TensorPtr::reclaim(static_cast<Impl*>(p))));
        results.resize(n + 3);  // the other arguments of forward are no tensors
        return results;
    }
};

}  // namespace

API int to_managed_function(void* const* inputs, int32_t n, void* const* outputs, int32_t m, void* const* fixed, int32_t f, int64_t id, ManagedBackward run, ManagedForget forget, void** results)
{
    return guarded([&] {
        auto part = c10::make_intrusive<ManagedPart>(id, run, forget);
        // A TensorList, not a vector: only there are the tensors seen as arguments.
        auto given = tensors_of(inputs, n), made = tensors_of(outputs, m), constant = tensors_of(fixed, f);
        const std::vector<at::Tensor>*made_at = &made, *constant_at = &constant;
        auto list = ManagedFunction::apply(at::TensorList(given), made_at, constant_at, part);
        for (size_t i = 0; i < list.size(); i++) results[i] = give(std::move(list[i]));
    });
}

API int32_t to_grad_enabled() { return c10::GradMode::is_enabled() ? 1 : 0; }
API void to_set_grad_enabled(int32_t value) { c10::GradMode::set_enabled(value != 0); }
API int32_t to_inference_enabled() { return c10::InferenceMode::is_enabled() ? 1 : 0; }
API void* to_inference_enter(int32_t value) { return new c10::InferenceMode(value != 0); }
API void to_inference_leave(void* guard) { delete static_cast<c10::InferenceMode*>(guard); }

// ---- devices, threads, random numbers --------------------------------------------------------------------------------

API int32_t to_num_threads() { return at::get_num_threads(); }
API int to_set_num_threads(int32_t n) { return guarded([&] { at::set_num_threads(n); }); }
API int32_t to_num_interop_threads() { return at::get_num_interop_threads(); }
API int to_set_num_interop_threads(int32_t n) { return guarded([&] { at::set_num_interop_threads(n); }); }

API int32_t to_cuda_count() { int32_t n = 0; guarded([&] { n = static_cast<int32_t>(torch::cuda::device_count()); }); return n; }
API int32_t to_cudnn() { int32_t n = 0; guarded([&] { n = torch::cuda::cudnn_is_available() ? 1 : 0; }); return n; }
API int to_cuda_synchronize(int64_t index) { return guarded([&] { torch::cuda::synchronize(index); }); }
API int to_cuda_manual_seed(int64_t seed) { return guarded([&] { torch::cuda::manual_seed_all(static_cast<uint64_t>(seed)); }); }

API int to_manual_seed(int64_t seed) { return guarded([&] { at::manual_seed(static_cast<uint64_t>(seed)); }); }

API int to_generator_new(int32_t type, int32_t index, uint64_t seed, void** out)
{
    return guarded([&] {
        auto device = device_of(type, index);
        at::Generator g;
        if (device.is_cpu()) g = at::make_generator<at::CPUGeneratorImpl>(seed);
        else {
            at::Generator shared = at::globalContext().defaultGenerator(device);
            std::lock_guard<std::mutex> lock(shared.mutex());
            g = shared.clone();
            g.set_current_seed(seed);
        }
        *out = g.unsafeReleaseGeneratorImpl();
    });
}

API int to_generator_default(int32_t type, int32_t index, void** out)
{
    return guarded([&] { at::Generator g = at::globalContext().defaultGenerator(device_of(type, index)); *out = g.unsafeReleaseGeneratorImpl(); });
}

API void to_generator_release(void* g) { c10::intrusive_ptr<c10::GeneratorImpl>::reclaim(static_cast<c10::GeneratorImpl*>(g)); }

API int to_generator_seed(void* handle, int32_t set, uint64_t* seed)
{
    return guarded([&] {
        auto g = generator_of(handle);
        std::lock_guard<std::mutex> lock(g.mutex());
        if (set == 1) g.set_current_seed(*seed);
        else if (set == 2) *seed = g.seed();
        else *seed = g.current_seed();
    });
}

API int to_generator_get_state(void* handle, void** out)
{
    return guarded([&] { auto g = generator_of(handle); std::lock_guard<std::mutex> lock(g.mutex()); *out = give(g.get_state()); });
}

API int to_generator_set_state(void* handle, void* state)
{
    return guarded([&] { auto g = generator_of(handle); std::lock_guard<std::mutex> lock(g.mutex()); g.set_state(borrow(state)); });
}
