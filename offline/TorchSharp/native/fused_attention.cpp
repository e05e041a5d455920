// Attention without a pass over all scores in memory, as libtorch 2 has it on CPUs and 1.13, which Debian packages, has not: scores of some queries, their
// softmax and its product with the values stay in the cache. It is what aten::scaled_dot_product_attention does for float where no gradient is asked for.
#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <ATen/core/Tensor.h>
#include <ATen/core/grad_mode.h>
#include <ATen/core/dispatch/Dispatcher.h>
#include <ATen/ops/_scaled_dot_product_attention.h>
#include <ATen/ops/empty.h>
#include <torch/library.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <numeric>
#include <vector>

extern "C" void sgemm_(const char*, const char*, const int*, const int*, const int*, const float*, const float*, const int*, const float*, const int*, const float*, float*, const int*);

#ifdef __x86_64__
#define FOR_EACH_CPU __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define FOR_EACH_CPU
#endif

namespace {

constexpr int64_t scores_in_cache = 1 << 16;    // floats, a fifth of what a core has nearby
constexpr int64_t few_units = 8;                // a thread: below, queries of one head are shared too

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

// Rows become e^(x - largest), and the inverses of their sums.
FOR_EACH_CPU void soften(float* scores, int64_t rows, int64_t columns, float* inverses)
{
    for (int64_t i = 0; i < rows; i++) {
        auto* row = scores + i * columns;
        float largest = -std::numeric_limits<float>::infinity(), sum = 0;
#pragma omp simd reduction(max : largest)
        for (int64_t j = 0; j < columns; j++) largest = row[j] > largest ? row[j] : largest;
#pragma omp simd reduction(+ : sum)
        for (int64_t j = 0; j < columns; j++) {
            row[j] = exponential(row[j] - largest);
            sum += row[j];
        }
        inverses[i] = 1 / sum;
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

at::Tensor fused(const at::Tensor& query, const at::Tensor& key, const at::Tensor& value, const at::Tensor& mask)
{
    const auto q = readable(query), k = readable(key), v = readable(value);
    const int64_t batch = q.size(0), heads = q.size(1), m = q.size(2), d = q.size(3), n = k.size(2), threads = at::get_num_threads();
    const auto bias = mask.defined() ? mask.expand({batch, heads, m, n}) : mask;
    auto result = at::empty({batch, m, heads, d}, q.options());    // heads side by side, as the next layer reads them
    int64_t parts = (m + std::max<int64_t>(1, scores_in_cache / n) - 1) / std::max<int64_t>(1, scores_in_cache / n);
    if (batch * heads * parts < few_units * threads) parts = std::min(m, parts * threads / std::gcd(batch * heads * parts, threads));
    const int width = static_cast<int>(d), seen = static_cast<int>(n), ldq = static_cast<int>(q.stride(2)), ldk = static_cast<int>(k.stride(2)),
        ldv = static_cast<int>(v.stride(2)), ldo = static_cast<int>(heads * d);
    const float one = 1, zero = 0, factor = static_cast<float>(1 / std::sqrt(static_cast<double>(d)));
    const auto longest = (m + parts - 1) / parts;
    auto* out = result.data_ptr<float>();
    at::parallel_for(0, batch * heads * parts, 1, [&](int64_t begin, int64_t end) {
        std::vector<float> scores(longest * n), inverses(longest);
        for (auto unit = begin; unit < end; unit++) {
            const auto image = unit / parts / heads, head = unit / parts % heads, part = unit % parts, from = m * part / parts;
            const int rows = static_cast<int>(m * (part + 1) / parts - from);
            const auto at = [&](const at::Tensor& t, int64_t row) { return t.data_ptr<float>() + image * t.stride(0) + head * t.stride(1) + row * t.stride(2); };
            auto* mixed = out + (image * m + from) * ldo + head * d;
            // BLAS counts columns first: it sees every matrix transposed, and products in the other order.
            sgemm_("T", "N", &seen, &rows, &width, &factor, at(k, 0), &ldk, at(q, from), &ldq, &zero, scores.data(), &seen);
            if (bias.defined())
                for (int64_t i = 0; i < rows; i++) {
                    const auto* added = at(bias, from + i);
                    auto* row = scores.data() + i * n;
                    for (int64_t j = 0; j < n; j++) row[j] += added[j];
                }
            soften(scores.data(), rows, n, inverses.data());
            sgemm_("N", "N", &width, &rows, &seen, &one, at(v, 0), &ldv, scores.data(), &seen, &zero, mixed, &ldo);
            scale(mixed, rows, d, ldo, inverses.data());
        }
    });
    return result.transpose(1, 2);
}

bool needs_gradient(const at::Tensor& t) { return t.defined() && t.requires_grad(); }

bool plain(const at::Tensor& t) { return t.dim() == 4 && t.scalar_type() == at::kFloat && t.device().is_cpu() && t.layout() == c10::kStrided && t.numel() > 0; }

at::Tensor attention(const at::Tensor& query, const at::Tensor& key, const at::Tensor& value, const c10::optional<at::Tensor>& attn_mask, double dropout_p, bool is_causal)
{
    const auto mask = attn_mask.value_or(at::Tensor());
    const bool differentiates = at::GradMode::is_enabled() && (needs_gradient(query) || needs_gradient(key) || needs_gradient(value) || needs_gradient(mask));
    const bool suits = !differentiates && dropout_p == 0 && !is_causal && plain(query) && plain(key) && plain(value) &&
        key.sizes() == value.sizes() && query.size(0) == key.size(0) && query.size(1) == key.size(1) && query.size(3) == key.size(3) &&
        (!mask.defined() || (mask.scalar_type() == at::kFloat && mask.device().is_cpu() && mask.dim() <= 4 && mask.dim() > 0 && mask.size(-1) == key.size(2) && mask.stride(-1) == 1)) &&
        std::max({query.size(2), key.size(2), query.size(1) * query.size(3)}) <= std::numeric_limits<int>::max();
    return suits ? fused(query, key, value, mask) : std::get<0>(at::_scaled_dot_product_attention(query, key, value, attn_mask, dropout_p, false, is_causal));
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
