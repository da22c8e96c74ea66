package io.trustedlaunch.operator.image;

import io.trustedlaunch.api.image.ImageCopy;
import java.util.List;
import java.util.Set;

/**
 * Whether an image can be imported.
 *
 * @param locations the names of all storage locations
 * @param credentials for the image's source
 * @param copies of the image
 */
record ImageCopyFacts(Set<String> locations, PullCredentialsFacts credentials, List<ImageCopy> copies) {}
