// Attention without a pass over all scores in memory, as libtorch 2 has it on CPUs and 1.13, which Debian packages, has not: scores of some queries, their
// softmax and its product with the values stay in the cache; backward they are computed again (Dao et al., arXiv:2205.14135, without its tiles of keys). It is what
// aten::scaled_dot_product_attention does for float.
#include "products.h"

#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <ATen/core/Tensor.h>
#include <ATen/core/grad_mode.h>
#include <ATen/core/dispatch/Dispatcher.h>
#include <ATen/ops/_scaled_dot_product_attention.h>
#include <ATen/ops/empty.h>
#include <torch/csrc/autograd/custom_function.h>
#include <torch/library.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <vector>

#ifdef __x86_64__
#define FOR_EACH_CPU __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define FOR_EACH_CPU
#endif

namespace {

constexpr int64_t scores_in_cache = 1 << 16;    // floats, a fifth of what a core has nearby

// Longer sums are made of shorter ones, or their rounding grows with them: BLAS's kernels for AVX-512 add up a row of 70,000 products one after the other, and lose 6e-6
// of the sum, where others lose 7e-7.
constexpr int64_t longest_sum = 1024;

// e^x for x <= 0 to the last bit or two: 2^n e^r with |r| <= ln 2 / 2, e^r as its series. Written so that it becomes vector instructions.
inline float exponential(float x)
{
    const float magic = 12582912.f;             // 1.5 * 2^23: adding it rounds to a whole number, which then stands in the low bits
    const float shifted = x * 1.44269504f + magic, n = shifted - magic;
    const float r = (x - n * 0.693359375f) + n * 2.12194440e-4f;
    const float series = 1 + r * (1 + r * (0.5f + r * (0.166666666f + r * (0.0416666667f + r * (0.00833333333f + r * 0.00138888889f)))));
    int32_t bits, power;
    std::memcpy(&bits, &shifted, 4);
    power = (bits - 0x4B400000 + 127) << 23;
    float scale;
    std::memcpy(&scale, &power, 4);
    return x < -87 ? 0 : series * scale;
}

// Rows become e^(x - largest); with the inverses of their sums and, where they are asked for, the logarithms of the sums of e^x. The exponentials are one loop over all
// rows: short ones would leave vectors half empty.
FOR_EACH_CPU void soften(float* scores, int64_t rows, int64_t columns, float* inverses, float* logarithms)
{
    for (int64_t i = 0; i < rows; i++) {
        auto* row = scores + i * columns;
        float largest = -std::numeric_limits<float>::infinity();
#pragma omp simd reduction(max : largest)
        for (int64_t j = 0; j < columns; j++) largest = row[j] > largest ? row[j] : largest;
#pragma omp simd
        for (int64_t j = 0; j < columns; j++) row[j] -= largest;
        if (logarithms != nullptr) logarithms[i] = largest;
    }
#pragma omp simd
    for (int64_t j = 0; j < rows * columns; j++) scores[j] = exponential(scores[j]);
    for (int64_t i = 0; i < rows; i++) {
        const auto* row = scores + i * columns;
        float sum = 0;
        for (int64_t from = 0; from < columns; from += longest_sum) {
            const auto to = std::min(from + longest_sum, columns);
            float piece = 0;
#pragma omp simd reduction(+ : piece)
            for (int64_t j = from; j < to; j++) piece += row[j];
            sum += piece;
        }
        inverses[i] = 1 / sum;
        if (logarithms != nullptr) logarithms[i] += std::log(sum);
    }
}

FOR_EACH_CPU void add(float* row, const float* added, int64_t columns)
{
#pragma omp simd
    for (int64_t j = 0; j < columns; j++) row[j] += added[j];
}

// Rows become e^(x - logarithm), the softmax.
FOR_EACH_CPU void shares(float* scores, int64_t rows, int64_t columns, const float* logarithms)
{
    for (int64_t i = 0; i < rows; i++) {
        auto* row = scores + i * columns;
#pragma omp simd
        for (int64_t j = 0; j < columns; j++) row[j] = exponential(row[j] - logarithms[i]);
    }
}

// The gradient by the scores, from the shares and the gradient by them: share * (gradient - what the row's result and its gradient give together).
FOR_EACH_CPU void gradient_of_scores(const float* shares, float* gradients, int64_t rows, int64_t columns, const float* result, int64_t result_stride,
    const float* by_result, int64_t by_result_stride, int64_t width)
{
    for (int64_t i = 0; i < rows; i++) {
        float both = 0;
#pragma omp simd reduction(+ : both)
        for (int64_t j = 0; j < width; j++) both += result[i * result_stride + j] * by_result[i * by_result_stride + j];
#pragma omp simd
        for (int64_t j = 0; j < columns; j++) gradients[i * columns + j] = shares[i * columns + j] * (gradients[i * columns + j] - both);
    }
}

FOR_EACH_CPU void scale(float* rows, int64_t count, int64_t width, int64_t stride, const float* factors)
{
    for (int64_t i = 0; i < count; i++)
#pragma omp simd
        for (int64_t j = 0; j < width; j++) rows[i * stride + j] *= factors[i];
}

at::Tensor readable(const at::Tensor& t)
{
    return t.stride(3) == 1 && t.stride(2) >= t.size(3) && t.stride(2) <= std::numeric_limits<int>::max() ? t : t.contiguous();
}

// Query, key, value and mask as BLAS can read them.
struct Operands
{
    at::Tensor q, k, v, mask;                   // [B, H, m or n, d]; the mask [B, H, m, n], or undefined
    int64_t batch, heads, m, n, d;
    float factor;

    Operands(const at::Tensor& query, const at::Tensor& key, const at::Tensor& value, const at::Tensor& added)
        : q(readable(query)), k(readable(key)), v(readable(value)), batch(q.size(0)), heads(q.size(1)), m(q.size(2)), n(k.size(2)), d(q.size(3)),
          factor(static_cast<float>(1 / std::sqrt(static_cast<double>(d))))
    {
        if (added.defined()) mask = added.expand({batch, heads, m, n});
    }

    // How many shares of the queries of a head one after the other fit the cache.
    int64_t parts() const
    {
        const auto rows = std::max<int64_t>(1, scores_in_cache / n);
        return (m + rows - 1) / rows;
    }

    // Memory for the results of all heads: those of a token side by side, as the next layer reads them.
    at::Tensor beside(int64_t tokens) const { return at::empty({batch, tokens, heads, d}, q.options()).transpose(1, 2); }    // [B, H, tokens, d]
};

// Row of one head of one image.
float* at_row(const at::Tensor& t, int64_t unit, int64_t row)
{
    return t.data_ptr<float>() + unit / t.size(1) * t.stride(0) + unit % t.size(1) * t.stride(1) + row * t.stride(2);
}

int stride_of(const at::Tensor& t) { return static_cast<int>(t.stride(2)); }

// product = factor * first * second + kept * product, of rows, where `t` says which is transposed. BLAS counts columns first: it sees every matrix transposed, and
// products in the other order.
void gemm(const char* t, int64_t rows, int64_t columns, int64_t inner, float factor, const float* first, int first_stride, const float* second, int second_stride, float kept,
    float* product, int product_stride)
{
    const int m = static_cast<int>(columns), n = static_cast<int>(rows);
    const int64_t first_step = t[0] == 'N' ? 1 : first_stride, second_step = t[1] == 'N' ? second_stride : 1;
    for (int64_t from = 0; from < inner; from += longest_sum) {
        const int k = static_cast<int>(std::min(longest_sum, inner - from));
        const float present = from == 0 ? kept : 1;
        sgemm_(t + 1, t, &m, &n, &k, &factor, second + from * second_step, &second_stride, first + from * first_step, &first_stride, &present, product, &product_stride);
    }
}

// The scores of some queries of a head.
void score(const Operands& o, int64_t unit, int64_t from, int64_t rows, float* scores)
{
    gemm("NT", rows, o.n, o.d, o.factor, at_row(o.q, unit, from), stride_of(o.q), at_row(o.k, unit, 0), stride_of(o.k), 0, scores, static_cast<int>(o.n));
    if (!o.mask.defined()) return;
    for (int64_t i = 0; i < rows; i++) add(scores + i * o.n, at_row(o.mask, unit, from + i), o.n);
}

// The result [B, H, m, d], and the logarithms of the rows' sums [B, H, m], which only gradients need.
std::tuple<at::Tensor, at::Tensor> attend(const Operands& o, bool with_logarithms)
{
    const int64_t units = o.batch * o.heads, fitting = o.parts(), parts = std::min(o.m, fitting * shares_of_rows(units * fitting, o.m));
    const auto at_once = parts / fitting, longest = at_once * ((o.m + parts - 1) / parts);      // neighbours of one head are one product
    auto result = o.beside(o.m), logarithms = with_logarithms ? at::empty({o.batch, o.heads, o.m}, o.q.options()) : at::Tensor();
    auto* logs = with_logarithms ? logarithms.data_ptr<float>() : nullptr;
    at::parallel_for(0, units * parts, 1, [&](int64_t begin, int64_t end) {
        std::vector<float> scores(longest * o.n), inverses(longest);
        for (auto i = begin, stop = begin; i < end; i = stop) {
            const auto unit = i / parts, first = unit * parts;
            stop = std::min({i + at_once, first + parts, end});
            const auto from = o.m * (i - first) / parts, rows = o.m * (stop - first) / parts - from;
            auto* mixed = at_row(result, unit, from);
            score(o, unit, from, rows, scores.data());
            soften(scores.data(), rows, o.n, inverses.data(), logs == nullptr ? nullptr : logs + unit * o.m + from);
            gemm("NN", rows, o.d, o.n, 1, scores.data(), static_cast<int>(o.n), at_row(o.v, unit, 0), stride_of(o.v), 0, mixed, stride_of(result));
            scale(mixed, rows, o.d, stride_of(result), inverses.data());
        }
    });
    return {result, logarithms};
}

// Gradients by query, key and value.
std::tuple<at::Tensor, at::Tensor, at::Tensor> differentiate(const Operands& o, const at::Tensor& result, const at::Tensor& logarithms, const at::Tensor& gradient)
{
    const auto by_result = readable(gradient);
    const auto parts = o.parts(), longest = (o.m + parts - 1) / parts;
    const auto wide = static_cast<int>(o.n);
    auto by_query = o.beside(o.m), by_key = o.beside(o.n), by_value = o.beside(o.n);
    const auto* logs = logarithms.data_ptr<float>();
    at::parallel_for(0, o.batch * o.heads, 1, [&](int64_t begin, int64_t end) {
        std::vector<float> scores(longest * o.n), by_scores(longest * o.n);
        for (auto unit = begin; unit < end; unit++)
            for (int64_t part = 0; part < parts; part++) {
                const auto from = o.m * part / parts, rows = o.m * (part + 1) / parts - from;
                const float kept = part == 0 ? 0 : 1;
                const auto* upstream = at_row(by_result, unit, from);
                score(o, unit, from, rows, scores.data());
                shares(scores.data(), rows, o.n, logs + unit * o.m + from);
                gemm("TN", o.n, o.d, rows, 1, scores.data(), wide, upstream, stride_of(by_result), kept, at_row(by_value, unit, 0), stride_of(by_value));
                gemm("NT", rows, o.n, o.d, 1, upstream, stride_of(by_result), at_row(o.v, unit, 0), stride_of(o.v), 0, by_scores.data(), wide);
                gradient_of_scores(scores.data(), by_scores.data(), rows, o.n, at_row(result, unit, from), stride_of(result), upstream, stride_of(by_result), o.d);
                gemm("NN", rows, o.d, o.n, o.factor, by_scores.data(), wide, at_row(o.k, unit, 0), stride_of(o.k), 0, at_row(by_query, unit, from), stride_of(by_query));
                gemm("TN", o.n, o.d, rows, o.factor, by_scores.data(), wide, at_row(o.q, unit, from), stride_of(o.q), kept, at_row(by_key, unit, 0), stride_of(by_key));
            }
    });
    return {by_query, by_key, by_value};
}

// A tensor that gets no gradient, perhaps undefined; autograd looks at the others alone.
struct Constant
{
    at::Tensor value;
};

struct Differentiable : torch::autograd::Function<Differentiable>
{
    static at::Tensor forward(torch::autograd::AutogradContext* context, const at::Tensor& query, const at::Tensor& key, const at::Tensor& value, const Constant& mask)
    {
        const Operands operands(query, key, value, mask.value);
        auto [result, logarithms] = attend(operands, true);
        context->save_for_backward({operands.q, operands.k, operands.v, mask.value, result, logarithms});
        return result;
    }

    static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context, torch::autograd::variable_list gradients)
    {
        TORCH_CHECK(!at::GradMode::is_enabled(), "attention in pieces has no second derivatives");
        const auto saved = context->get_saved_variables();
        auto [query, key, value] = differentiate(Operands(saved[0], saved[1], saved[2], saved[3]), saved[4], saved[5], gradients[0]);
        return {query, key, value, at::Tensor()};
    }
};

bool needs_gradient(const at::Tensor& t) { return t.defined() && t.requires_grad(); }

bool plain(const at::Tensor& t) { return t.dim() == 4 && t.scalar_type() == at::kFloat && t.device().is_cpu() && t.layout() == c10::kStrided && t.numel() > 0; }

at::Tensor attention(const at::Tensor& query, const at::Tensor& key, const at::Tensor& value, const c10::optional<at::Tensor>& attn_mask, double dropout_p, bool is_causal)
{
    const auto mask = attn_mask.value_or(at::Tensor());
    const bool differentiates = at::GradMode::is_enabled() && (needs_gradient(query) || needs_gradient(key) || needs_gradient(value) || needs_gradient(mask));
    const bool suits = dropout_p == 0 && !is_causal && plain(query) && plain(key) && plain(value) && !(differentiates && needs_gradient(mask)) &&
        key.sizes() == value.sizes() && query.size(0) == key.size(0) && query.size(1) == key.size(1) && query.size(3) == key.size(3) &&
        (!mask.defined() || (mask.scalar_type() == at::kFloat && mask.device().is_cpu() && mask.dim() <= 4 && mask.dim() > 0 && mask.size(-1) == key.size(2) && mask.stride(-1) == 1)) &&
        std::max({query.size(2), key.size(2), query.size(1) * query.size(3)}) <= std::numeric_limits<int>::max();
    if (!suits) return std::get<0>(at::_scaled_dot_product_attention(query, key, value, attn_mask, dropout_p, false, is_causal));
    return differentiates ? Differentiable::apply(query, key, value, Constant{mask}) : std::get<0>(attend(Operands(query, key, value, mask), false));
}

// Under the name that libtorch 2 gives it. Kept for as long as the process runs.
torch::Library* add_what_lacks()
{
    if (c10::Dispatcher::singleton().findSchema({"aten::scaled_dot_product_attention", ""}).has_value()) return nullptr;
    auto* library = new torch::Library(torch::Library::FRAGMENT, "aten", c10::nullopt, __FILE__, __LINE__);
    library->def("scaled_dot_product_attention(Tensor query, Tensor key, Tensor value, Tensor? attn_mask=None, float dropout_p=0.0, bool is_causal=False) -> Tensor");
    library->impl("scaled_dot_product_attention", torch::dispatch(c10::DispatchKey::CompositeImplicitAutograd, attention));
    return library;
}

const auto* const added = add_what_lacks();

}  // namespace
