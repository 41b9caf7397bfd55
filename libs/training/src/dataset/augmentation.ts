/** How training images are varied. No effect on scoring and evaluation. */
export interface Augmentation {
  /** Images are shifted by up to this many pixels in each direction; what comes in is zero after normalization. 0: no shift. */
  readonly pad: number;
  /** Probability in [0, 1] that an image is mirrored left to right. */
  readonly flipProbability: number;
}

export const noAugmentation: Augmentation = { pad: 0, flipProbability: 0 };

/**
 * The published augmentation of CIFAR [He et al. 2016, section 4.2: pad by 4 of 32 pixels, random crop, mirror with probability 1/2], scaled.
 *
 * @param strength - 0: none, 1: as published; in proportion between and above.
 * @param height - of the images, in pixels.
 * @param flippable - see {@link Dataset.flippable}; false keeps images unmirrored at any strength.
 */
export function augmentationOfStrength(strength: number, height: number, flippable: boolean): Augmentation {
  return {
    pad: Math.round((strength * height) / 8),
    flipProbability: flippable ? Math.min(0.5, strength / 2) : 0,
  };
}
