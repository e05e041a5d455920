"""How much of a difference between accuracies may be chance."""
import math


def error(images, *top1):
    """The counting error, in points, of the difference of two accuracies in percent, each counted over so many images."""
    return math.sqrt(sum(one * (100 - one) for one in top1) / images)
