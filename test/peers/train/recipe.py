"""The step that both sides of compare.sh train make; test/peers/Worker/TrainingWorker.cs has the same numbers."""
RECIPE = {"learningRate": 1e-4, "weightDecay": 0.05, "gradientClip": 1.0, "labelSmoothing": 0.1}
