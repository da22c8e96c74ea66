package io.trustedlaunch.operator.image;

import io.trustedlaunch.api.ImageCopy;
import java.util.List;
import java.util.Set;

/**
 * What decides whether an image can be brought to where VMs are.
 *
 * @param locations the names of the storage locations that exist
 * @param credentials for its source
 * @param copies of it
 */
record ImageCopyFacts(Set<String> locations, PullCredentialsFacts credentials, List<ImageCopy> copies) {}
