// What batched products and attention have in common: BLAS's product, and how few matrices are shared among threads.
#pragma once

#include <ATen/Parallel.h>

#include <algorithm>
#include <cstdint>
#include <numeric>

extern "C" {
void sgemm_(const char*, const char*, const int*, const int*, const int*, const float*, const float*, const int*, const float*, const int*, const float*, float*, const int*);
void dgemm_(const char*, const char*, const int*, const int*, const int*, const double*, const double*, const int*, const double*, const int*, const double*, double*, const int*);
}

// Into how many shares of rows each of some matrices falls: few of them, as the heads of one image, would leave threads without work.
inline int64_t shares_of_rows(int64_t matrices, int64_t rows)
{
    constexpr int64_t few = 8;    // a thread: from there on, one matrix more or less makes little difference
    const auto threads = static_cast<int64_t>(at::get_num_threads());
    return matrices >= few * threads ? 1 : std::min(rows, threads / std::gcd(matrices, threads));
}
