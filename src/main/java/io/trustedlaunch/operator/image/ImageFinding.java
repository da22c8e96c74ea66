package io.trustedlaunch.operator.image;

import io.trustedlaunch.catalog.CatalogMatch;
import io.trustedlaunch.eligibility.EligibilityVerdict;
import java.util.Optional;

/**
 * The result of the evaluation of an image.
 *
 * @param digest of its file; empty while it is not known
 * @param match the catalog that lists this digest
 */
record ImageFinding(EligibilityVerdict verdict, Optional<String> digest, Optional<CatalogMatch> match) {}
