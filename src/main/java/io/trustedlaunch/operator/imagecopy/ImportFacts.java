package io.trustedlaunch.operator.imagecopy;

import io.soabase.recordbuilder.core.RecordBuilder;
import io.trustedlaunch.api.image.GuestImage;
import io.trustedlaunch.api.image.ImageCopy;
import io.trustedlaunch.operator.image.PullCredentialsFacts;
import io.trustedlaunch.placement.SharedLocations;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The facts from which the imports of an image are planned.
 *
 * @param needs of the image
 * @param copies of the image
 * @param locations the paths of storage locations, by name
 * @param alive the nodes whose agents are alive
 * @param enrolled the nodes that may be given something to import
 * @param credentials for the image's source
 * @param seals by node: the version that its envelope must have; nodes without a usable certificate are left out
 */
@RecordBuilder
record ImportFacts(
        GuestImage image,
        List<ImageNeed> needs,
        List<ImageCopy> copies,
        Map<String, String> locations,
        SharedLocations shared,
        Set<String> alive,
        Set<String> enrolled,
        PullCredentialsFacts credentials,
        Map<String, String> seals) {}
