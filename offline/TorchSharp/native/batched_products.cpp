// Batched products with all threads. libtorch without MKL, as Debian builds it, computes bmm as a loop over the batch on one thread, and spends more time on
// each small matrix's views than on its product; MKL gives each thread its share of the batch. This does the same over the BLAS that is there: it takes
// bmm's place for float and double on CPUs. Gradients are products too, so training gains as well.
#include "products.h"

#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/bmm_cpu_dispatch.h>
#include <ATen/ops/empty.h>
#include <c10/util/Exception.h>
#include <torch/library.h>

#include <algorithm>
#include <limits>

namespace {

constexpr int64_t work_of_a_share = 1 << 16;    // multiply-adds below which another thread costs more than it gains

void gemm(const char* ta, const char* tb, int m, int n, int k, const float* a, int lda, const float* b, int ldb, float* c, int ldc)
{
    const float one = 1, zero = 0;
    sgemm_(ta, tb, &m, &n, &k, &one, a, &lda, b, &ldb, &zero, c, &ldc);
}

void gemm(const char* ta, const char* tb, int m, int n, int k, const double* a, int lda, const double* b, int ldb, double* c, int ldc)
{
    const double one = 1, zero = 0;
    dgemm_(ta, tb, &m, &n, &k, &one, a, &lda, b, &ldb, &zero, c, &ldc);
}

// Matrices as BLAS can read them: one of the two inner dimensions is contiguous, the other's stride is the leading dimension.
struct Matrices
{
    at::Tensor values;
    bool transposed;
    int leading;

    explicit Matrices(const at::Tensor& t) : values(t)
    {
        auto reads = [this](int64_t inner, int64_t outer) {
            return values.stride(inner) == 1 && values.stride(outer) >= values.size(inner) && values.stride(outer) <= std::numeric_limits<int>::max();
        };
        if (!reads(2, 1) && !reads(1, 2)) values = values.contiguous();
        transposed = !reads(2, 1);
        leading = static_cast<int>(std::max<int64_t>(1, values.stride(transposed ? 2 : 1)));
    }
};

template <typename T>
void multiply(const Matrices& a, const Matrices& b, at::Tensor& result)
{
    const auto m = static_cast<int>(result.size(1)), n = static_cast<int>(result.size(2)), k = static_cast<int>(a.values.size(2));
    const auto *first = a.values.data_ptr<T>(), *second = b.values.data_ptr<T>();
    const auto first_stride = a.values.stride(0), second_stride = b.values.stride(0);
    auto* out = result.data_ptr<T>();
    const auto parts = shares_of_rows(result.size(0), m);
    const auto row = [m, parts](int64_t part) { return static_cast<int>(m * part / parts); };
    const auto least = std::max<int64_t>(1, work_of_a_share * parts / (static_cast<int64_t>(m) * n * k));
    at::parallel_for(0, result.size(0) * parts, least, [&](int64_t begin, int64_t end) {
        for (auto share = begin; share < end;) {
            const auto matrix = share / parts, start = matrix * parts, stop = std::min(start + parts, end);    // neighbours of one matrix are one product
            const auto from = row(share - start), rows = row(stop - start) - from;
            // BLAS counts columns first, so that it sees the transposed matrices and their product in the other order.
            if (rows > 0)
                gemm(b.transposed ? "T" : "N", a.transposed ? "T" : "N", n, rows, k, second + matrix * second_stride, b.leading,
                    first + matrix * first_stride + from * (a.transposed ? int64_t{1} : a.leading), a.leading, out + (matrix * m + from) * n, n);
            share = stop;
        }
    });
}

at::Tensor bmm(const at::Tensor& a, const at::Tensor& b)
{
    const bool suits = a.dim() == 3 && b.dim() == 3 && a.layout() == c10::kStrided && b.layout() == c10::kStrided && a.scalar_type() == b.scalar_type() &&
        (a.scalar_type() == c10::kFloat || a.scalar_type() == c10::kDouble) && a.size(0) == b.size(0) && a.size(2) == b.size(1) && a.size(0) > 1 &&
        a.numel() > 0 && b.numel() > 0 && std::max({a.size(1), a.size(2), b.size(2)}) <= std::numeric_limits<int>::max();
    if (!suits) return at::cpu::bmm(a, b);      // other types, nothing to share, and mistakes
    auto result = at::empty({a.size(0), a.size(1), b.size(2)}, a.options());
    if (a.scalar_type() == c10::kFloat) multiply<float>(Matrices(a), Matrices(b), result);
    else multiply<double>(Matrices(a), Matrices(b), result);
    return result;
}

struct Silence : c10::WarningHandler
{
    void process(const c10::SourceLocation&, const std::string&, const bool) override {}
};

// Kept for as long as the process runs: its end would bring the old kernel back.
torch::Library* take_the_place()
{
    if (at::hasMKL()) return nullptr;
    Silence silence;    // libtorch warns of kernels that are replaced
    c10::Warning::WarningHandlerGuard guard(&silence);
    auto* library = new torch::Library(torch::Library::IMPL, "aten", c10::DispatchKey::CPU, __FILE__, __LINE__);
    library->impl("bmm", bmm);
    return library;
}

const auto* const in_place = take_the_place();

}  // namespace
