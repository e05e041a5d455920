"""The step that both sides of compare.sh train make; test/peers/Worker/TrainingWorker.cs has the same numbers."""
RATE, DECAY, CLIP, SMOOTHING = 1e-4, 0.05, 1.0, 0.1
