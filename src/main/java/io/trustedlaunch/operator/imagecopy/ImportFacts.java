package io.trustedlaunch.operator.imagecopy;

import io.soabase.recordbuilder.core.RecordBuilder;
import io.trustedlaunch.api.GuestImage;
import io.trustedlaunch.api.ImageCopy;
import io.trustedlaunch.operator.image.PullCredentialsFacts;
import io.trustedlaunch.placement.SharedLocations;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * All that is decided by whether an image is to be copied to one more place.
 *
 * @param starts that may need it
 * @param copies of it
 * @param locations the paths of storage locations by their names
 * @param alive nodes whose agents live
 * @param credentials what is needed for the source
 * @param seals what an envelope for a node must be of; without the nodes that nothing can be sealed to
 */
@RecordBuilder
record ImportFacts(
        GuestImage image,
        List<FirstStart> starts,
        List<ImageCopy> copies,
        Map<String, String> locations,
        SharedLocations shared,
        Set<String> alive,
        PullCredentialsFacts credentials,
        Map<String, String> seals) {}
