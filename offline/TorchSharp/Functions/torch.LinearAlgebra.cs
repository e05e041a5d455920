using System;
using System.Collections.Generic;

namespace TorchSharp;

public static partial class torch
{
    public static Tensor matmul(Tensor input, Tensor target) => Aten.matmul.Call(input, target);
    public static Tensor mm(Tensor input, Tensor target) => Aten.mm.Call(input, target);
    public static Tensor bmm(Tensor input, Tensor batch2) => Aten.bmm.Call(input, batch2);
    public static Tensor mv(Tensor input, Tensor target) => Aten.mv.Call(input, target);
    public static Tensor dot(Tensor input, Tensor other) => Aten.dot.Call(input, other);
    public static Tensor vdot(Tensor input, Tensor target) => Aten.vdot.Call(input, target);
    public static Tensor outer(Tensor input, Tensor vec2) => Aten.outer.Call(input, vec2);
    public static Tensor ger(Tensor input, Tensor vec2) => Aten.ger.Call(input, vec2);
    public static Tensor inner(Tensor input, Tensor vec2) => Aten.inner.Call(input, vec2);
    public static Tensor addmm(Tensor input, Tensor mat1, Tensor mat2, float beta, float alpha) =>
        input.addmm(mat1, mat2, beta, alpha);
    public static Tensor addmv(Tensor input, Tensor mat1, Tensor mat2, float beta, float alpha) =>
        input.addmv(mat1, mat2, beta, alpha);
    public static Tensor addr(Tensor input, Tensor vec1, Tensor vec2, float beta = 1, float alpha = 1) =>
        Aten.addr.Call(input, vec1, vec2, beta, alpha);
    public static Tensor baddbmm(Tensor input, Tensor batch1, Tensor batch2, float beta = 1, float alpha = 1) =>
        Aten.baddbmm.Call(input, batch1, batch2, beta, alpha);
    public static Tensor addbmm(Tensor input, Tensor batch1, Tensor batch2, float beta = 1, float alpha = 1) =>
        Aten.addbmm.Call(input, batch1, batch2, beta, alpha);
    public static Tensor kron(Tensor input, Tensor other) => Aten.kron.Call(input, other);
    public static Tensor einsum(string equation, params Tensor[] tensors) => Aten.einsum.Call(equation, tensors);
    public static Tensor tensordot(Tensor a, Tensor b, long[] dims1, long[] dims2) => Aten.tensordot.Call(a, b, dims1, dims2);
    public static Tensor inverse(Tensor input) => Aten.inverse.Call(input);
    public static Tensor det(Tensor input) => Aten.det.Call(input);
    public static Tensor logdet(Tensor input) => Aten.logdet.Call(input);
    public static Tensor pinverse(Tensor input, double rcond = 1E-15, bool hermitian = false) =>
        Aten.linalg_pinv.Call(input, rcond, hermitian);
    public static Tensor cholesky(Tensor input) => Aten.cholesky.Call(input);
    public static Tensor cholesky(Tensor input, bool upper) => Aten.cholesky.Call(input, upper);
    public static Tensor cholesky_inverse(Tensor input, bool upper = false) => Aten.cholesky_inverse.Call(input, upper);
    public static Tensor cholesky_solve(Tensor input, Tensor input2, bool upper = false) => Aten.cholesky_solve.Call(input, input2, upper);
    public static Tensor matrix_power(Tensor input, int n) => Aten.matrix_power.Call(input, n);
    public static Tensor matrix_exp(Tensor input) => Aten.matrix_exp.Call(input);
    public static Tensor cov(Tensor input, long correction = 1, Tensor fweights = null, Tensor aweights = null) =>
        Aten.cov.Call(input, correction, fweights, aweights);
    public static Tensor corrcoef(Tensor input) => Aten.corrcoef.Call(input);
    public static Tensor chain_matmul(params Tensor[] matrices) => Aten.chain_matmul.Call(matrices);
}
