namespace MLNet.ViTPruning.PatchSkipping.Calibration;

/// <summary>What a fit to a target gave.</summary>
/// <param name="Target">Share of the executed multiply-adds that was to be saved.</param>
/// <param name="MacsSaved">Share that the fitted model saves: mean over the images, or exact where the number of patches is fixed.</param>
/// <param name="Images">Images that it was fitted on; 0 where none were needed.</param>
/// <param name="Passes">How often they were seen.</param>
public sealed record SkipCalibration(double Target, double MacsSaved, int Images, int Passes);
