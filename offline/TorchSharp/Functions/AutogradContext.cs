using System;
using System.Collections.Generic;

namespace TorchSharp;

public static partial class torch
{
    public static partial class autograd
    {
        /// <summary>What a function's forward pass leaves for its backward pass.</summary>
        public class AutogradContext : IDisposable
        {
            private readonly Dictionary<string, object> _data = [];
            private List<Tensor> _saved = [];

            internal AutogradContext() { }

            internal List<Tensor> Constant { get; private set; } = [];

            /// <summary>Whether results without a gradient come to the backward pass as zeros instead of <see langword="null"/>.</summary>
            public bool MaterializeGrads { get; private set; } = true;

            public void set_materialize_grads(bool value) => MaterializeGrads = value;

            // Results are saved without their history: with it the graph would hold itself.
            public void save_for_backward(List<Tensor> tensors) =>
                _saved = tensors.ConvertAll(t => (t.requires_grad ? t.alias() : t.detach()).DetachFromDisposeScope());

            public List<Tensor> get_saved_variables() => _saved.ConvertAll(t => t.alias());
            public void save_data(string key, object value) => _data[key] = value;
            public object get_data(string key) => _data[key];
            public void mark_non_differentiable(List<Tensor> tensors) => Constant = tensors;
            public void mark_dirty(List<Tensor> tensors) => throw new NotSupportedException("Functions that change their arguments in place.");

            public void Dispose()
            {
                Dispose(true);
                GC.SuppressFinalize(this);
            }

            protected virtual void Dispose(bool disposing)
            {
                foreach (var t in _saved) t.Dispose();
                _saved = [];
            }
        }
    }
}
