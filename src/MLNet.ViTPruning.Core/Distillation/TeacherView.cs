namespace MLNet.ViTPruning.Distillation;

/// <summary>Which images a teacher sees.</summary>
public enum TeacherView
{
    /// <summary>Those that the student sees, augmented alike. The teacher is asked in every step, or once for each image where the images
    /// do not differ from epoch to epoch.</summary>
    Augmented,

    /// <summary>Each image once, before the first step, without augmentation and prepared the teacher's own way: its input size and
    /// preprocessing may be others than the student's. Where CutMix or Mixup mixes two images, what the teacher said of both is mixed in the
    /// shares of their labels. Costs one pass of the teacher whatever the number of epochs; not for the feature kind.</summary>
    Clean,
}
